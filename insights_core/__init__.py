"""Saved analytics queries, who viewed them when, and a short true name for each."""

from .errors import (
    BackendError,
    BackendUnavailable,
    Conflict,
    InsightsError,
    InvalidInput,
    InvalidQuery,
    NotFound,
    PluginError,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreUnusable,
)
from .facade import Insights, Project
from .hookspecs import NamingBackend, NamingRequest, hookimpl
from .model import Insight, Name, Receipt, RecentInsight
from .namer import Namer

__all__ = [
    "BackendError",
    "BackendUnavailable",
    "Conflict",
    "Insight",
    "Insights",
    "InsightsError",
    "InvalidInput",
    "InvalidQuery",
    "Name",
    "Namer",
    "NamingBackend",
    "NamingRequest",
    "NotFound",
    "PluginError",
    "Project",
    "Receipt",
    "RecentInsight",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreUnusable",
    "hookimpl",
]
