"""What may be read of a query that a stranger wrote: how long, how deep, and which SQL a parser may see.

A query comes from a request, an import or another user's row, so whoever wrote it may want the reader to hang or to fall
over. Each check here takes time that grows with the length of what it looks at and no faster, recurses nowhere, and comes
before the parser that it protects. `parse` is the one door to sqlglot.

sqlglot breaks in three ways that no `except` catches:

- Compiled (the extra `fast`) it recurses without looking at the stack, and the process ends by SIGSEGV.
- It reads a stretch again where its first guess was wrong, and again within that: `date(date(date(…` and joins without
  ON double the work, and more, at each level.
- Some text goes through a parser of its own: hints, the names of types between quotes, paths into JSON.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlglot import Token, TokenType, exp

LONGEST_QUERY = 1_000_000
"""Characters of a query, its texts and keys added up. As many as a request may have."""
DEEPEST_QUERY = 500
"""Levels of objects and lists. SQLite's JSON functions stop at 1,000, Python's recursion does too, readers take two a level."""
AROUND = 10
"""Levels that may stand around a query in a text: a request's body, a line of an export."""
LONGEST_LINE = 8_000_000
"""Characters of a line of an export. One of a query may be six in its JSON, and notes stand beside it."""
LONGEST_PARSED = 50_000
"""Characters of SQL that a parser sees: six times as many as the longest of 550 public statements. Where each is a token,
the tokenizer in pure Python takes half a second for them."""
MOST_WORK = 60_000
"""Tokens that a parser may have to take, those that it takes again included: half a second in pure Python."""
HIGHEST = 200
"""How high the tree of a statement may grow, in operators. Each may be a call on the stack, of up to 0.7 kB: 140 kB in all,
where a small thread has 256 kB. Of 550 public statements the highest has 119."""
NESTING = 5
"""What an opened bracket or CASE counts in operators: all levels of precedence are called within it, with up to 2.7 kB of
stack. So 40 may be open, where the parser in pure Python meets its recursion limit at some 50; in 550 public statements no
more than 10 are."""
MOST_STATEMENTS = 200
"""Semicolons in a text; the tokenizer copies all tokens at each SHOW behind one."""
MOST_BEGINS = 50
"""BEGIN and START in a text: the tokenizer recurses at a command behind one."""
_REREAD = 3
"""How often, at most, what may have to be read again is read: what stands in the brackets of a type, as its arguments, as a
function's, and once more; the joins behind one without a condition, as part of it and after it."""


# Values and texts


def json_text(text: str, longest: int = LONGEST_QUERY) -> str:
    """Return the text of a query or of what holds one, in JSON, where a parser may see it.

    Raises:
        InvalidQuery: It is too long or nested too deeply.
    """
    _check_length(len(text), longest)
    # Without so many brackets there cannot be so many levels, and hardly any text has them.
    if text.count("[") + text.count("{") > DEEPEST_QUERY + AROUND:
        depth = 0
        for found in _JSON_MARKS.finditer(text):
            mark = found[0][0]
            depth += 1 if mark in "[{" else -1 if mark in "]}" else 0
            _check_depth(depth - AROUND)
    return text


def sql_text(text: str) -> str:
    """Return the text of a query in SQL where it may be looked at.

    Raises:
        InvalidQuery: It is too long.
    """
    _check_length(len(text))
    return text


_JSON_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)


def json_value(value: Any) -> None:
    """Look at a value as it came from JSON, or from a caller who may have put it into itself.

    Raises:
        InvalidQuery: It is too long or nested too deeply.
    """
    length = 0
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        # Numbers and brackets take room too, and what is in a value twice counts twice.
        length += 1
        if isinstance(item, str):
            length += len(item)
        elif isinstance(item, dict | list | tuple):
            _check_depth(depth + 1)
            if isinstance(item, dict):
                length += sum(len(key) for key in item if isinstance(key, str))
            waiting.extend((inner, depth + 1) for inner in (item.values() if isinstance(item, dict) else item))
        _check_length(length)


def _check_length(length: int, longest: int = LONGEST_QUERY) -> None:
    if length > longest:
        raise InvalidQuery(f"the query is too long: at most {longest:,} characters can be read")


