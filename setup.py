"""Names the packages, which pyproject.toml cannot: those found under `src`, and the three data folders mapped there.

Everything else about the build stands in pyproject.toml.
"""

from setuptools import find_packages, setup

DATA_FOLDERS = ("model", "scenarios", "calibration")

setup(packages=[*find_packages("src"), *(f"egendekning._study.{folder}" for folder in DATA_FOLDERS)])
