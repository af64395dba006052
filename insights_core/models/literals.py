"""SQL without its literals and comments: what stays is code, limits, periods, percentiles and the names of events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_NAME = 60
_EVENT = re.compile(r"[\w .$-]+")
_NAME = re.compile(r"[\w .$:,*\[\]-]+")
_FILE = re.compile(
    r"(?i)\.(?:csv|tsv|psv|txt|log|json|jsonl|ndjson|geojson|parquet|pq|avro|orc|arrow|feather|xlsx?|xml|yaml|yml|db|duckdb"
    r"|sqlite3?|mdb|sas7bdat|sav|dta|rds|shp|gz|bz2|xz|zst|zip|tar|7z|bak|dat|sql|dump|pdf|docx?|md|html?)$"
)


def is_name(text: str, allowed: re.Pattern[str] = _NAME) -> bool:
    """Whether a text can only be an identifier or a label: short, of letters, digits and few marks, and no file."""
    return (
        len(text) < _LONGEST_NAME
        and allowed.fullmatch(text) is not None
        and "--" not in text
        and "\n" not in text
        and not _FILE.search(text)
    )


def is_event(text: str) -> bool:
    """Whether a text compared with `event` is the name of an event and no value of a person's."""
    return is_name(text, _EVENT)


# Where literals say a period, a limit or a percentile

_UNIT = r"(?:(?:milli|micro)?second|minute|hour|day|week|isoweek|month|quarter|year|decade|dow|isodow|doy)s?"
_UNITS = re.compile(_UNIT, re.IGNORECASE)
_SPAN = re.compile(
    rf"\s{{0,9}}[+-]?\s{{0,9}}\d{{1,4}}\s{{0,9}}(?:{_UNIT}|[smhdwy]|min|ms)(?:\s{{1,9}}ago)?\s{{0,9}}", re.IGNORECASE
)
_MOMENT = re.compile(rf"now|localtime|utc|start of {_UNIT}|weekday [0-6]|[+-]\d{{1,4}} {_UNIT}", re.IGNORECASE)
_FORMAT = re.compile(
    r"(?:%-?[A-Za-z]|-(?:01)?+|YY|yy|I(?:YYY|W)|M(?:[MI]|on(?:th)?+)|mm|D(?:D|ay|y)|dd|HH(?:24|12)?+|hh|SS|ss|WW|ww|FM|Q|[/:. T])++"
)
_SMALL = re.compile(r"\d{1,4}")
_AMOUNT = re.compile(r"\d{1,9}")
_SHARE = re.compile(r"0?\.\d{1,4}|1(?:\.0)?|\d{1,2}(?:\.\d{1,2})?|100")
_TIMES = re.compile(
    r"(?:date_?trunc|datetime_?trunc|timestamp_?trunc|time_?trunc|time_bucket|date_?bin|time_slice|date_?part|extract"
    r"|date_?add|date_?sub|date_?diff|timestamp_?(?:add|sub|diff)|datetime_?(?:add|sub|diff)|add_?(?:day|week|month|year)s?"
    r"|subtract(?:minute|hour|day|week|month|quarter|year)s|tointerval\w+|tostartof\w+|make_interval|__\w{0,20}(?:group|interval)\w{0,20}|last_day|next_day)",
    re.IGNORECASE,
)
_FORMATTING = re.compile(
    r"(?:strftime|date_?format|to_char|to_date|to_timestamp|formatdatetime|format_(?:date|datetime|timestamp)|to_varchar|format"
    r"|str_to_date|parse_(?:date|datetime|timestamp))",
    re.IGNORECASE,
)
_CALENDAR = re.compile(r"(?:date|datetime|strftime|julianday|unixepoch|time)", re.IGNORECASE)
_ARGUMENTS = ((_TIMES, _UNITS), (_TIMES, _SPAN), (_FORMATTING, _FORMAT), (_CALENDAR, _MOMENT))
"""Calls, and the texts that are no values in them."""
_PERCENTILES = re.compile(
    r"(?:quantile\w*+|median\w*+|(?:approx_?)?percentile\w*+|approx_quantiles?|percent_rank)", re.IGNORECASE
)
_NOWS = frozenset(
    {"now", "now64", "today", "yesterday", "getdate", "curdate", "sysdate", "current_date", "current_timestamp"}
)
_LIMITS = {("top", "select"), ("top", "distinct"), ("(", "top"), ("first", "fetch"), ("next", "fetch")}
_FRAMING = frozenset({"preceding", "following"})
_SIZED = frozenset(
    {"decimal", "numeric", "varchar", "nvarchar", "char", "nchar", "character", "varying", "fixedstring", "datetime64",
     "datetime2", "timestamp", "timestamptz", "float", "bit", "binary", "varbinary", "number", "decimal64", "decimal128"}
)  # fmt: skip
_SOURCES = frozenset({"from", "join", "into", "update", "table", "using", "only", "exists"})
_EVENTS = "event in"
"""Stands among the calls for a list that `event` is compared with."""
_ENDS = frozenset(
    {
        "",
        ",",
        ")",
        ";",
        "asc",
        "desc",
        "limit",
        "having",
        "order",
        "nulls",
        "with",
        "union",
        "offset",
        "and",
        "or",
        "group",
        "then",
        "end",
        "where",
    }
)


