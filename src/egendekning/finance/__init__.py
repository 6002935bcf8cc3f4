"""What the finance department reads: economy-plan tables that add up, effects taken apart to the krone, who gains.

Every part takes a bound study and runs of it and returns labelled tables. The package draws no pictures and prints
nothing; the rules of the national income system are dated data in the study, not code.
"""
