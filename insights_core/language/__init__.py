"""The languages that names are written in: what one is made of, and one folder for each."""

LANGUAGES = {"en": "insights_core.language.en:ENGLISH"}
"""The built-in ones, by their code; imported where they are asked for."""
