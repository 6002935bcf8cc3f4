"""Where an installed wheel keeps the shipped folders `model`, `scenarios` and `calibration`; holds no code."""
