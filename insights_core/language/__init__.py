"""The languages that names are written in: what one is made of, and one folder for each."""
