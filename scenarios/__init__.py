"""The policy levers and the shipped scenarios: data only, read through `egendekning.study`."""
