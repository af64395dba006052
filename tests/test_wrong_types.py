"""What no caller should pass: an error of the library in one line, whatever it is, and nothing stored."""

import base64
import io
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core import Insights, InsightsError, InvalidInput, Namer, NotFound, StoreUnusable, inputs
from insights_core.batch import name_lines

ORDERS = inputs.ORDERS
ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.text(st.characters()) | st.lists(st.integers())  # fmt: skip
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3))  # fmt: skip


@pytest.fixture(scope="module")
def insights():
    with Insights.memory() as opened:
        project = opened.project("p")
        for name in ("a", None, "é"):
            project.create(name=name, user="ann")
        yield opened


def forged(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(st.sampled_from(ORDERS), JSON, JSON)
def test_a_forged_cursor_is_a_page_or_refused(insights, order, key, id_):
    for cursor in (forged([order, key, id_]), forged([order, key, 1]), forged([order, 1, id_]), forged(key)):
        try:
            insights.project("p").page(cursor, order=order)
        except InvalidInput as error:
            assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("order", ORDERS)
def test_a_cursor_of_another_type_is_refused_and_a_real_one_is_not(insights, order):
    wrong = 1 if order.endswith("name") else "x"
    for key, id_ in ((wrong, 1), (2**63, 1), ("\ud800", 1), ("a\0", 1), (None, 1), (True, 1), (0.5, 1), ([], 1), (1, 2**63), (1, 0), (1, True), (1, "1")):  # fmt: skip
        with pytest.raises(InvalidInput, match="cursor is none"):
            insights.project("p").page(forged([order, key, id_]), order=order)
    for cursor in (5, b"x", "\ud800", forged("x") + "=", base64.urlsafe_b64encode(b"[" * 100_000).decode()):
        with pytest.raises(InvalidInput, match="cursor"):
            insights.project("p").page(cursor, order=order)
    project, found, cursor = insights.project("p"), [], None
    while True:
        page = project.page(cursor, limit=1, order=order)
        found += page.insights
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == project.list(order=order)


@given(ODD)
def test_a_key_of_any_type_opens_and_ends_nothing(insights, value):
    keys = insights.keys
    made = keys.create("ann", "insight:read")
    if isinstance(value, str):
        assert keys.authenticate(value) is None
    else:
        with pytest.raises(InvalidInput, match="a key is text"):
            keys.authenticate(value)
    with pytest.raises((InvalidInput, NotFound)) as caught:
        keys.revoke(value)
    assert "\n" not in str(caught.value)
    assert keys.authenticate(made.text).prefix == made.key.prefix
    keys.revoke(made.text)


def test_a_key_as_bytes_is_not_repeated_in_the_error(insights):
    text = insights.keys.create("ann", "insight:read").text
    with pytest.raises(InvalidInput) as caught:
        insights.keys.authenticate(text.encode())
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"projects": None}, {"projects": "abc"}, {"projects": {}}, {"projects": [1]}, {"projects": [""]}, {"expires": 5}, {"expires": "1h"},
     {"expires": timedelta.max}, {"expires": timedelta.min}, {"scope": []}, {"scope": None}, {"user": None}, {"user": 1}],
)  # fmt: skip
def test_a_key_is_made_of_the_right_types_alone(insights, options):
    before = insights.keys.list()
    with pytest.raises(InvalidInput):
        insights.keys.create(**{"user": "ann", "scope": "insight:read", **options})
    assert insights.keys.list() == before


HEADER = '{"type": "header", "format": "insights-core", "version": 1}'


@given(st.one_of(ODD, st.lists(ODD, max_size=3), st.dictionaries(st.text(), st.text(), max_size=2)))
def test_lines_of_any_type_are_refused(insights, lines):
    before = list(insights.export_lines())
    with pytest.raises(InvalidInput) as caught:
        insights.import_lines(lines, renumber=True)
    assert len(str(caught.value)) < 300
    assert list(insights.export_lines()) == before


@given(st.dictionaries(st.sampled_from(["type", "format", "version", "project", "user", "\n\x1b"]), JSON))
def test_records_of_any_type_are_refused(insights, record):
    for lines in ([json.dumps(record)], [HEADER, json.dumps(record)]):
        with pytest.raises(InvalidInput) as caught:
            insights.import_lines(lines, renumber=True)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [None, 7, "", "a\0b", b"bytes", "\ud800"])
def test_a_database_has_a_path(path):
    with pytest.raises(InvalidInput):
        Insights.open(path)


def test_names_that_no_file_system_takes(tmp_path, monkeypatch):
    for name in ("x" * 300, "x/" * 3_000):
        for read_only in (False, True):
            with pytest.raises(StoreUnusable, match="cannot be opened") as caught:
                Insights.open(tmp_path / name, read_only=read_only)
            assert "\n" not in str(caught.value)

    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    # The tests may run as root, whom nothing is forbidden.
    monkeypatch.setattr("pathlib.Path.stat", forbidden)
    monkeypatch.setattr("os.stat", forbidden)
    with pytest.raises(StoreUnusable, match="Permission denied"):
        Insights.open(tmp_path / "x.db")


# Lines that are too long


class Endless(io.RawIOBase):
    """A line without an end; it notes how much of it was asked for at once."""

    def __init__(self, length, behind=b""):
        self.left, self.behind, self.most = length, behind, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        self.most = max(self.most, len(buffer))
        if self.left:
            count = min(len(buffer), self.left)
            buffer[:count] = b"x" * count
            self.left -= count
            return count
        count = min(len(buffer), len(self.behind))
        buffer[:count], self.behind = self.behind[:count], self.behind[count:]
        return count


def test_a_line_is_held_no_further_than_its_bound():
    file = io.BufferedReader(Endless(10 * inputs.LONGEST_LINE, b"\nshort\n"))
    longest, short = inputs.bounded_lines(file)
    assert len(longest) == inputs.LONGEST_LINE + 1
    assert short == b"short\n"


@given(
    st.lists(st.integers(0, 12) | st.sampled_from([65_536, 65_546])), st.booleans(), st.sampled_from([b"\n", b"\r\n"])
)
def test_lines_within_the_bound_come_as_they_are(lengths, ended, end):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "LONGEST_LINE", 10)
        text = end.join(b"x" * length for length in lengths) + (end if ended else b"")
        found = list(inputs.bounded_lines(io.BytesIO(text)))
        whole = list(io.BytesIO(text))
        assert len(found) == len(whole)
        for line, original in zip(found, whole, strict=True):
            fits = len(original.rstrip(b"\r\n")) <= 10
            assert line == (original if len(original) <= 11 else original[:11])
            if fits:
                inputs.check_length(line)
            else:
                with pytest.raises(InvalidInput, match="more than 10 bytes"):
                    inputs.check_length(line)


def test_a_line_that_is_too_long_is_told_and_stops_nobody(monkeypatch, insights):
    monkeypatch.setattr(inputs, "LONGEST_LINE", 200)
    query = b'{"kind": "TrendsQuery", "series": [{"event": "a"}]}\n'
    file = io.BytesIO(query + b"x" * 1_000 + b"\n" + query)
    rows = list(name_lines(Namer(), inputs.bounded_lines(file)))
    assert [row["name"] is None for row in rows] == [False, True, False]
    assert rows[1]["problems"] == ["line 2: it holds more than 200 bytes"]
    with pytest.raises(InvalidInput, match="line 2: it holds more than 200 bytes"):
        insights.import_lines([HEADER, "x" * 300])
    with pytest.raises(InsightsError):
        insights.import_lines(inputs.bounded_lines(io.BytesIO(b"x" * 1_000)))
