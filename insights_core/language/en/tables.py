"""English: its tables and its grammar, put together."""

from __future__ import annotations

from insights_core.language.protocol import Language

from . import grammar
from .catalogues import CATALOGUES
from .claims import ALIKE, CLAIMS, NEUTRAL
from .identifiers import IDENTIFIERS
from .known import KNOWN
from .patterns import PATTERNS
from .words import WORDS


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SYNONYMS = {
    "success": {"true": "successful", "false": "failed"},
    "successful": {"true": "successful", "false": "failed"},
    "succeeded": {"true": "successful", "false": "failed"},
    "ok": {"true": "successful", "false": "failed"},
    "failed": {"true": "failed", "false": "successful"},
    "error": {"true": "failed", "false": "successful"},
    "handled": {"true": "handled", "false": "unhandled"},
    "active": {"true": "active", "false": "inactive"},
    "paid": {"true": "paid", "false": "unpaid"},
    "result": {"success": "successful", "failure": "failed", "failed": "failed", "error": "failed"},
    "status": {
        "success": "successful",
        "failure": "failed",
        "failed": "failed",
        "error": "failed",
        "done": "completed",
    },
    "state": {"success": "successful", "failure": "failed", "failed": "failed", "error": "failed", "done": "completed"},
}

ENGLISH = Language(
    code="en",
    identifiers=IDENTIFIERS,
    patterns=PATTERNS,
    words={**WORDS, **CATALOGUES},
    known=KNOWN,
    synonyms=_SYNONYMS,
    acronyms=grammar.ACRONYMS,
    small=grammar.SMALL,
    mathematical=_set(
        "average median minimum maximum unique daily weekly monthly total count users sessions groups with per by"
    ),
    rates={"successful": "success", "failed": "failure", "completed": "completion", "handled": "handling"},
    doing={
        "closed": "close",
        "resolved": "resolve",
        "completed": "complete",
        "merged": "merge",
        "delivered": "deliver",
        "shipped": "ship",
        "paid": "pay",
        "approved": "approve",
        "responded": "respond",
        "reviewed": "review",
        "answered": "answer",
        "fixed": "fix",
        "deployed": "deploy",
        "activated": "activate",
        "converted": "convert",
        "published": "publish",
        "processed": "process",
        "accepted": "accept",
        "resolution": "resolve",
    },
    claims=CLAIMS,
    neutral=NEUTRAL,
    alike=ALIKE,
    opposing=("un", "non"),
    elides=True,
    plural=grammar.plural,
    singular=grammar.singular,
    is_participle=grammar.is_participle,
    counted=grammar.counted,
    step=grammar.step,
    deed=grammar.deed,
    action=grammar.action,
    thing=grammar.thing,
    agree=lambda adjective, _: adjective,
    joint=lambda _, __: " ",
    cased=grammar.cased,
    stem=grammar.stem,
)