def _check_depth(depth: int) -> None:
    if depth > DEEPEST_QUERY:
        raise InvalidQuery(f"the query is nested too deeply: at most {DEEPEST_QUERY} levels can be read; flatten it")


# SQL


def parse(text: str, dialect: str | None = None) -> list[exp.Expression]:
    """Return the trees of the statements in a text; none where it cannot be parsed, or not safely."""
    import sqlglot
    from sqlglot import exp

    if text_refusal(text):
        return []
    reader = sqlglot.Dialect.get_or_raise(dialect)
    try:
        tokens = reader.tokenize(text)
        if tokens_refusal(tokens):
            return []
        return [tree for tree in reader.parser().parse(tokens, text) if isinstance(tree, exp.Expression)]
    except Exception:  # noqa: BLE001 - broken SQL also ends in AttributeErrors and RecursionErrors inside the parser
        return []


def text_refusal(text: str) -> str:
    """Return why SQL is not given to a tokenizer, or nothing."""
    if len(text) > LONGEST_PARSED:
        return f"it is longer than {LONGEST_PARSED:,} characters"
    if text.count(";") > MOST_STATEMENTS:
        return f"it has more than {MOST_STATEMENTS} statements"
    if len(_BEGINS.findall(text)) > MOST_BEGINS:
        return f"it has more than {MOST_BEGINS} blocks"
    return ""


_BEGINS = re.compile(r"begin|\bstart\b", re.IGNORECASE)


def tokens_refusal(tokens: Iterable[Token]) -> str:
    """Return why the tokens of SQL are not given to a parser, or nothing.

    The height of the tree and the work are bounded from above: whatever is not known to be harmless counts.
    """
    kinds = _kinds()
    scan = _Scan()
    for token in tokens:
        scan.take(token, kinds.get(token.token_type, _UNKNOWN))
        if scan.height > HIGHEST:
            return f"more than {HIGHEST // NESTING} brackets are open, or {HIGHEST} operators in a row"
        if scan.work > MOST_WORK:
            return f"reading it may take more than {MOST_WORK:,} steps"
    return ""


class _Frame:
    """What stands between a bracket or CASE and its end; the counts are of what may be on the parser's stack."""

    __slots__ = ("closer", "fixed", "loose", "reread", "tight", "types")

    def __init__(self, closer: str, reread: int) -> None:
        self.closer = closer
        self.reread = reread
        """How often its tokens may be read."""
        self.fixed = 0
        """What stays to the frame's end: joins, statements in statements, and all that is unknown."""
        self.types = 0
        """`<` of nested types without their `>`."""
        self.loose = 0
        """What a comma ends."""
        self.tight = 0
        """What AND and OR end as well."""


