"""What a language is made of: tables, and a function for the plural. No code asks which language it is in.

A name is built from patterns (`"[{interval} ]{measure}[ by {breakdown}]"`): a slot is filled with words, and what stands in
square brackets goes with its slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that what was made in it can be cached
class Language:
    """The tables of one language. All words in them are in lower case unless they are always written otherwise."""

    code: str
    patterns: Mapping[str, str]
    """How parts of a name are put together, by the kind of the query or the part."""
    words: Mapping[str, str]
    """The words for the codes of the facts: `math.avg`, `interval.week`, `kind.funnel`, …"""
    known: Mapping[str, str]
    """What people call well-known events and properties."""
    synonyms: Mapping[str, Mapping[str, str]]
    """The published table of what a condition may be called: property word → value → adjective."""
    acronyms: Mapping[str, str]
    """How words are always spelt: `api` → `API`, `ios` → `iOS`."""
    abbreviations: Mapping[str, str]
    """What short forms in identifiers stand for: `avg` → `average`."""
    small: frozenset[str]
    """Words that stay small in Title Case."""
    verbs: Mapping[str, str]
    """Past participles, and verbs that open an identifier, with their noun: `clicked` → `click`, `view` → `view`."""
    actions: Mapping[str, str]
    """What was done as a noun, for where an event describes something else: failed → failure."""
    participles: frozenset[str]
    """Participles that have no ending to know them by: `sent`, `paid`."""
    participle_endings: tuple[str, ...]
    not_participles: frozenset[str]
    mass: frozenset[str]
    """Nouns without a plural."""
    actors: frozenset[str]
    """Who does things (`user signed up`): said by the verb already."""
    fillers: frozenset[str]
    """Words of identifiers that say nothing to a person: `id`, `name`, `tbl`."""
    flags: frozenset[str]
    """Words in front of a yes-or-no property: `is_paid`."""
    units: frozenset[str]
    """Units at the end of a property: `duration_ms`."""
    counting: frozenset[str]
    """Words of an alias that only say that something is counted."""
    totals: frozenset[str]
    """Those of them that say nothing of a number of things: what is left of `total_revenue` is no plural."""
    moments: frozenset[str]
    """Words that only say that a column holds a moment: `merged_at`."""
    leading: frozenset[str]
    """Verbs that open an identifier and go to the end as a noun: `view_cart`."""
    mathematical: frozenset[str]
    """Words of aggregations: what series share in them alone is nothing."""
    statuses: frozenset[str]
    """Properties whose value describes the thing: `status`, `type`, `priority`."""
    rates: Mapping[str, str]
    """The noun of an adjective, as it stands in front of "rate": failed → failure."""
    telling: frozenset[str]
    """Properties that say enough without what they are of: `revenue`."""
    ranked: frozenset[str]
    """Properties whose values people rank: their breakdown in a table or bar chart is a top list."""
    plain_events: frozenset[str]
    """Events that stand for being there at all; a count of users on them is the users."""
    blank: frozenset[str]
    """Words that an alias has where nobody thought of one: `value`, `n`, `total`."""
    plumbing: frozenset[str]
    """Words of table names that only say how the table is kept: `dim`, `staging`, `report`."""
    generic: frozenset[str]
    """Nouns of quantities that say little without what they are of: rate, cost, size."""
    attributive: frozenset[str]
    """Properties that say little without what they are of: type, status."""
    naming: frozenset[str]
    """Properties that only say which one: `name`, `id`; split by them is split by the thing."""
    aggregating: frozenset[str]
    """Words of an alias that say how it was computed: average, total."""
    short_units: frozenset[str]
    """Units that people leave out of a name."""
    doing: Mapping[str, str]
    """What is done in the time to it: closed → close."""
    ends: frozenset[str]
    """Words of the moment that ends a span: what lies between it and the start is a duration."""
    degrees: frozenset[str]
    """Values that describe no thing in front of which they stand: high, other."""
    testing: frozenset[str]
    """Words of a flag's key that only say that it is one: `exp`, `flag`."""
    bland: frozenset[str]
    """Words that inform least: two names that differ in them alone are as good as one."""
    claims: Mapping[str, str]
    """What a name may say for a fact: its code → the phrases, with ` | ` between. `verify` reads it."""
    neutral: str
    """Phrases that say nothing of the query, likewise."""
    alike: tuple[str, ...]
    """Phrases that mean the same, likewise."""
    plural: Callable[[str], str]
    singular: Callable[[str], str]
    agree: Callable[[str, tuple[str, ...]], str]
    """An adjective as it stands beside a noun, whose words follow; the form of the tables goes in."""
    stem: Callable[[str], str]
    """What the forms of a word have in common: saves, saved and saving → save."""