class _Rewriting:
    """One pass over the tokens of a statement."""

    def __init__(self, text: str, hide: Callable[[str], str]) -> None:
        self._text = text
        self._hide = hide
        self._tokens = tokens(text)
        self._spelt = [text[token.start : token.end] for token in self._tokens]
        self._lowered = [spelt.lower() for spelt in self._spelt]
        self._calls: list[str] = []
        """The names of the calls that are open, innermost last; of other brackets nothing."""
        self._closed = ""
        """The name of the call that was closed last."""
        self._named_sources = frozenset(self._sources())

    def rewritten(self) -> str:
        out: list[str] = []
        end = place = 0
        while place < len(self._tokens):
            last, piece = self._piece(place)
            start = self._tokens[place].start
            # Where a literal between two words had quotes, its placeholder may have none.
            if out and (start > end or (_is_wordlike(out[-1][-1:]) and _is_wordlike(piece[:1]))):
                out.append(" ")
            if piece:
                out.append(piece)
            end = self._tokens[last].end
            place = last + 1
        return "".join(out)

    def _before(self, place: int, distance: int = 1) -> str:
        return self._lowered[place - distance] if place >= distance else ""

    def _after(self, place: int, distance: int = 1) -> str:
        return self._lowered[place + distance] if place + distance < len(self._lowered) else ""

    def _sources(self) -> Iterator[str]:
        """Yield the names and aliases of what the statement reads."""
        for place, word in enumerate(self._lowered):
            if word in ("from", "join") and self._kind(place + 1) in ("word", "quoted", "name"):
                last = self._end_of_chain(place + 1)
                yield self._lowered[last]
                alias = last + (2 if self._after(last) == "as" else 1)
                if self._kind(alias) == "word":
                    yield self._lowered[alias]

    def _kind(self, place: int) -> str:
        return self._tokens[place].kind if place < len(self._tokens) else ""

    def _end_of_chain(self, place: int) -> int:
        """Return where `a.b.c` ends that begins here."""
        while self._after(place) == "." and self._kind(place + 2) in ("word", "quoted", "name"):
            place += 2
        return place

    def _piece(self, place: int) -> tuple[int, str]:
        """Return the last token of a piece of the statement, and what is sent of it."""
        token, spelt = self._tokens[place], self._spelt[place]
        if token.kind == "mark":
            if last := self._last_of_size(place):
                return last, ""
            self._mark(place, spelt)
        elif token.kind == "word":
            last = self._end_of_chain(place) if self._before(place) in _SOURCES else place
            # A file's name without quotes: `FROM salaries.csv`.
            if last > place and _FILE.search(f".{self._lowered[last]}"):
                return last, self._hide(self._text[token.start : self._tokens[last].end])
        elif token.kind == "number":
            return place, spelt if self._is_kept_number(place, spelt) else self._literal(place, spelt)
        elif token.kind in ("quoted", "name"):
            return place, self._quoted(place, token.kind, spelt)
        elif not self._is_kept_text(place, spelt):
            return place, self._literal(place, content(spelt))
        return place, spelt

    def _last_of_size(self, place: int) -> int:
        """Return where the size of a type ends that begins here, or 0: a parser can do without, and so can a model."""
        if self._lowered[place] != "(" or self._before(place) not in _SIZED:
            return 0
        last = place + 1
        while self._kind(last) == "number" or self._after(last, 0) == ",":
            last += 1
        return last if self._after(last, 0) == ")" else 0

    def _mark(self, place: int, mark: str) -> None:
        if mark == "(":
            call = self._before(place) if place and self._kind(place - 1) == "word" else ""
            is_list = call == "in" and self._is_event_column(place - (3 if self._before(place, 2) == "not" else 2))
            self._calls.append(_EVENTS if is_list else call)
        elif mark == ")" and self._calls:
            self._closed = self._calls.pop()

    def _wants_name(self, place: int) -> bool:
        return self._before(place) in (*_SOURCES, ".", "as") or self._after(place) == "."

    def _literal(self, place: int, said: str) -> str:
        hidden = self._hide(said)
        return hidden if self._wants_name(place) else f"'{hidden}'"

    def _quoted(self, place: int, kind: str, spelt: str) -> str:
        # In double quotes MySQL, BigQuery and others write text: only a place that no text can have makes it a name.
        if spelt[0] in '`"' and (kind == "name" or self._wants_name(place)) and is_name(spelt[1:-1]):
            return spelt
        return self._hide(content(spelt)) if kind == "name" else self._literal(place, content(spelt))

    def _call(self, place: int) -> str:
        """Return the call that a literal is an argument of, by itself and not as a side of a comparison in one."""
        before = self._before(place, 2 if self._before(place) in ("+", "-") else 1)
        is_argument = before in ("(", ",") and self._after(place) in (")", ",")
        return self._calls[-1] if is_argument and self._calls else ""

    def _is_kept_number(self, place: int, digits: str) -> bool:
        """Whether a number is a limit, a period or a percentile."""
        before, earlier, after = self._before(place), self._before(place, 2), self._after(place)
        if (
            before in ("limit", "offset")
            or (before, earlier) in _LIMITS
            or (before == "," and self._before(place, 3) == "limit")
        ):
            return _AMOUNT.fullmatch(digits) is not None
        signed = before in ("+", "-")
        is_span = "interval" in (before, earlier if signed else "") and _UNITS.fullmatch(after) is not None
        origin = self._closed if earlier == ")" else earlier
        if is_span or after in _FRAMING or (signed and origin in _NOWS):
            return _SMALL.fullmatch(digits) is not None
        call = self._call(place)
        pattern = _SHARE if _PERCENTILES.fullmatch(call) else _SMALL if _TIMES.fullmatch(call) else None
        return pattern is not None and pattern.fullmatch(digits) is not None

    def _is_kept_text(self, place: int, spelt: str) -> bool:
        """Whether a literal is a period, a unit or a format of time, or the name of an event."""
        said = spelt[1:-1]
        if spelt[0] != "'" or "'" in said or "\\" in said:
            return False
        if self._before(place) == "interval":
            amount = _SMALL.fullmatch(said.strip().removeprefix("-"))
            return bool(_SPAN.fullmatch(said) or (amount and _UNITS.fullmatch(self._after(place))))
        call = self._call(place)
        if any(calls.fullmatch(call) and texts.fullmatch(said) for calls, texts in _ARGUMENTS):
            return True
        return is_event(said) and self._is_of_event(place)

    def _is_of_event(self, place: int) -> bool:
        """Whether a literal is compared with the column `event`, by itself or in a list."""
        if self._before(place) in ("(", ","):
            return bool(self._calls) and self._calls[-1] == _EVENTS and self._after(place) in (")", ",")
        left = place - 1
        while left > place - 3 and self._before(left + 1) in ("=", "!", "<", ">"):
            left -= 1
        operator = "".join(self._lowered[left + 1 : place])
        return operator in ("=", "==", "!=", "<>") and self._is_event_column(left) and self._after(place) in _ENDS

    def _is_event_column(self, place: int) -> bool:
        if self._before(place + 1).strip('`"') != "event":
            return False
        # A property called so may hold anything: only a source has such a column.
        return self._before(place) != "." or (
            self._before(place, 3) != "." and self._before(place, 2) in self._named_sources
        )


def _is_wordlike(char: str) -> bool:
    return char.isalnum() or char == "_"


_OPENING = re.compile(r"^(?:u&|[a-z]{0,2}(?='|\"))|^\$\w*\$", re.IGNORECASE)


def content(spelt: str) -> str:
    """Return what a literal says: without its prefix and its quotes."""
    if spelt[0] == "$":
        return spelt[spelt.index("$", 1) + 1 : spelt.rindex("$", 0, -1)]
    bare = _OPENING.sub("", spelt)
    mark = bare[:1]
    if mark and mark in "'\"`":
        bare = bare.strip(mark).replace(mark * 2, mark)
    return bare.replace("\\", "")


def without_literals(text: str, hide: Callable[[str], str]) -> str:
    """Return SQL, or an expression of it, with `hide` of each literal in its place, and no comments.

    Raises:
        UnreadableError: Its literals cannot be told from its words.
    """
    return _Rewriting(text, hide).rewritten()
