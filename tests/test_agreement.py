"""The SQLite store, in memory and in a file, does what the reference does: after every step, to the last field."""

from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from faulty import FAULTS
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from strategies import (
    BAD_CALLS,
    BAD_KEYS,
    EXOTIC_KEYS,
    PROJECTS,
    STRANGE_REFS,
    USERS,
    changes,
    filters,
    id_lists,
    insight_fields,
    limits,
    moments,
    projects,
    refs,
    users,
    wrong_calls,
)

from insights_core import Insights
from insights_core.errors import Conflict, InvalidInput, InvalidQuery, NotFound
from insights_core.model import Name
from insights_core.reference import Reference, ReferenceProject
from insights_core.testing.clock import START, Clock
from insights_core.testing.strategies import steps

REFUSED = "refused"
NOT_FOUND = "not found"
CONFLICT = "conflict"


def outcome(call):
    """Return what a call came to: its result, records as dicts, or the kind of its refusal."""
    try:
        return as_dicts(call())
    except (InvalidInput, NotFound) as error:
        return REFUSED if isinstance(error, InvalidInput) else NOT_FOUND
    except Conflict as error:
        return {"kind": CONFLICT, "insight": error.insight, "revision": error.revision}


def as_dicts(value):
    if isinstance(value, list):
        return [as_dicts(item) for item in value]
    return value._asdict() if hasattr(value, "_asdict") else value


