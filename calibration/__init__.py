"""Observations with source and grade: data only, read through `egendekning.study`."""
