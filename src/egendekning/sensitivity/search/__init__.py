"""The cheapest mix of levers that reaches a target with a wanted probability, or what would have to be true.

The package takes a bound study and returns labelled results. It refuses to draw pictures, to print, and to judge
whether a mix is wise: it knows the costs and effects that the model has, and nothing of what the model leaves out.
"""
