"""The Drammen model and its evidence: data only, read through `egendekning.study`."""
