"""Where insights and views are kept: one protocol, one file an engine."""

from ._protocol import Store

__all__ = ["Store"]
