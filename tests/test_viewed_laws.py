"""The laws of `viewed`, each on its own, on a real store in memory and in a file."""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    USERS,
    acceptable,
    acceptable_now,
    id_lists,
    moments,
    spoiled_id_lists,
)

from insights_core import Insights
from insights_core.errors import InvalidInput
from insights_core.testing.clock import FIVE_MINUTES, TICK, Clock
from insights_core.testing.strategies import steps

ANN, OTHER = USERS
LIVE, DELETED, FOREIGN, UNKNOWN = {1, 2, 3, 4}, 5, 6, 7

on_every_store = pytest.mark.parametrize("where", ["memory", "file"])
replays = st.lists(st.tuples(id_lists, acceptable), max_size=5)
histories = st.lists(st.tuples(id_lists, st.one_of(st.none(), acceptable)), max_size=4)


class World:
    """A project with insights of every sort, and a user who views them."""

    def __init__(self, insights, clock):
        self.clock = clock
        self.project = insights.project("1")
        self.foreign = insights.project("01")
        for _ in (*LIVE, DELETED):
            self.project.create()
        self.foreign.create()
        self.project.delete(DELETED)

    def view(self, ids, at=None):
        return self.project.viewed(ANN, ids, at and at.moment(self.clock))

    def live_through(self, history):
        return [self.view(ids, at) for ids, at in history]

    def times(self, user=ANN, project=None):
        """Return the last-viewed list as pairs of id and time."""
        return [(entry.id, entry.last_viewed_at) for entry in (project or self.project).my_last_viewed(user, 1000)]

    def everything(self):
        """Return what can be seen of any view."""
        return [self.times(user, project) for user in USERS for project in (self.project, self.foreign)]


@contextmanager
def world(where):
    clock = Clock()
    if where == "memory":
        with Insights.memory(clock=clock) as insights:
            yield World(insights, clock)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "insights.db"
        with Insights.open(path, synchronous="NORMAL", clock=clock) as insights:
            yield World(insights, clock)


@contextmanager
def twins(where):
    """Two worlds that nothing tells apart."""
    with world(where) as one, world(where) as other:
        yield one, other


@on_every_store
@given(history=histories, ids=id_lists, at=acceptable, later=histories)
def test_a_replay_changes_nothing(where, history, ids, at, later):
    with world(where) as here:
        here.live_through(history)
        first = here.view(ids, at)
        here.live_through(later)
        before = here.everything()
        again = here.view(ids, at)
        assert (again.recorded, again.viewed_at) == (first.recorded, first.viewed_at)
        assert again.moved == ()
        assert here.everything() == before


@on_every_store
@given(orders=replays.flatmap(lambda deliveries: st.tuples(st.just(deliveries), st.permutations(deliveries))))
def test_the_order_of_deliveries_does_not_matter(where, orders):
    with twins(where) as (one, other):
        one.live_through(orders[0])
        other.live_through(orders[1])
        assert one.everything() == other.everything()


@on_every_store
@given(history=histories, parts=st.lists(id_lists, min_size=1, max_size=4), at=acceptable)
def test_one_call_is_as_good_as_many(where, history, parts, at):
    with twins(where) as (one, other):
        one.live_through(history)
        other.live_through(history)
        whole = one.view([id_ for part in parts for id_ in part], at)
        pieces = [other.view(part, at) for part in parts]
        assert one.everything() == other.everything()
        assert set(whole.recorded) == {id_ for piece in pieces for id_ in piece.recorded}
        assert Counter(whole.moved) == Counter(id_ for piece in pieces for id_ in piece.moved)
        assert {piece.viewed_at for piece in pieces} <= {whole.viewed_at, None}


@on_every_store
@given(events=st.lists(st.one_of(st.none(), steps, st.tuples(id_lists, acceptable_now)), max_size=8), ids=id_lists)
def test_time_never_falls_and_a_later_call_is_later(where, events, ids):
    with world(where) as here:
        for event in events:
            before = dict(here.times())
            if isinstance(event, tuple):
                here.view(*event)
            else:
                here.clock.now += event or timedelta(0)
                receipt = here.view([1, *ids])
                assert receipt.viewed_at == max([here.clock(), *(seen + TICK for seen in before.values())])
                assert receipt.moved == receipt.recorded
            after = dict(here.times())
            assert all(before[id_] <= after[id_] for id_ in before)