class _Scan:
    """Reads tokens and keeps the two bounds."""

    def __init__(self) -> None:
        self.work = 0
        self._last = _UNKNOWN
        self._last_text = ""
        self._strings_are_names = False
        self._begin()

    def _begin(self) -> None:
        self._frame = _Frame("", 1)
        self._frames = [self._frame]
        self._below = 0
        self._open_join = False
        self._again = 1

    @property
    def height(self) -> int:
        """How high the tree is at the token that came last, at most."""
        frame = self._frame
        return self._below + frame.fixed + frame.types + frame.loose + frame.tight

    def take(self, token: Token, kind: _Kind) -> None:
        self.work += self._frame.reread * self._again
        kind.take(self, token)
        self._last, self._last_text = kind, token.text

    def fixed(self, token: Token) -> None:  # noqa: ARG002 - one signature for all
        self._frame.fixed += 1

    def deep(self, token: Token) -> None:  # noqa: ARG002
        self._frame.loose += NESTING

    def loose(self, token: Token) -> None:  # noqa: ARG002
        self._frame.loose += 1

    def tight(self, token: Token) -> None:  # noqa: ARG002
        self._frame.tight += 1

    def prefix(self, token: Token) -> None:  # noqa: ARG002
        # NOT takes twice the stack that an operator between two things does.
        self._frame.tight += 2

    def word(self, token: Token) -> None:
        # Words in a row are keywords that the tokenizer does not know: EXPLAIN EXPLAIN, PRIOR PRIOR.
        self._frame.tight += 2 * self._last.is_word
        if token.text.upper() == _IF:
            self._frame.loose += NESTING
            self._again = min(self._again * _REREAD, _TOO_OFTEN)

    def name(self, token: Token) -> None:
        self.word(token)
        self._inside(token.text)

    def string(self, token: Token) -> None:
        if self._strings_are_names:
            self._inside(token.text)
        elif _depth(token.text) > HIGHEST // NESTING:
            self._frame.fixed += HIGHEST

    def hint(self, token: Token) -> None:
        self._frame.fixed += 1
        for comment in token.comments:
            self._inside(comment)

    def vector(self, token: Token) -> None:
        self._strings_are_names = True
        self.tight(token)

    def _inside(self, text: str) -> None:
        # sqlglot reads the names of types and hints with a parser of their own, as often as it gets there.
        if depth := _depth(text):
            self.work += len(text) * self._frame.reread * self._again * _REREAD ** min(depth, 20)

    def connective(self, token: Token) -> None:  # noqa: ARG002
        self._frame.tight = 0
        self._frame.loose += 1

    def comma(self, token: Token) -> None:  # noqa: ARG002
        self._frame.tight = self._frame.loose = 0

    def branch(self, token: Token) -> None:
        if self._frame.closer == "END":
            self.comma(token)
        else:
            self.loose(token)

    def join(self, token: Token) -> None:
        # A join whose condition does not follow is first read with all the joins behind it.
        if self._open_join:
            self._again = min(self._again * _REREAD, _TOO_OFTEN)
        self._open_join = self._last_text.upper() not in {"CROSS", "NATURAL"}
        self.fixed(token)

    def condition(self, token: Token) -> None:
        self._open_join = False
        self.tight(token)

    def less(self, token: Token) -> None:
        if self._last.is_type:
            self._frame.types += NESTING
        else:
            self.tight(token)

    def greater(self, token: Token) -> None:
        if self._frame.types:
            self._frame.types -= NESTING
        else:
            self.tight(token)

    def open(self, token: Token) -> None:
        if self._last.take is _Scan.close:
            self._frame.tight += 1  # f(x)(y)[z] grows with each pair
        elif self._last.is_name and token.text == "(" and self._last_text.upper() == _IF and self._again < _TOO_OFTEN:
            # A function like any other: what was counted for the word is taken back.
            self._frame.loose -= NESTING
            self._again //= _REREAD
        again = not self._last.is_read_once or (
            self._last.take is _Scan.word and (token.text == "[" or self._last_text.upper().startswith(_READ_AGAIN))
        )
        self._push(_CLOSERS.get(token.text[:1], ""), again=again)

    def case(self, token: Token) -> None:  # noqa: ARG002
        self._push("END", again=False)

    def _push(self, closer: str, *, again: bool) -> None:
        self._below = self.height + NESTING
        self._frame = _Frame(closer, min(self._frame.reread * (_REREAD if again else 1), _TOO_OFTEN))
        self._frames.append(self._frame)

    def close(self, token: Token) -> None:
        # A CASE without END ends with what it stands in; a bracket that closes nothing ends nothing.
        cases = 0
        while self._frames[-1 - cases].closer == "END":
            cases += 1
        if self._frames[-1 - cases].closer == token.text[:1]:
            for _ in range(cases + 1):
                self._pop()

    def end(self, token: Token) -> None:
        if self._frame.closer == "END":
            self._pop()
        else:
            self.loose(token)

    def _pop(self) -> None:
        self._frames.pop()
        self._frame = frame = self._frames[-1]
        self._below -= frame.fixed + frame.types + frame.loose + frame.tight + NESTING

    def semicolon(self, token: Token) -> None:  # noqa: ARG002
        self._begin()


def _depth(text: str) -> int:
    depth = deepest = 0
    for mark in _BRACKETS.findall(text):
        depth = depth + 1 if mark in "([{<" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


_BRACKETS = re.compile(r"[()\[\]{}<>]")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_IF = "IF"
"""Reads the whole of an expression, and reads it again, where no bracket follows it."""
_TOO_OFTEN = MOST_WORK + 1
_READ_AGAIN = ("OBJECT_", "JSON_OBJECT")
"""Starts of the names of functions whose arguments are read again."""


