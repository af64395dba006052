"""Names from facts: drafted by rules, told apart, cleaned, and checked against the query."""

from .clean import clean
from .draft import Draft, draft
from .family import name_all
from .pipeline import fingerprint
from .variants import has_words_of, variants
from .verify import verify

__all__ = [
    "Draft",
    "clean",
    "draft",
    "fingerprint",
    "has_words_of",
    "name_all",
    "variants",
    "verify",
]
