"""SQL made to end or to hang a parser: `python hostile_sql.py` names all of it in a thread with a small stack.

A process of its own, since what goes wrong here is that it ends. Prints each form before it is named, and `done` at last.
"""

import itertools
import random
import sys
import threading
from contextlib import suppress

from insights_core import InvalidQuery, Namer

SMALL_STACK = 256 * 1024
SLOW = 100
"""From so many on a form is read in one dialect alone, by turns: what is too much there is so in each."""
DIALECTS = ("", "`", " :: int ->> 'a'", " toStartOfWeek(a)")
"""What makes the reader guess another dialect: MySQL, PostgreSQL, ClickHouse."""

# (before, within, after): the first is repeated in front of the second and the third behind it.
NESTED = (
    ("(", "1", ")"), ("(", "", ""), ("((", "select 1", "))"), ("f(", "1", ")"), ("sum(", "a", ")"), ("[", "1", "]"), ("a[", "1", "]"),
    ("{'a':", "1", "}"), ("case when a then ", "1", " end"), ("case when a then ", "", ""), ("case a when b then c else ", "1", " end"),
    ("case ", "a", " when 1 then 2 end"), ("not ", "a", ""), ("- ", "1", ""), ("~ ", "1", ""), ("1+", "1", ""), ("1*", "1", ""),
    ("a||", "b", ""), ("a=1 and ", "b", ""), ("a=1 or ", "b", ""), ("(a=1 or ", "b", ")"), ("a<", "1", ""), ("a.", "b", ""), ("a::int::", "int", ""),
    ("x->", "1", ""), ("f(x->", "1", ")"), ("f((x, y)->", "1", ")"), ("a->", "'b'", ""), ("a ? b : ", "c", ""), ("a := ", "1", ""),
    ("exists(select 1 where ", "1", ")"), ("a in (select a from t where ", "1", ")"), ("(select a from t where ", "1", ")"),
    ("cast(", "1", " as int)"), ("cast(", "1", " as decimal(1, 2))"), ("a between 1 and ", "2", ""), ("interval ", "'1' day", ""),
    ("if ", "a", ""), ("if(a, b, ", "1", ")"), ("any ", "a", ""), ("a = any(", "1", ")"), ("distinct ", "a", ""), ("prior ", "a", ""),
    ("struct(", "1", ")"), ("struct(b, ", "1", ")"), ("date(", "1", ")"), ("decimal[", "1", "]"), ("array(", "1", ")"), ("array[", "1", "]"),
    ("map(", "1", ")"), ("null[", "1", "]"), ("union(", "1", ")"), ("object_construct(a, ", "1", ")"), ('"struct"(', "1", ")"),
    ("sum(a) over (partition by ", "1", ")"), ("count(a) filter (where ", "1", ")"), ("f(a) within group (order by ", "1", ")"),
    ("/*", "a", "*/"), ("$$", "a", "$$"), ("$a$", "b", ""), ("{{", "a", "}}"), ("{% if ", "a", "%}"), ("'", "a", "'"), ('"', "a", '"'),
)  # fmt: skip
WHOLE = (
    ("select 1 from (", "t", ")"), ("select 1 from (", "select 1", ")"), ("(", "select 1", ")"), ("select a from (", "select 1", ") x"),
    ("select 1 union ", "select 1", ""), ("select 1 union all (", "select 1", ")"), ("with a as (", "select 1", ") select 1"),
    ("with a as (select 1) ", "select 1", ""), ("explain ", "select 1", ""), ("create table a as ", "select 1", ""), ("begin ", "select 1", ""),
    ("begin show ", "a", ""), ("; begin call ", "a", ""), ("show a; ", "select 1", ""), ("select ", "1", ""), ("from ", "t", ""),
    ("insert into t ", "select 1", ""), ("if (a) then ", "select 1", ""), ("values (", "1", ")"), ("from t |> where a in (", "1", ")"),
)  # fmt: skip
BEHIND = (
    ("join t ", "", ""), ("left join t ", "", ""), ("cross join t ", "", ""), ("join t on a=b ", "", ""), ("join t ", "", "on a=b "),
    ("join t, t ", "", ""), ("join (", "t", ")"), ("join (t join ", "t", " on a=b)"), ("lateral view explode(a) x as y ", "", ""), (", t ", "", ""),
    ("pivot (sum(a) for b in (1)) ", "", ""), ("where a in (select a from t ", "", ")"), ("tablesample (10) ", "", ""),
)  # fmt: skip
TYPES = (
    ("array<", "int", ">"), ("map<int,", "int", ">"), ("struct<a ", "int", ">"), ("Array(", "Int8", ")"), ("Nullable(", "Int8", ")"),
    ("decimal(", "1", ")"), ('"array"<', "int", ">"), ("nested(a ", "int", ")"), ("row(a ", "int", ")"), ("interval ", "day", ""),
)  # fmt: skip
PLACES = (
    ("select {} from t", NESTED), ("select count(*) from t where {}", NESTED), ("{}", WHOLE), ("select 1 from t {}", BEHIND),
    ("select cast(a as {}) from t", TYPES), ("select a::{} from t", TYPES), ('select cast(a as "{}") from t', TYPES),
    ("select /*+ {} */ a from t", NESTED[:12]), ("select a->'$.{}' from t", NESTED[:12]), ("select cast(a as vector('{}', 3))", TYPES),
    ("create table t (a {})", TYPES),
)  # fmt: skip


def repeated(place, piece, times, dialect=""):
    before, within, after = piece
    return place.format(before * times + within + after * times) + dialect


def each(times):
    turns = itertools.cycle(DIALECTS)
    for place, pieces in PLACES:
        for piece in pieces:
            for dialect in DIALECTS if times < SLOW else (next(turns),):
                yield f"{piece[0]!r} x {times} in {place!r} {dialect}", repeated(place, piece, times, dialect)


def mixed(count, seed):
    """Forms within each other, to any depth around the one that is allowed."""
    chance = random.Random(seed)
    for number in range(count):
        place, pieces = chance.choice(PLACES)
        chosen = [chance.choice(pieces) for _ in range(chance.randint(1, 4))]
        cycle = list(itertools.islice(itertools.cycle(chosen), chance.choice((8, 15, 25, 40, 59, 80, 120, 240))))
        text = "".join(piece[0] for piece in cycle) + cycle[-1][1] + "".join(piece[2] for piece in reversed(cycle))
        yield f"mixed {number} of seed {seed}", place.format(text) + chance.choice(DIALECTS)


def name_all(texts):
    namer = Namer(installed=False)
    for told, text in texts:
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()
        with suppress(InvalidQuery):  # some of it is no SQL
            assert namer.generate_name(text).name
    sys.stdout.write("done\n")


def main():
    what, number = sys.argv[1], int(sys.argv[2])
    texts = mixed(400, number) if what == "mixed" else each(number)
    if sys.argv[3:] == ["main"]:
        name_all(texts)
        return
    threading.stack_size(SMALL_STACK)
    thread = threading.Thread(target=name_all, args=(texts,))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