class _Kind(NamedTuple):
    """What a token does to the bounds."""

    take: Callable[[_Scan, Token], None]
    is_read_once: bool = False
    """Whether a bracket behind it is read once, whatever stands in it."""
    is_word: bool = False
    is_name: bool = False
    is_type: bool = False


_UNKNOWN = _Kind(_Scan.fixed)
_NAMES: tuple[tuple[_Kind, str], ...] = (
    (_Kind(_Scan.open, is_read_once=True), "L_PAREN L_BRACKET L_BRACE"),
    (_Kind(_Scan.close, is_read_once=True), "R_PAREN R_BRACKET R_BRACE"),
    (_Kind(_Scan.case, is_read_once=True), "CASE"),
    (_Kind(_Scan.end, is_read_once=True), "END"),
    (_Kind(_Scan.branch, is_read_once=True), "WHEN THEN ELSE"),
    (_Kind(_Scan.comma, is_read_once=True), "COMMA"),
    (_Kind(_Scan.semicolon, is_read_once=True), "SEMICOLON"),
    (_Kind(_Scan.connective, is_read_once=True), "AND OR"),
    (_Kind(_Scan.word, is_read_once=True, is_word=True, is_name=True), "VAR"),
    (_Kind(_Scan.name, is_word=True, is_name=True, is_type=True), "IDENTIFIER"),
    (
        _Kind(_Scan.string, is_read_once=True, is_word=True),
        """STRING NUMBER BIT_STRING HEX_STRING BYTE_STRING NATIONAL_RAW_STRING NATIONAL_STRING RAW_STRING HEREDOC_STRING
        UNICODE_STRING""",
    ),
    (_Kind(_Scan.deep, is_read_once=True), "ANY SOME"),
    (_Kind(_Scan.prefix, is_read_once=True), "NOT"),
    (_Kind(_Scan.hint), "HINT"),
    (_Kind(_Scan.vector, is_type=True), "VECTOR"),
    (_Kind(_Scan.join, is_read_once=True), "JOIN STRAIGHT_JOIN"),
    (_Kind(_Scan.condition, is_read_once=True), "ON USING"),
    (_Kind(_Scan.less, is_read_once=True), "LT"),
    (_Kind(_Scan.greater, is_read_once=True), "GT"),
    (_Kind(_Scan.fixed, is_read_once=True), "SELECT FROM EXCEPT INTERSECT WITH INTO VALUES"),
    (
        _Kind(_Scan.tight, is_read_once=True),
        """DOT DASH PLUS STAR SLASH DCOLON MOD DIV LTE GTE EQ NEQ NULLSAFE_EQ AMP DPIPE PIPE CARET TILDE DSTAR HASH DAT
        IN IS LIKE ILIKE RLIKE IRLIKE GLOB SIMILAR_TO BETWEEN EXISTS ALIAS WHERE PREWHERE HAVING QUALIFY GROUP_BY ORDER_BY
        PARTITION_BY LIMIT OFFSET""",
    ),
    (
        _Kind(_Scan.loose, is_read_once=True),
        """OVER FILTER DISTINCT ALL ASC DESC ARROW DARROW HASH_ARROW DHASH_ARROW FARROW COLON XOR""",
    ),
    (
        _Kind(_Scan.loose),
        """TRUE FALSE NULL CURRENT_DATE CURRENT_DATETIME CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP FIRST ROWS
        ROW PARAMETER PLACEHOLDER COLON_EQ ESCAPE COLLATE LEFT RIGHT FULL INNER OUTER CROSS NATURAL FINAL TABLE
        INTERVAL FOR FORMAT PERCENT REPLACE""",
    ),
)


@cache
def _kinds() -> dict[TokenType, _Kind]:
    from sqlglot import TokenType
    from sqlglot.parser import Parser

    kinds = {name: kind for kind, names in reversed(_NAMES) for name in names.split()}
    types = _Kind(_Scan.tight, is_type=True)
    return {type_: kinds.get(type_.name) or (types if type_ in Parser.TYPE_TOKENS else _UNKNOWN) for type_ in TokenType}
