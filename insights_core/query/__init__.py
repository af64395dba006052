"""Queries: what may be read at all, and by whom."""