def exact(value):
    """Return the value with its leaves as text: to `==`, True is 1, 0.0 is -0.0, and noon in Paris is 11 in UTC."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return [exact(item) for item in value] if isinstance(value, list) else repr(value)


def spoil(value):
    """Change whatever can be changed in a value, as callers may do with what is theirs."""
    for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        spoil(item)
    if isinstance(value, dict | list):
        value.clear()


class Namer:
    """Derives a name from some queries, and none from the others; that names are good is proven elsewhere."""

    def generate_name(self, query, *, backend):
        if not query.get("kind"):
            raise InvalidQuery("a query says what it is")
        return Name(f"Some {query['kind']}", "", backend)


def problems(insights):
    """Return what a store finds wrong with itself."""
    return list(insights.check().problems)


class Remembering(Clock):
    """Knows the latest that it ever said: what was stored then lies ahead of a clock that steps back."""

    latest = START

    @property
    def now(self):
        return self._now

    @now.setter
    def now(self, moment):
        self._now = moment
        self.latest = max(self.latest, moment)


@contextmanager
def caught_up(clock):
    """Let a clock that stepped back say the latest again: a check and an import go by it."""
    before, clock.now = clock.now, clock.latest
    yield
    clock.now = before


class InMemory:
    def __init__(self, clock):
        self._clock = clock
        self._insights = Insights.memory(clock=clock, namer=Namer())

    def project(self, key):
        return self._insights.project(key)

    def reopen(self):
        """Do nothing: what is closed in memory is gone."""

    def move(self):
        """Go on in a new store that was given all there was in the old."""
        lines = list(self._insights.export_lines())
        self._insights.close()
        self.__init__(self._clock)
        with caught_up(self._clock):
            self._insights.import_lines(lines)

    def check(self):
        with caught_up(self._clock):
            assert problems(self._insights) == []

    def close(self):
        self._insights.close()


class InFile(InMemory):
    """Two handles on one file that take turns: what one has written, the other must know."""

    def __init__(self, clock):
        self._clock = clock
        self._folder = TemporaryDirectory()
        self._handles = []
        self._open()

    def project(self, key):
        self._handles.reverse()
        return self._handles[0].project(key)

    def reopen(self):
        self._close_handles()
        self._open()

    def move(self):
        lines = list(self._handles[0].export_lines())
        self.close()
        self.__init__(self._clock)
        with caught_up(self._clock):
            self._handles[0].import_lines(lines)

    def check(self):
        with caught_up(self._clock):
            assert problems(self._handles[0]) == []
        path = Path(self._folder.name) / "insights.db"
        with Insights.open(path, read_only=True) as reader:
            assert problems(reader) == []
            assert list(reader.export_lines()) == list(self._handles[0].export_lines())

    def close(self):
        self._close_handles()
        self._folder.cleanup()

    def _open(self):
        path = Path(self._folder.name) / "insights.db"
        self._handles = [Insights.open(path, synchronous="NORMAL", clock=self._clock, namer=Namer()) for _ in range(2)]

    def _close_handles(self):
        while self._handles:
            self._handles.pop().close()


class Pair:
    """A subject, and the reference that has lived through the same."""

    def __init__(self, subject, clock):
        self.subject = subject
        self.reference = Reference(clock)

    def ask(self, project, method, *arguments, **options):
        """Ask both the same; what they answer must be the same."""
        got, want = (
            outcome(lambda side=side: getattr(side.project(project), method)(*arguments, **options))
            for side in (self.subject, self.reference)
        )
        if repr(got) != repr(want):  # far quicker, and almost always enough
            assert exact(got) == exact(want)
        spoil(got)
        return want

    def create(self, project, given):
        """Create the same insight on both sides; the reference is told what only the subject can know."""
        mine = deepcopy(given)
        made = outcome(lambda: self.subject.project(project).create(**mine))
        assert isinstance(made, dict), f"{made}: {given}"
        spoil(mine)
        told = {"short_id": made["short_id"]}
        if given.get("query") is not None and "name" not in given and "derived_name" not in given:
            told |= {field: made[field] for field in ("derived_name", "name_source")}
            assert told["name_source"] == (None if told["derived_name"] is None else "heuristic")
        assert self._fits(project, made["short_id"])
        assert exact(made) == exact(outcome(lambda: self.reference.project(project).create(**given, **told)))
        spoil(made)

    def update(self, project, ref, changes, **options):
        """Change the same on both sides; the reference is told the derived name of a new query."""
        told = {}
        if "query" in changes and "derived_name" not in changes:
            told["derived"] = (None, None)
            if changes["query"] and changes["query"].get("kind"):
                told["derived"] = (Namer().generate_name(changes["query"], backend="").name, "heuristic")
        mine = deepcopy(changes)
        subject = self.subject.project(project)
        hint = told if isinstance(subject, ReferenceProject) else {}
        got = outcome(lambda: subject.update(ref, **options, **hint, **mine))
        spoil(mine)
        want = outcome(lambda: self.reference.project(project).update(ref, **options, **told, **deepcopy(changes)))
        assert exact(got) == exact(want)
        spoil(got)
        return want

    def _fits(self, project, short_id):
        taken = [other["short_id"] for other in self.reference.insights if other["project"] == project]
        well_made = short_id.isascii() and short_id.isalnum() and not short_id.isdigit() and len(short_id) == 8
        return well_made and short_id not in taken

    def spell(self, ref):
        return ref.spell({record["id"]: record["short_id"] for record in self.reference.insights})


class Home(NamedTuple):
    """An insight that was created, deleted since or not, and where it belongs."""

    project: str
    id: int


class Agreement(RuleBasedStateMachine):
    """What users do, in any order; each rule does it to every subject."""

    subjects = ()

    def __init__(self):
        super().__init__()
        self.clock = Remembering()
        self.pairs = [Pair(subject(self.clock), self.clock) for subject in self.subjects]

    def teardown(self):
        for pair in self.pairs:
            pair.subject.close()

    def all_agree(self, project, method, *arguments, **options):
        return [pair.ask(project, method, *arguments, **options) for pair in self.pairs]

    insights = Bundle("insights")

    @initialize(target=insights, foreign=st.integers(0, 4))
    def begin(self, foreign):
        return multiple(*(self.create(PROJECTS[number == foreign], {}) for number in range(5)))

    @rule(step=steps)
    def time_passes(self, step):
        self.clock.now += step

    @rule(target=insights, project=projects, given=insight_fields)
    def create(self, project, given):
        for pair in self.pairs:
            pair.create(project, given)
        return Home(project, len(self.pairs[0].reference.insights))

    @rule(insight=insights, method=st.sampled_from(["delete", "restore"]))
    def delete_or_restore(self, insight, method):
        self.all_agree(insight.project, method, insight.id)

    @rule(insight=insights, more=st.lists(refs, min_size=1, max_size=2), method=st.sampled_from(["delete", "restore"]))
    def delete_or_restore_many(self, insight, more, method):
        for pair in self.pairs:
            pair.ask(insight.project, method, insight.id, *map(pair.spell, more))

    @rule(seen=st.lists(insights, min_size=1, max_size=4), user=users)
    def view(self, seen, user):
        self.all_agree(seen[0].project, "viewed", user, [insight.id for insight in seen])

    @rule(seen=st.lists(insights, min_size=1, max_size=4), user=users, at=moments)
    def view_at(self, seen, user, at):
        self.all_agree(seen[0].project, "viewed", user, [insight.id for insight in seen], at.moment(self.clock))

    @rule(insight=insights, user=users)
    def view_and_delete(self, insight, user):
        self.all_agree(insight.project, "viewed", user, [insight.id])
        self.all_agree(insight.project, "delete", insight.id)

    @rule(project=projects, user=users, seen=id_lists, at=st.one_of(st.none(), moments))
    def view_any(self, project, user, seen, at):
        self.all_agree(project, "viewed", user, seen, at and at.moment(self.clock))

    @rule(project=projects, ref=refs)
    def get(self, project, ref):
        for pair in self.pairs:
            pair.ask(project, "get", pair.spell(ref))

    @rule(project=projects, user=users, limit=limits)
    def look(self, project, user, limit):
        self.all_agree(project, "my_last_viewed", user, limit)
        self.all_agree(project, "list", limit=limit)

    @rule(insight=insights, changes=changes, user=users, base=st.sampled_from([None, None, 0, -1]))
    def update(self, insight, changes, user, base):
        for pair in self.pairs:
            newest = next(record["revision"] for record in pair.reference.insights if record["id"] == insight.id)
            revision = None if base is None else max(1, newest + base)
            pair.update(insight.project, insight.id, changes, user=user, revision=revision)

    @rule(insight=insights, tags=st.sampled_from([["a"], ["ba"], ["ba", "a"], []]), user=users)
    def tag_and_list(self, insight, tags, user):
        for pair in self.pairs:
            pair.update(insight.project, insight.id, {"tags": tags}, user=user)
        self.all_agree(insight.project, "list", tags=["a", "ba"])
        self.all_agree(insight.project, "list", search="A")

    @rule(project=projects, user=users)
    def forget(self, project, user):
        self.all_agree(project, "forget", user)

    @rule(project=projects, days=st.sampled_from([1, 7, 365]), limit=st.sampled_from([1, 2, 100]))
    def trend(self, project, days, limit):
        self.all_agree(project, "trending", days=days, limit=limit)

    @rule(project=projects, filters=filters, limit=st.sampled_from([None, 1, 2]))
    def list_some(self, project, filters, limit):
        self.all_agree(project, "list", limit=limit, **filters)

    @rule(project=projects, call=wrong_calls)
    def call_wrongly(self, project, call):
        method, arguments, options = call
        assert set(self.all_agree(project, method, *arguments, **options)) == {REFUSED}

    @rule()
    def reopen(self):
        for pair in self.pairs:
            pair.subject.reopen()

    @rule()
    def move(self):
        for pair in self.pairs:
            pair.subject.move()

    @invariant()
    def nothing_differs(self):
        for pair in self.pairs:
            pair.subject.check()
            for project in PROJECTS:
                pair.ask(project, "list")
                for user in USERS:
                    pair.ask(project, "my_last_viewed", user, 1000)
                    pair.ask(project, "my_last_viewed", user, 2)
                pair.ask(project, "trending")
            for record in pair.reference.insights:
                pair.ask(record["project"], "get", record["id"])


class SQLiteAgreement(Agreement):
    subjects = (InMemory, InFile)

    @rule(project=projects, filters=filters, limit=st.integers(1, 3))
    def turn_pages(self, project, filters, limit):
        for pair in self.pairs:
            want = pair.ask(project, "list", **filters)
            found, cursor = [], None
            while True:
                page = pair.subject.project(project).page(cursor, limit=limit, **filters)
                found += page.insights
                cursor = page.next_cursor
                if cursor is None:
                    break
                assert len(page.insights) == limit
            assert exact(as_dicts(found)) == exact(want)


TestSQLiteAgreement = SQLiteAgreement.TestCase


@pytest.fixture(params=[InMemory, InFile], ids=["memory", "file"])
def pair(request):
    clock = Remembering()
    pair = Pair(request.param(clock), clock)
    yield pair
    pair.subject.close()


@pytest.mark.parametrize("call", BAD_CALLS, ids=lambda call: f"{call[0]}{call[1]}"[:60].encode("ascii", "replace"))
def test_every_wrong_call_is_refused(pair, call):
    method, arguments, options = call
    pair.create("1", {})
    assert pair.ask("1", method, *arguments, **options) == REFUSED
    assert len(pair.ask("1", "list")) == 1


@pytest.mark.parametrize("key", BAD_KEYS, ids=ascii)
def test_every_wrong_project_is_refused(pair, key):
    assert pair.ask(key, "list") == REFUSED


@pytest.mark.parametrize("text", STRANGE_REFS, ids=ascii)
def test_text_that_names_nothing_is_not_found(pair, text):
    pair.create("1", {})
    for method in ("get", "delete", "restore"):
        assert pair.ask("1", method, text) == NOT_FOUND


@pytest.mark.parametrize("method", ["delete", "restore"])
def test_no_insight_named_is_none_changed(pair, method):
    pair.create("1", {})
    assert pair.ask("1", method) == []


def test_ids_of_projects_and_users_are_opaque(pair):
    for project in EXOTIC_KEYS:
        pair.create(project, {"user": project})
    for project in EXOTIC_KEYS:
        assert len(pair.ask(project, "list")) == 1
        assert [len(pair.ask(project, "my_last_viewed", user)) for user in EXOTIC_KEYS].count(1) == 1


def test_many_tags_are_in_order():
    with Insights.memory() as insights:
        insights.project("1").create(tags=["a", "b"])
        assert insights.check().problems == ()


# That the machine can fail: each fault is a reference with one law broken, and must be found.


class Faulty(Reference):
    """A subject that is right but for one fault."""

    def __init__(self, fault, clock):
        super().__init__(clock)
        self.fault = fault

    def project(self, key):
        return self.fault(self, key)

    def reopen(self):
        pass

    check = close = move = reopen


class Forgetful(Faulty):
    """A subject that keeps no views when it is closed."""

    def reopen(self):
        self.views.clear()


FAULTY = {name: partial(Faulty, fault) for name, fault in FAULTS.items()}
FAULTY["Forgetful"] = partial(Forgetful, ReferenceProject)


def machine_for(subject):
    return type("FaultyAgreement", (Agreement,), {"subjects": (subject,)})


def looking(max_examples):
    return settings(settings.get_profile("ci"), max_examples=max_examples, report_multiple_bugs=False)


@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_found(fault):
    # Each takes ten examples or so; what is left of the 200 keeps luck out of it when rules are added.
    # Found is enough: nobody needs its shortest history.
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine_for(FAULTY[fault]), settings=settings(looking(200), phases=[Phase.generate]))


def test_no_fault_is_found_where_there_is_none():
    run_state_machine_as_test(machine_for(partial(Faulty, ReferenceProject)), settings=looking(10))
