"""Kept for what still imports words from here; they live in `query.words`."""

from insights_core.query.words import LONGEST, folded, is_label, split

__all__ = ["LONGEST", "folded", "is_label", "split"]
