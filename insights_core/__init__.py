"""Saved analytics queries, who viewed them when, and a short true name for each."""

from .errors import (
    BackendError,
    BackendUnavailable,
    Conflict,
    FileFailed,
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
from .facade import Insights
from .hookspecs import NamingBackend, NamingRequest, hookimpl
from .model import CheckReport, Insight, Name, Page, Receipt, RecentInsight, TrendingInsight
from .namer import Namer
from .project import Project, Proposal

__all__ = [
    "BackendError",
    "BackendUnavailable",
    "CheckReport",
    "Conflict",
    "FileFailed",
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
    "Page",
    "PluginError",
    "Project",
    "Proposal",
    "Receipt",
    "RecentInsight",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreUnusable",
    "TrendingInsight",
    "hookimpl",
]
