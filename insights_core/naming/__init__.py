"""Names from meanings: drafted by rules, told apart, cleaned."""

from .clean import clean
from .draft import Draft, draft
from .joint import has_words_of
from .siblings import name_all

__all__ = [
    "Draft",
    "clean",
    "draft",
    "has_words_of",
    "name_all",
]
