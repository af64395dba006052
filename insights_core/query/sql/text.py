"""SQL as people keep it, made ready for a parser: fences, comments, templates and parameters are replaced, the author's title kept.

One scanner walks the text. It knows strings, quoted names, comments and templates, so that a mark in one never opens another; every
pattern in it is linear.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .caption import caption_of, plain_head

PLACEHOLDER = "__parameter"
"""Stands where a dashboard puts a value in; a condition that holds it says nothing."""
TIME_GROUP = "__time_group"
"""The function that stands for a dashboard's own time bucket."""
TIME_FILTER = "__time_filter"
"""The column that stands for a dashboard's own span of time."""

_LONGEST_CALL = 2_000
_RULE = re.compile(r"^[ \t]*+(?:[-=*_~#]{4,}+)[ \t]*+$", re.MULTILINE)
_TOKEN = re.compile(
    r"(?P<line>--[^\n]*+|(?<![\w$#])\#(?=[ #!\t])[^\n]*+)"
    r"|(?P<block>/\*(?:[^*]++|\*(?!/))*+(?:\*/)?+)"
    r"|(?P<dollar>\$(?P<tag>[A-Za-z_]*+)\$)"
    r"|(?P<string>'(?:[^'\\]++|''|\\.)*+'?)"
    r"|(?P<name>\"[^\"]*+\"?|`[^`]*+`?)"
    r"|(?P<template>\{[{%#])"
    r"|(?P<optional>\[\[)"
    r"|(?P<grafana>\$__\w++)"
    r"|(?P<braced>\$?\{[^{}\n]{1,200}+\})"
    r"|(?P<asked><<[^<>\n]{1,200}+>>)"
    r"|(?P<percent>%\(\w++\)s|%%?[sd]\b)"
    r"|(?P<variable>(?<![\w$.@])[$@&:]{1,2}+(?=[A-Za-z_])[\w]++)"
    r"|(?P<property>\.\$\w++)"
    r"|(?P<number>\b\d++\b)",
    re.DOTALL,
)
_READS_TABLE = re.compile(r"\b(?:from|join|into|update|table)\s*+$", re.IGNORECASE)
_ENDS_VALUE = re.compile(
    r"(?:[\w\"`)\]](?<!\band)(?<!\bor)(?<!\bnot)(?<!\bwhere)(?<!\bon)(?<!\bin)(?<!\blike)(?<!\bby)(?<!\bthen)(?<!\belse)(?<!\bwhen)(?<!\bbetween)"
    r"(?<!\blimit)(?<!\boffset)(?<!\binterval)(?<!\bas)(?<!\bselect)(?<!\bdistinct)(?<!\bhaving)(?<!\bset)(?<!\btop)(?<!\bis)(?<!\bdate)(?<!\btimestamp)"
    r"(?<!\bcase)(?<!\bfrom)(?<!\bjoin)(?<!\bvalues)(?<!\bilike)(?<!\bfilter)(?<!\bover)(?<!\bwith)(?<!\ball)(?<!\bany)|')\s++$",
    re.IGNORECASE,
)
"""What stands in front of a clause that a dashboard adds as a whole: `WHERE a = 1 {{filters}}`."""
_IN_STRING = re.compile(r"\$?\{\w[^{}]*+\}|\$__\w|\[\[\w|\{\{")
_MODEL = re.compile(r"\s*+(?:ref|source)\s*+\(\s*+(?P<arguments>[^()]*+)\)", re.IGNORECASE)
_MODELS = re.compile(r"\b(?:ref|source)\s*+\(\s*+(?:'[^']*+'\s*+,\s*+)?+'(\w++)'\s*+\)")
_CALLED = re.compile(r"\s*+-?\s*+(?P<name>[\w.]++)")
_QUESTION = re.compile(r"\s*+#\s*+\d++-?(?P<slug>[\w-]*+)")
_NAME = re.compile(r"[A-Za-z_]\w*+")


class Text(NamedTuple):
    """What is left of a text for the parser, and what was found beside it."""

    sql: str
    caption: str = ""
    comments: tuple[str, ...] = ()
    is_series: bool = False
    """Whether a dashboard asks for a series over its own time span."""
    is_filled: bool = False
    """Whether a template was replaced, and may have left commas behind."""