@on_every_store
@given(at=acceptable, ids=id_lists, hidden=st.sampled_from(sorted(LIVE)))
def test_a_later_call_is_later_than_views_of_deleted_insights_too(where, at, ids, hidden):
    with world(where) as here:
        seen = here.view([hidden], at).viewed_at
        here.project.delete(hidden)
        receipt = here.view(ids)
        assert receipt.viewed_at in {None, max(here.clock(), seen + TICK)}
        here.project.restore(hidden)
        assert dict(here.times())[hidden] == seen


@on_every_store
@given(history=histories, ids=spoiled_id_lists(), at=st.one_of(st.none(), acceptable))
def test_one_bad_id_and_nothing_is_stored(where, history, ids, at):
    with world(where) as here:
        here.live_through(history)
        before = here.everything()
        with pytest.raises(InvalidInput):
            here.view(ids, at)
        assert here.everything() == before


@on_every_store
@given(history=histories, ids=id_lists, at=moments, step=steps)
def test_a_moment_too_far_ahead_and_nothing_is_stored(where, history, ids, at, step):
    with world(where) as here:
        here.live_through(history)
        here.clock.now += step
        before = here.everything()
        if at.moment(here.clock) - here.clock() <= FIVE_MINUTES:
            assert here.view(ids, at).viewed_at in {None, at.moment(here.clock)}
        else:
            with pytest.raises(InvalidInput):
                here.view(ids, at)
            assert here.everything() == before


@on_every_store
def test_ids_that_break_off_and_nothing_is_stored(where):
    def broken():
        yield 1
        raise KeyError("a caller's own mistake")

    with world(where) as here:
        here.view([2])
        before = here.everything()
        with pytest.raises(KeyError):
            here.view(broken())
        assert here.everything() == before


@on_every_store
@given(data=st.data(), history=histories, ids=id_lists, at=st.one_of(st.none(), acceptable))
def test_duplicates_count_once(where, data, history, ids, at):
    doubled = data.draw(st.permutations([*ids, *ids]))
    with twins(where) as (one, other):
        one.live_through(history)
        other.live_through(history)
        assert one.view(doubled, at) == other.view(sorted(set(ids)), at)
        assert one.everything() == other.everything()


@on_every_store
@given(history=histories, ids=id_lists, at=st.one_of(st.none(), acceptable))
def test_deleted_foreign_and_unknown_ids_are_dropped_without_a_word(where, history, ids, at):
    with twins(where) as (one, other):
        one.live_through(history)
        other.live_through(history)
        receipt = one.view([*ids, DELETED, FOREIGN, UNKNOWN], at)
        own = sorted(LIVE.intersection(ids))
        assert receipt.recorded == tuple(own)
        if own:
            assert receipt == other.view(own, at)
        else:
            assert (receipt.moved, receipt.viewed_at) == ((), None)
        # Nor do they come up later, when the deleted one is back and the unknown one is made.
        for here in (one, other):
            here.project.restore(DELETED)
            assert here.project.create().id == UNKNOWN
        assert one.everything() == other.everything()
        assert {DELETED, FOREIGN, UNKNOWN}.isdisjoint(dict(one.times()))


@on_every_store
@given(history=histories, ids=id_lists, at=st.one_of(st.none(), acceptable))
def test_nobody_else_is_touched(where, history, ids, at):
    with world(where) as here:
        for seen, when in history:
            here.project.viewed(OTHER, seen, when and when.moment(here.clock))
            here.foreign.viewed(ANN, seen, when and when.moment(here.clock))
        before = here.times(OTHER), here.times(ANN, here.foreign)
        receipt = here.view(ids, at)
        assert before == (here.times(OTHER), here.times(ANN, here.foreign))
        # Nor do the others' views push this user's clock ahead.
        if receipt.recorded:
            assert receipt.viewed_at == (here.clock() if at is None else at.moment(here.clock))


@on_every_store
@given(history=histories, ids=id_lists)
def test_one_call_is_one_moment_and_ties_go_to_the_larger_id(where, history, ids):
    with world(where) as here:
        here.live_through(history)
        receipt = here.view(ids)
        own = sorted(LIVE.intersection(ids), reverse=True)
        assert here.times()[: len(own)] == [(id_, receipt.viewed_at) for id_ in own]


@on_every_store
@pytest.mark.parametrize("form", [list, tuple, set, frozenset, iter, lambda ids: dict.fromkeys(ids).keys()])
def test_any_collection_of_integers_will_do(where, form):
    with world(where) as here:
        assert here.view(form([1, 2, 3, UNKNOWN])).recorded == (1, 2, 3)


@on_every_store
def test_it_takes_any_number_of_ids(where):
    with world(where) as here:
        assert set(here.view(range(1, 50_001)).recorded) == LIVE
        assert set(here.view(range(2**63 - 50_000, 2**63)).recorded) == set()
