"""Sweeps over levers, drivers and constants, and what they teach: indices, robust advice, search, loops that matter.

Every part takes a bound study or a labelled dataset and returns one. The package draws no pictures and prints nothing;
it does not fit constants to data (`calibrate`) nor judge the model (`validate`).
"""
