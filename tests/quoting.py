"""Ways to write a value into SQL: every literal, number and comment that some dialect has."""

from hypothesis import strategies as st

# What a quote, a comment or a placeholder could be mistaken for.
NASTY = (
    "jane", "it's jane", "'", "''", '"', "\\", "C:\\", "\\'", "a\\'b", "-- jane", "# jane", "// jane", "/* jane", "jane */", "$$",
    "$tag$", "`", "]'", "'''", "VALUE1", "value 2", "4111111111111111", "0x1F", "; drop table x", "{{ jane }}", "{# jane",
    "${jane}", "jane@secret.example", "/home/jane", "jane.csv", "\ufb01nance", "\u1e9etra\u00dfe", "\U0001f600\u20ac", "null",
    "select", "month", "7 days", "won", "order", "'jane", "jane'", " ", "%jane%", "\u2019jane\u2019", "(", "))", "http://x.y/#z",
)  # fmt: skip

texts = st.sampled_from(NASTY) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=12
)
plain = st.from_regex(r"[A-Za-z][a-z]{0,40}( [a-z]{1,9}){0,2}", fullmatch=True)
numbers = st.integers(0, 10**20)


def _doubled(text, mark="'"):
    return text.replace(mark, mark * 2)


def _escaped(text, mark="'"):
    return text.replace("\\", "\\\\").replace(mark, "\\" + mark)


def _without(text, *marks):
    for mark in marks:
        text = text.replace(mark, "")
    return text or "x"


LITERALS = {
    "doubled": lambda text: f"'{_doubled(_without(text, chr(92)))}'",
    "escaped": lambda text: f"'{_escaped(text)}'",
    "dollars": lambda text: f"$${_without(text, '$')}$$",
    "tagged dollars": lambda text: f"$tag${_without(text, '$')}$tag$",
    "escape string": lambda text: f"E'{_escaped(text)}'",
    "national": lambda text: f"N'{_doubled(_without(text, chr(92)))}'",
    "unicode": lambda text: f"U&'{_doubled(_without(text, chr(92)))}'",
    "bytes": lambda text: f"b'{_escaped(text)}'",
    "raw": lambda text: f"r'{_without(text, chr(39), chr(92))}'",
    "raw in double quotes": lambda text: f'r"{_without(text, chr(34), chr(92))}"',
    "Oracle's": lambda text: f"q'[{_without(text, ']')}]'",
    "Oracle's, national": lambda text: f"nq'!{_without(text, '!')}!'",
    "triple": lambda text: f"'''{_without(text, chr(39), chr(92))}'''",
    "triple double": lambda text: f'"""{_without(text, chr(34), chr(92))}"""',
    "double quotes": lambda text: f'"{_doubled(_without(text, chr(92)), chr(34))}"',
    "hexadecimal string": lambda text: f"x'{text.encode().hex()}'",
    "hexadecimal": lambda text: f"0x{text.encode().hex()}",
}

NUMBERS = {
    "integer": str,
    "negative": lambda number: f"-{number}",
    "decimal": lambda number: f"{number}.25",
    "without a zero": lambda number: f".{number}",
    "scientific": lambda number: f"{number}e+{number % 90}",
    "hexadecimal": hex,
    "binary": bin,
    "with underscores": lambda number: f"{number:_}",
    "binary string": lambda number: f"B'{number:b}'",
}

COMMENTS = {
    "dashes": lambda text: f" -- {text}\n",
    "hash": lambda text: f" # {text}\n",
    "block": lambda text: f" /* {_without(text, '*', '/')} */ ",
    "hint": lambda text: f" /*+ {_without(text, '*', '/')} */ ",
    "slashes": lambda text: f" // {text}\n",
    "template": lambda text: f" {{# {_without(text, '#')} #}} ",
}