def prepare(text: str) -> Text:
    """Return SQL that a parser can read, its comments, and the title in the first of them, where that is one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ").removeprefix("\ufeff")
    text = plain_head(_RULE.sub("", text))
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.comments: list[str] = []
        self.leading: list[str] = []
        self.seen_code = False
        self.is_series = False
        self.is_filled = False
        self.skipping: list[str] = []
        self.opened: list[tuple[str, bool]] = []
        """The blocks of a template that are open, and whether each is skipped."""
        self.unclosed = 0
        """Up to where no bracket of a dashboard's call closes: looked for again behind each call it would cost the square."""

    def run(self) -> Text:
        text, at = self.text, 0
        while found := _TOKEN.search(text, at):
            self._emit(text[at : found.start()])
            at = self._take(found)
        self._emit(text[at:])
        sql = "".join(self.out)
        return Text(sql, caption_of(self.leading, sql), tuple(self.comments), self.is_series, self.is_filled)

    def _emit(self, code: str) -> None:
        if self.skipping:
            return
        if not self.seen_code and code.strip(" \t\n;"):
            self.seen_code = True
        self.out.append(code)

    def _take(self, found: re.Match[str]) -> int:
        """Replace one mark; return where to go on."""
        kind = found.lastgroup or ""
        kind = "dollar" if kind == "tag" else kind
        mark, end = found[0], found.end()
        take = getattr(self, f"_take_{kind}")
        moved: int | None = take(mark, end)
        return end if moved is None else moved

    def _take_line(self, mark: str, _: int) -> None:
        self._comment(mark.lstrip("-#! "))

    def _take_block(self, mark: str, _: int) -> None:
        self._comment(mark[2:].removesuffix("*/"))

    def _comment(self, said: str) -> None:
        said = said.strip()
        if said:
            self.comments.append(said)
            if not self.seen_code:
                self.leading.append(said)
        if not self.skipping:
            self.out.append(" ")

    def _take_dollar(self, mark: str, end: int) -> int:
        close = self.text.find(mark, end)
        body = self.text[end:close] if close >= 0 else ""
        self._emit("'" + body.replace("'", "''") + "'" if close >= 0 else " ")
        return close + len(mark) if close >= 0 else end

    def _take_string(self, mark: str, _: int) -> None:
        self._emit(f"'{PLACEHOLDER}'" if _IN_STRING.search(mark) else mark)

    def _take_name(self, mark: str, _: int) -> None:
        inner = _TEMPLATE_IN_NAME.sub(PLACEHOLDER, mark)
        self._emit(inner)

    def _take_optional(self, _: str, end: int) -> int:
        close = self.text.find("]]", end, end + 2_002)
        inside = self.text[end:close] if 0 <= close <= end + 2_000 else None
        if inside is None:
            self._emit("[[")
            return end
        # `[[variable]]` is Grafana's older way to write a value; with a template inside it is Metabase's optional clause.
        self._emit(PLACEHOLDER if re.fullmatch(r"\w++", inside) else " " if "{{" in inside else f"[[{inside}]]")
        return close + 2

    def _take_template(self, mark: str, end: int) -> int:
        self.is_filled = True
        close = _closing(self.text, end, {"{{": "}}", "{%": "%}", "{#": "#}"}[mark])
        inside = self.text[end : close - 2]
        if mark == "{%":
            self._statement(inside.strip("-+ \n\t"))
        elif mark == "{{":
            self._emit(self._expression(inside))
        return close

    def _statement(self, said: str) -> None:
        """Follow Jinja's blocks: the first way of an `if` is taken, but for one that runs on increments alone."""
        word = _NAME.match(said)
        name = word[0].lower() if word else ""
        opened = name in ("if", "for", "macro", "call", "filter", "raw", "snapshot", "test") or (
            name == "set" and "=" not in said
        )
        if opened:
            skipped = name in ("macro", "set") or (name == "if" and "is_incremental" in said and "not" not in said)
            self.skipping += [name] if skipped or self.skipping else []
            self.opened.append((name, skipped or len(self.skipping) > 1))
        elif name.startswith("end"):
            if self.opened:
                _, skipped = self.opened.pop()
                if (skipped or self.skipping) and self.skipping:
                    self.skipping.pop()
        elif name in ("else", "elif"):
            opened_ = self.opened
            if opened_ and opened_[-1][0] == "if":
                if self.skipping and len(self.skipping) == 1 and opened_[-1][1] and name == "else":
                    self.skipping.pop()
                    opened_[-1] = ("if", False)
                elif not self.skipping:
                    self.skipping.append("if")
                    opened_[-1] = ("if", True)

    def _expression(self, said: str) -> str:
        if model := _MODEL.match(said):
            last = model["arguments"].rpartition(",")[2].strip(" '\"\n\t")
            return last or PLACEHOLDER
        if question := _QUESTION.match(said):
            return question["slug"].replace("-", "_") or PLACEHOLDER
        called = _CALLED.match(said)
        name = called["name"] if called else ""
        before = "".join(self.out[-3:])[-40:]
        if name in ("config", "log", "print", "snippet"):
            return " "
        if name.endswith(".star") or name == "star":
            return " * "
        if "loop." in said:
            return " "
        if _READS_TABLE.search(before) and "(" not in said:
            return name.rpartition(".")[2] or PLACEHOLDER
        models = _MODELS.findall(said)
        if models and not self.seen_code:
            # A macro alone stands for a whole statement over the models that it is given; elsewhere it stands for a value.
            return "\nUNION ALL ".join(f"SELECT * FROM {model}" for model in models)
        return " " if _ENDS_VALUE.search(before) else PLACEHOLDER

    def _take_grafana(self, mark: str, end: int) -> int:
        name = mark[3:].lower()
        arguments, after = _arguments(self.text, end) if end >= self.unclosed else ("", end)
        if after == end and self.text.startswith("(", end):
            self.unclosed = max(self.unclosed, end + _LONGEST_CALL)
        first = arguments.split(",")[0].strip() if arguments else ""
        if "filter" in name:
            self.is_series = True
            self._emit(f"({TIME_FILTER} = 1)")
        elif name.startswith(("timegroup", "unixepochgroup", "dategroup", "timeinterval", "dateinterval")):
            self.is_series = True
            whole = prepare(arguments).sql if arguments else "now()"
            alias = " AS time" if "alias" in name else ""
            self._emit(f"{TIME_GROUP}({whole or 'now()'}){alias}")
        elif name in ("time", "timeepoch", "unixepoch") and first:
            self.is_series = True
            self._emit(f"{first} AS time")
        elif name.startswith(
            ("timefrom", "timeto", "unixepochfrom", "unixepochto", "fromtime", "totime", "from", "to")
        ):
            self._emit("CURRENT_TIMESTAMP")
        elif name in ("interval", "interval_ms"):
            self._emit(f"'{PLACEHOLDER}'")
            return end
        else:
            self._emit(PLACEHOLDER)
        return after

    def _take_braced(self, mark: str, _: int) -> None:
        inside = mark.strip("${} ")
        before = "".join(self.out[-3:])[-40:]
        after_schema = before.endswith(".")
        if (_READS_TABLE.search(before) or after_schema) and _NAME.fullmatch(inside):
            self._emit(inside)
        else:
            self._emit(PLACEHOLDER)

    def _take_asked(self, _: str, __: int) -> None:
        self._emit(PLACEHOLDER)

    def _take_percent(self, _: str, __: int) -> None:
        self._emit(PLACEHOLDER)

    def _take_variable(self, mark: str, end: int) -> int | None:
        if mark.startswith("::"):
            self._emit(mark)
            return None
        if mark.startswith("@@"):
            self._emit(mark)
            return None
        rest = self.text[end : end + 1]
        before = "".join(self.out[-2:])[-40:]
        if mark.startswith("@") and rest == ".":
            return end + 1  # a schema that is filled in
        if mark.startswith("@") and _READS_TABLE.search(before):
            self._emit(mark[1:])  # a table variable, or a stage
            return None
        if mark.startswith(":") and before[-1:] not in (
            "",
            " ",
            "(",
            ",",
            "=",
            "\n",
            ">",
            "<",
            "\t",
            "%",
            "+",
            "-",
            "*",
            "/",
        ):
            self._emit(mark)  # a path into JSON
            return None
        if mark.startswith(":") and before.rstrip()[-1:] in (")", "]"):
            self._emit(mark)
            return None
        if mark.startswith("$") and rest == ".":
            return end + 1
        self._emit(PLACEHOLDER)
        return None

    def _take_property(self, mark: str, _: int) -> None:
        self._emit(f'."{mark[1:]}"')

    def _take_number(self, mark: str, _: int) -> None:
        self._emit(mark)


_TEMPLATE_IN_NAME = re.compile(r"\$?\{\{?[^{}]*+\}?\}")


def _closing(text: str, at: int, mark: str) -> int:
    """Return where a template ends: behind its closing mark, which is none inside quotes."""
    quote = ""
    for place in range(at, min(len(text), at + 20_000)):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and mark != "#}":
            quote = char
        elif text.startswith(mark, place):
            return place + 2
    plain = text.find(mark, at)
    return plain + 2 if plain >= 0 else len(text)


def _arguments(text: str, at: int) -> tuple[str, int]:
    """Return what stands in the brackets that open here, and where they end."""
    if text[at : at + 1] != "(":
        return "", at
    depth = 0
    for place in range(at, min(len(text), at + _LONGEST_CALL)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return text[at + 1 : place], place + 1
    return "", at
