"""What a language is made of: tables, and a small grammar. No code asks which language it is in.

A name is built from patterns (`"[{interval} ]{measure}[ by {breakdown}]"`): a slot is filled with words, and what stands in
square brackets goes with its slots. `{adjective~measure}` is bent after the noun in another slot, and so is a word of the
language, `{=double~measure}`. Order, joints and blanks are the pattern's alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Words: TypeAlias = tuple[str, ...]
Style: TypeAlias = str
"""`title` or `sentence`."""
Kind: TypeAlias = Literal["", "label", "adjective", "own"]


class Spot(NamedTuple):
    """Where a word of a name stands, for the case of its letters."""

    kind: Kind
    """`own` for words of the language's tables, `adjective` for what was bent after a noun, `label` for what an author
    wrote to be read, else the words of an identifier."""
    style: Style
    first: bool
    last: bool
    inside: bool
    """Whether it goes on the word before it without a blank: the second noun of a compound."""


@dataclass(frozen=True, slots=True, eq=False)
class Identifiers:
    """How identifiers are read: the names of columns, tables, events and properties, whatever language names are in.

    All words are in lower case.
    """

    abbreviations: Mapping[str, str]
    """What short forms in identifiers stand for: `avg` → `average`."""
    fillers: frozenset[str]
    """Words that say nothing to a person: `id`, `name`, `tbl`."""
    flags: frozenset[str]
    """Words in front of a yes-or-no property: `is_paid`."""
    units: frozenset[str]
    """Units at the end of a property: `duration_ms`."""
    counting: frozenset[str]
    """Words of an alias that only say that something is counted."""
    totals: frozenset[str]
    """Those of them that say nothing of a number of things: what is left of `total_revenue` is no plural."""
    numbers: frozenset[str]
    """Those of them that something follows: `number of orders`."""
    ranked: frozenset[str]
    """Properties whose values people rank: their breakdown in a table or bar chart is a top list."""
    moments: frozenset[str]
    """Words that only say that a column holds a moment: `merged_at`."""
    created: frozenset[str]
    """What is done to a thing so that it is there: the time to its creation is the time to it."""
    statuses: frozenset[str]
    """Properties whose value describes the thing: `status`, `type`, `priority`."""
    telling: frozenset[str]
    """Properties that say enough without what they are of: `revenue`."""
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
    titles: frozenset[str]
    """Last words of columns that hold what a thing is called."""
    titling: frozenset[str]
    """Those, and what describes it: beside them its key says nothing."""
    identifying: frozenset[str]
    """Words of columns that tell one thing from another: an asset by its address and its host."""
    remarks: frozenset[str]
    """Words of columns that describe a thing at length: description, comment."""
    prices: frozenset[str]
    """Words of a column whose product with a quantity is an amount of money."""
    catalogues: frozenset[str]
    """What the names of a database's own tables begin with: pg, stat, dba."""
    keys: frozenset[str]
    """Last words of columns that only point to a thing."""
    places: frozenset[str]
    """Where the data lies: of all queries of a project it is the same."""
    metrics: frozenset[str]
    """Columns whose values are names of what is measured."""
    quantities: frozenset[str]
    """Columns that then hold the measured value."""
    aggregating: frozenset[str]
    """Words of an alias that say how it was computed: average, total."""
    short_units: frozenset[str]
    """Units that people leave out of a name."""
    ends: frozenset[str]
    """Words of the moment that ends a span: what lies between it and the start is a duration."""
    degrees: frozenset[str]
    """Values that describe no thing in front of which they stand: high, other."""
    payments: frozenset[str]
    """Words of events in which money comes in."""
    received: frozenset[str]
    """Words that say that it did: completed, paid."""
    settled: frozenset[str]
    """Those of them that say no more."""
    money: frozenset[str]
    """Words of a property that holds how much: what is summed up is revenue."""
    timed: frozenset[str]
    """Words that a unit of time makes a time of: `load_ms` is the load time."""
    negating: frozenset[str]
    """Words between two others that say there was none: `search_no_results`, `user_not_found`."""
    testers: frozenset[str]
    """Words of properties and values that only tell those who build and test from users."""
    testing: frozenset[str]
    """Words of a flag's key that only say that it is one: `exp`, `flag`."""
    bland: frozenset[str]
    """Words that inform least: two names that differ in them alone are as good as one."""
    formats: frozenset[str]
    """Words at the end of a format's own name for a kind of query: `TracesQuery`."""
    splits: frozenset[str]
    """Words of a label behind which it says by what it is split."""
    truths: frozenset[str]
    untruths: frozenset[str]
    """How a yes-or-no property says yes and no beside true and false."""
    participle_endings: tuple[str, ...]
    """Endings of a property that says by one word what was done: `cancelled`."""
    label_endings: tuple[str, ...]
    """Endings of a word that describes things where it is all of a label: `Unique`."""
    flag_endings: tuple[str, ...]
    """Endings of a yes-or-no property that describes the thing: `is_active`."""


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that what was made in it can be cached
class Language:
    """The tables and the grammar of one language. All words in the tables are as they stand inside a sentence.

    The functions of the grammar take and return the words of a phrase.
    """

    code: str
    identifiers: Identifiers
    patterns: Mapping[str, str]
    """How parts of a name are put together, by the kind of the query or the part."""
    words: Mapping[str, str]
    """The words for the codes of meanings: `math.avg`, `interval.week`, `kind.funnel`, …"""
    known: Mapping[str, str]
    """What people call well-known events and properties."""
    synonyms: Mapping[str, Mapping[str, str]]
    """The published table of what a condition may be called: property word → value → adjective."""
    rates: Mapping[str, str]
    """The noun of such an adjective, as it stands in front of "rate": failed → failure."""
    doing: Mapping[str, str]
    """What is done in the time to it: closed → close."""
    acronyms: Mapping[str, str]
    """How words are always spelt: `api` → `API`, `ios` → `iOS`."""
    small: frozenset[str]
    """Words that join others: a name never ends in one."""
    mathematical: frozenset[str]
    """Words of aggregations: what series share in them alone is nothing."""
    claims: Mapping[str, str]
    """What a title may claim: its code → the phrases, with ` | ` between. The check of others' titles reads it."""
    neutral: str
    """Phrases that say nothing of the query, likewise."""
    alike: tuple[str, ...]
    """Phrases that mean the same, likewise."""
    opposing: tuple[str, ...]
    """Beginnings of words that say the opposite: unhandled."""
    elides: bool
    """Whether what two phrases share at an end may be said once: order price and quantity."""
    plural: Callable[[Words], Words]
    singular: Callable[[Words], Words]
    is_participle: Callable[[str], bool]
    """Whether a word says that something was done."""
    counted: Callable[[Words], Words]
    """What happened, as things that are counted: order placed → orders placed, page viewed → page views."""
    step: Callable[[Words], Words]
    """What happened once, as a step on the way."""
    deed: Callable[[Words], Words]
    """What was done as a noun: signed up → signup, import completed → import completion."""
    action: Callable[[Words], Words]
    """A thing and what was done to it as a noun: payment failed → payment failure."""
    thing: Callable[[Words], Words]
    """A thing without what was done to it."""
    agree: Callable[[str, Words], str]
    """An adjective, in the form of the tables, as it stands beside a noun, the last of the words that follow."""
    joint: Callable[[str, str], str]
    """What stands between two words of an identifier: a blank, or nothing where nouns grow together."""
    cased: Callable[[str, Spot], str]
    """A word in the case that it has where it stands."""
    stem: Callable[[str], str]
    """What the forms of a word have in common: saves, saved and saving → save."""
