"""What tests draw from: few users, projects, ids and moments, so that they collide, and every value that once bit.

Nothing here knows a store. What other implementations are tested with too lies in `insights_core.testing`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from hypothesis import strategies as st

from insights_core.testing.clock import FIVE_MINUTES, START, TICK

# Keys that are the same to anything that folds case, trims, or takes text for numbers.
PROJECTS = ("1", "01")
USERS = ("ann", "Ann")
EXOTIC_KEYS = ("1", "01", "1.0", " 1", "ann ", "Änn", "A\u0308nn", "😀", "%", "'; --", "x" * 400)

# Most of it happens in one project, so that things happen to the same insights; the other is there to leak.
projects = st.sampled_from((PROJECTS[0],) * 3 + PROJECTS[1:])
users = st.sampled_from(USERS)

# Stores count from 1, so a small number is an insight, a deleted one, a foreign one, or one that is yet to come.
MOST_IDS = 7
ids = st.integers(1, MOST_IDS)
id_lists = st.lists(st.one_of(ids, ids, ids, st.sampled_from([10**6, 2**63 - 1])), min_size=1, max_size=5)


@dataclass(frozen=True)
class Ref:
    """An insight as a caller may name it."""

    id: int
    by: str

    def spell(self, short_ids):
        """Return the id, its digits, or the short id that it has in `short_ids`."""
        if self.by == "short_id":
            return short_ids.get(self.id, "zzzzzzzz")
        return str(self.id) if self.by == "digits" else self.id


refs = st.builds(Ref, ids, st.sampled_from(["id", "digits", "short_id"]))

# `int()` reads most of these, and `str.isdigit()` holds for some: they name nothing.
STRANGE_REFS = ("", "-1", "+1", " 1", "1 ", "1_0", "1.0", "\u0661", "\u00b2")
STRANGE_REFS += ("None", "%", "________", "'")
BAD_REFS = (0, -1, 2**63, 10**30, True, False, None, 1.0, b"1", [1], (1,))

_ZONES = (UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=12)))


@dataclass(frozen=True)
class At:
    """A moment near the clock, or near where the clock began."""

    near: str
    offset: timedelta
    zone: tzinfo = UTC

    def moment(self, clock):
        return ((clock.now if self.near == "clock" else START) + self.offset).astimezone(self.zone)


_NEAR = (timedelta(0), TICK, -TICK, timedelta(seconds=1), -timedelta(seconds=1), -timedelta(days=1))

moments = st.builds(
    At,
    st.sampled_from(["clock", "start"]),
    st.sampled_from([*_NEAR, FIVE_MINUTES, FIVE_MINUTES + TICK, -timedelta(days=365 * 60)]),
    st.sampled_from(_ZONES),
)

# Moments that are never refused: the first by a clock that stands at START or later, the second by any.
acceptable = st.builds(At, st.just("start"), st.sampled_from([*_NEAR, FIVE_MINUTES]), st.sampled_from(_ZONES))
acceptable_now = st.builds(At, st.just("clock"), st.sampled_from([*_NEAR, FIVE_MINUTES]), st.sampled_from(_ZONES))


class _Nowhere(tzinfo):
    """A time zone that does not know its offset: datetimes in it are naive, though `tzinfo` is set."""

    def utcoffset(self, _when):
        return None

    tzname = dst = utcoffset


BAD_MOMENTS = (
    START.replace(tzinfo=None),
    START.replace(tzinfo=_Nowhere()),
    START.date(),
    date.max,
    START.isoformat(),
    START.timestamp(),
    int(START.timestamp() * 1_000_000),
    0,
    "",
    True,
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
)

BAD_IDS = (True, False, 0, -1, -(2**63), 2**63, 10**30, 1.0, float("nan"), "1", "", b"1", None, [1], START)
BAD_ID_LISTS = (None, "12", "", b"\x01", {}, {1: 1}, 1, True, 1.5, [], (), frozenset(), range(0), START)
BAD_KEYS = ("", "\0", "a\0b", "\ud800", "a\udfff", "x" * 401, None, 1, True, b"ann", ["ann"])
BAD_LIMITS = (0, -1, True, False, 1.0, float("inf"), "5", "", [5], -(2**63))
limits = st.one_of(st.integers(1, MOST_IDS), st.sampled_from([2**31, 2**53]))


@st.composite
def spoiled_id_lists(draw):
    """Ids that are fine, and one that is not, anywhere among them."""
    good = draw(st.lists(ids, max_size=4))
    at = draw(st.integers(0, len(good)))
    return [*good[:at], draw(st.sampled_from(BAD_IDS)), *good[at:]]


_TEXTS = (
    "Revenue",
    "  Größe\n",
    "😀",
    "A\u0308",
    "\u0661",
    "'; drop table insights --",
    "a\nb",
    "\u2028",
    "12",
    "null",
)
texts = st.one_of(
    st.sampled_from(_TEXTS), st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
)

_QUERIES = (
    {},
    {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview", "math": "dau"}]},
    {"kind": "InsightVizNode", "source": {"kind": "FunnelsQuery", "series": []}},
    {"kind": "HogQLQuery", "query": "select count() from events"},
    {"kind": "HogQLQuery", "query": "select ((("},
    {"kind": None, "insight": 3, "": {"": []}},
    {"numbers": [0, -0.0, 1.0, True, 2**53 + 1, 2**70, 5e-324, 1.7976931348623157e308], "text": "\0\u2028😀'"},
)
_scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
queries = st.one_of(
    st.none(),
    st.sampled_from(_QUERIES),
    st.dictionaries(st.text(max_size=3), st.one_of(_scalars, st.lists(_scalars, max_size=2)), max_size=3),
)

BAD_QUERIES = (
    [],
    "select 1",
    "{}",
    1,
    True,
    float("nan"),
    {"a": float("nan")},
    {"a": [{"b": float("inf")}]},
    {"a": -float("inf")},
    {"a": "\ud800"},
    {"\udfff": 1},
    {"a": {"b": ["\udc00"]}},
    {1: "a"},
    {"a": {None: 1}},
    {"a": [{True: 1}]},
    {"a": {1, 2}},
    {"a": b"1"},
    {"a": START},
)


def _named(fields):
    """Drop the source of a name where there is no name."""
    if "name" in fields or "derived_name" in fields:
        return fields
    return {key: value for key, value in fields.items() if key != "name_source"}


insight_fields = st.fixed_dictionaries(
    {},
    optional={
        "query": queries,
        "name": texts,
        "derived_name": texts,
        "order": st.sampled_from([0, -1, 7, 2**53, -(2**53)]),
        "dashboards": st.lists(st.sampled_from([0, 1, 3, 2, 2**63 - 1]), max_size=4),
        "description": st.one_of(texts, st.just("")),
        "tags": st.lists(st.sampled_from(["b", "B", "a", "é", "e\u0301", "\U0001f600", "\uffff"]), max_size=4),
        "favorited": st.booleans(),
        "folder": texts,
        "user": users,
        "name_source": st.sampled_from(["user", "heuristic"]),
    },
).map(_named)

_TAGS = ["b", "B", "a", "é", "a b"]

changes = st.fixed_dictionaries(
    {},
    optional={
        "query": queries,
        "name": texts,
        "derived_name": texts,
        "order": st.sampled_from([None, 0, -1]),
        "dashboards": st.lists(st.sampled_from([0, 1]), max_size=2),
        "description": st.one_of(texts, st.just("")),
        "tags": st.lists(st.sampled_from(_TAGS), max_size=2),
        "favorited": st.booleans(),
        "folder": texts,
    },
)

filters = st.fixed_dictionaries(
    {},
    optional={
        "search": st.sampled_from(["", " ", "a", "B", "é", "some", "b a", "-", "a*", '"', "NOT a", "name:a", "_"]),
        "tags": st.lists(st.sampled_from(_TAGS), max_size=2),
        "dashboards": st.lists(st.sampled_from([0, 1]), max_size=2),
        "favorited": st.booleans(),
        "created_by": users,
        "name_source": st.sampled_from(["user", "heuristic"]),
        "deleted": st.booleans(),
        "order": st.sampled_from(["created_at", "-created_at", "name", "-name", "order", "-order", "-last_viewed_at"]),
        "user": users,
    },
)

BAD_FIELDS = (
    *(("query", value) for value in BAD_QUERIES),
    *(("user", value) for value in BAD_KEYS if value is not None),
    *(("tags", value) for value in ("ab", 1, {"a": 1}, [1], [None], [["a"]], ["a", b"b"], ["\ud800"], ["\0"])),
    *(("dashboards", value) for value in ("12", 1, {1: 1}, ["1"], [None], [1.0], [True], [2**63], [-1])),
    *(
        (field, value)
        for field in ("name", "derived_name", "description", "folder")
        for value in (1, b"a", "\ud800", "\0")
    ),
    *(("order", value) for value in ("1", 1.0, True, 2**63, -(2**63) - 1)),
    *(("favorited", value) for value in (1, 0, None, "yes")),
)


def _call(method, *arguments, **options):
    return method, arguments, options


# Calls that can never be right, whatever the store holds.
BAD_CALLS = (
    *(_call("viewed", "ann", value) for value in BAD_ID_LISTS),
    *(_call("viewed", "ann", [value]) for value in BAD_IDS),
    *(_call("viewed", "ann", [1], value) for value in BAD_MOMENTS),
    *(_call("viewed", value, [1]) for value in BAD_KEYS),
    *(_call("my_last_viewed", value) for value in BAD_KEYS),
    *(_call("my_last_viewed", "ann", value) for value in (*BAD_LIMITS, None)),
    *(_call("list", limit=value) for value in BAD_LIMITS),
    *(_call("create", **{field: value}) for field, value in BAD_FIELDS),
    *(_call("get", value) for value in BAD_REFS),
    *(_call("delete", 1, value) for value in BAD_REFS),
    *(_call("restore", 1, value) for value in BAD_REFS),
)

wrong_calls = st.one_of(
    st.sampled_from(BAD_CALLS), spoiled_id_lists().map(lambda spoiled: _call("viewed", USERS[0], spoiled))
)
