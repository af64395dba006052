"""English."""

from .tables import ENGLISH

__all__ = ["ENGLISH"]
