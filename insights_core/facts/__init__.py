"""Meanings as plain facts, for the check of names that others wrote; nothing else speaks of them."""
