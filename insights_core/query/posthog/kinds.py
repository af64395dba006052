"""Every kind of node, and the room that reads it."""

from __future__ import annotations

from . import experiments, legacy, nodes, products, tables, wrappers
from .base import READERS, read

__all__ = ["READERS", "read"]

for _room in (nodes, wrappers, legacy, tables, experiments, products):
    READERS.update(_room.READERS)
