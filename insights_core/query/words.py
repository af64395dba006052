"""Identifiers to words: `$geoip_country_code`, `isError`, `api:v2/users.list`, `[Amplitude] Revenue`, "Signed up".

Nothing in here knows a language; what the words mean and how they bend is the business of the names.
"""

from __future__ import annotations

import re
from functools import lru_cache

_VENDOR = re.compile(r"^\[[^\]]*\]\s+(?=\S)")
_JOINTS = re.compile(r"[\W_]+")
# userName, top10Pages, HTTPServer; but iOS, tRPC and B2B stay whole.
_CAMEL = re.compile(
    r"(?<=[a-z][a-z])(?=[A-Z])|(?<=[A-Z][a-z])(?=[A-Z])|(?<=[a-z]\d)(?=[A-Z])|(?<=[a-z]\d\d)(?=[A-Z])"
    r"|(?<=[A-Z])(?=[A-Z][a-z]{2})"
)
_NUMERIC_ID = re.compile(r"(?=[a-f]*\d)[0-9a-f]{7,}|\d{5,}", re.IGNORECASE)
_MACHINE = re.compile(r"[\w$.:/\-\[\]*]+")
_LABEL_WORD = re.compile(r"[^\W_]+(?:['’.+#&][^\W_]+)*(?:\+\+|#)?")
LONGEST = 300
"""What is longer is no identifier; a name has 60 characters. Nothing longer is kept in a cache either."""


def is_label(text: str) -> bool:
    """Whether this was written for people (`Signed up`) and not for machines (`signed_up`)."""
    return _MACHINE.fullmatch(text) is None


def split(identifier: str) -> tuple[str, ...]:
    """Return the words of an identifier in lower case, those of a label as they are spelt; ids are dropped.

    >>> split("$geoip_country_code"), split("HTTPServerError"), split("Signed up on iOS")
    (('geoip', 'country', 'code'), ('http', 'server', 'error'), ('Signed', 'up', 'on', 'iOS'))
    """
    return _split(identifier[:LONGEST])


@lru_cache(maxsize=8192)
def _split(identifier: str) -> tuple[str, ...]:
    text = _VENDOR.sub("", identifier.strip())
    if is_label(text):
        # Underscores are joints in a label too; its spelling (iOS, PostHog) stays.
        return tuple(word for word in _LABEL_WORD.findall(text.replace("_", " ")) if not _NUMERIC_ID.fullmatch(word))
    parts = (part for part in _JOINTS.split(text) if part and not _NUMERIC_ID.fullmatch(part))
    return tuple(word.lower() for part in parts for word in _CAMEL.split(part))


def folded(identifier: str) -> tuple[str, ...]:
    """Return the words in lower case, so that `Signed up`, `signedUp` and `signed_up` are one."""
    return tuple(word.lower() for word in split(identifier))
