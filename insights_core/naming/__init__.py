"""Names from facts: drafted by rules, cleaned, and checked against the query."""

from .clean import clean
from .draft import Draft, draft
from .verify import verify

__all__ = ["Draft", "clean", "draft", "verify"]
