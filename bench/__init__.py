"""Side-by-side measurements: `python -m bench NAME`. Ratios within one run, never bare times."""
