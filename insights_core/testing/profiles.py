"""What an implementation is held to."""

from __future__ import annotations

from typing import NamedTuple


class Profile(NamedTuple):
    """What is asked of a subject, and what it is let off."""

    name: str
    viewed_statuses: frozenset[int]
    """What `viewed` may answer over HTTP."""
    ties_by_id: bool
    """Whether equal times go by id, the larger first; otherwise any order of them will do."""
    later_is_later: bool
    """Whether a later call has a later time, whatever the clock does; otherwise an equal one will do."""
    to_the_letter: bool
    """Whether what the hosted service leaves open is asked for: exact fields, error bodies, and calls of our own."""


STRICT = Profile("strict", frozenset({200}), ties_by_id=True, later_is_later=True, to_the_letter=True)
"""What our semantics say, to the letter."""
HOSTED = Profile("hosted", frozenset(range(200, 300)), ties_by_id=False, later_is_later=False, to_the_letter=False)
"""What the hosted service behind the contract is known to do: any 2xx for `viewed`, any order among equal times, no guard
against clocks that stand still or step back."""
PROFILES = {profile.name: profile for profile in (STRICT, HOSTED)}
