"""Names from meanings: drafted by rules, told apart, cleaned, and checked against the query."""

from .clean import clean
from .draft import Draft, draft
from .joint import has_words_of
from .pipeline import fingerprint
from .siblings import name_all
from .verify import verify

__all__ = [
    "Draft",
    "clean",
    "draft",
    "fingerprint",
    "has_words_of",
    "name_all",
    "verify",
]
