"""Keys of the HTTP server: made once, kept as a hash, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from . import inputs
from .errors import InvalidInput, NotFound, StoreError
from .model import Key, StoredKey
from .moments import LATEST, from_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from .store import Store

READ, WRITE = "insight:read", "insight:write"
SCOPES = (READ, WRITE)
_MARK = "ik_"
_PREFIX = 12
"""Characters by which a key is known."""
_BYTES = 32
_HOUR = 60 * 60 * 1_000_000
# What an unknown key is compared with, so that it takes as long as a known one.
_NO_HASH = hashlib.sha256(b"").hexdigest()


class NewKey(NamedTuple):
    """A key that was just made; its text is shown once, and kept nowhere."""

    text: str
    key: Key


class Keys:
    """The keys of a store."""

    def __init__(self, store: Store, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now

    def create(
        self, user: str, scope: str, *, projects: Iterable[str] = (), expires: timedelta | None = None
    ) -> NewKey:
        """Make a key for a user.

        Args:
            user: Whose it is: views by this key are theirs.
            scope: `insight:read`, or `insight:write`, which includes it.
            projects: What it may reach; every project where none is given.
            expires: After how long it is no longer taken, more than nothing.

        Raises:
            InvalidInput: Anything else.
        """
        if not isinstance(scope, str) or scope not in SCOPES:
            raise InvalidInput(f"a scope is {' or '.join(SCOPES)}, not {inputs.shown(scope)}")
        now = self._now()
        text = _MARK + secrets.token_urlsafe(_BYTES)
        key = StoredKey(
            text[:_PREFIX], _hash(text), inputs.key(user, "a user id"), scope,
            json.dumps(_projects(projects), ensure_ascii=False), now, _end(expires, now), None,
        )  # fmt: skip
        self._store.add_key(key)
        return NewKey(text, _shown(key))

    def list(self) -> list[Key]:
        """Return all keys, the oldest first."""
        return [_shown(key) for key in self._store.list_keys()]

    def revoke(self, prefix: str) -> None:
        """Remove a key for good, by its prefix or the whole of it; `NotFound` where there is none.

        Raises:
            InvalidInput: This is no text.
        """
        known = inputs.text(prefix, "a key")[:_PREFIX]
        if not self._store.remove_key(known):
            raise NotFound(f"no key begins with {inputs.shown(known)}", insight=known)

    def authenticate(self, text: str) -> Key | None:
        """Return the key that this text is, or None where it is none or has expired.

        That it was used is recorded at most once an hour: reading does not write.

        Raises:
            InvalidInput: This is not even text.
        """
        if not isinstance(text, str):
            raise InvalidInput(f"a key is text, not a {type(text).__name__}")  # which may be the key, as bytes
        # No key holds anything else, and the store cannot look for all of it.
        found = self._store.find_key(text[:_PREFIX]) if text.isascii() and text.isprintable() else None
        right = hmac.compare_digest(_hash(text), found.hash if found else _NO_HASH)
        now = self._now()
        if found is None or not right or (found.expires_at is not None and found.expires_at <= now):
            return None
        if found.last_used_at is None or now - found.last_used_at >= _HOUR:
            with suppress(StoreError):  # what cannot be written to can still be read
                self._store.touch_key(found.prefix, now)
        return _shown(found)


def _projects(given: object) -> list[str]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise InvalidInput(f"projects must be a list of project ids, not {inputs.shown(given)}")
    return sorted({inputs.key(project, "a project id") for project in given})


def _end(expires: object, now: int) -> int | None:
    if expires is None:
        return None
    if not isinstance(expires, timedelta):
        raise InvalidInput(f"expires must be a timedelta, not {inputs.shown(expires)}")
    end = now + expires // timedelta(microseconds=1)
    if not now < end <= LATEST:
        raise InvalidInput("a key must expire later than now, and before the year 10000")
    return end


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _shown(key: StoredKey) -> Key:
    expires, used = key.expires_at, key.last_used_at
    return Key(
        key.prefix, key.user, key.scope, tuple(json.loads(key.projects)), from_microseconds(key.created_at),
        None if expires is None else from_microseconds(expires), None if used is None else from_microseconds(used),
    )  # fmt: skip
