"""Names from facts: drafted by rules, told apart, cleaned, and checked against the query."""

from .clean import clean
from .draft import Draft, draft
from .family import name_all
from .verify import verify

__all__ = ["Draft", "clean", "draft", "name_all", "verify"]
