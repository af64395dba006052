"""Projects of the reference with one fault each, as a server's user meets them; `faulty` has those that any test has to find."""

from datetime import timedelta

from insights_core import InvalidInput, Namer, NotFound
from insights_core.reference import ReferenceProject


class Named(ReferenceProject):
    """The reference does not read queries: the rules name them."""

    def generate_name(self, query):
        return Namer().generate_name(query)


class SixAreListed(Named):
    def my_last_viewed(self, user, limit=5):
        return super().my_last_viewed(user, limit + 1)


class OrdersById(Named):
    def my_last_viewed(self, user, limit=5):
        return sorted(super().my_last_viewed(user, limit), key=lambda entry: -entry["id"])


class OldestFirst(Named):
    def my_last_viewed(self, user, limit=5):
        return super().my_last_viewed(user, limit)[::-1]


class DeletedShows(Named):
    def my_last_viewed(self, user, limit=5):
        hidden = [record for record in self._all() if record["deleted"]]
        for record in hidden:
            record["deleted"] = False
        try:
            return super().my_last_viewed(user, limit)
        finally:
            for record in hidden:
                record["deleted"] = True


class OthersLeak(Named):
    def my_last_viewed(self, user, limit=5):
        seen = [
            entry for _, other in list(self.store.views) for entry in super(OthersLeak, self).my_last_viewed(other, 100)
        ]
        newest = {}
        for entry in sorted(seen, key=lambda entry: entry["last_viewed_at"]):
            newest[entry["id"]] = entry
        return sorted(newest.values(), key=lambda entry: (entry["last_viewed_at"], entry["id"]), reverse=True)[:limit]


class RepeatsRows(Named):
    def __init__(self, store, project):
        super().__init__(store, project)
        self.rows = vars(store).setdefault("rows", [])

    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        self.rows += [(self.id, user, id_, receipt["viewed_at"]) for id_ in receipt["recorded"]]
        return receipt

    def my_last_viewed(self, user, limit=5):
        entries = super().my_last_viewed(user, 1000)
        known = {(entry["id"], entry["last_viewed_at"]) for entry in entries}
        by_id = {entry["id"]: entry for entry in entries}
        more = [
            {**by_id[id_], "last_viewed_at": at}
            for project, viewer, id_, at in self.rows
            if (project, viewer) == (self.id, user) and id_ in by_id and (id_, at) not in known
        ]
        return sorted([*entries, *more], key=lambda entry: (entry["last_viewed_at"], entry["id"]), reverse=True)[:limit]


class ForeignIsMissing(Named):
    def viewed(self, user, ids, at=None):
        for id_ in ids:
            if any(record["id"] == id_ and record["project"] != self.id for record in self.store.insights):
                raise NotFound("no such insight", insight=id_)
        return super().viewed(user, ids, at)


class UnknownIsMissing(Named):
    def viewed(self, user, ids, at=None):
        for id_ in ids:
            if isinstance(id_, int) and id_ > len(self.store.insights):
                raise NotFound("no such insight", insight=id_)
        return super().viewed(user, ids, at)


class ForeignIsRecorded(Named):
    def _all(self):
        return self.store.insights


class DeletedIsRecorded(Named):
    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        hidden = [record["id"] for record in self._all() if record["deleted"] and record["id"] in ids]
        self._views_of(user).update(dict.fromkeys(hidden, self.store.clock()))
        return receipt


class RestoredGoesToTheFront(Named):
    def restore(self, *refs):
        restored = super().restore(*refs)
        for record in restored:
            for (project, user), views in list(self.store.views.items()):
                if project == self.id and record["id"] in views:
                    views[record["id"]] = self._next_view(user)
        return restored


class EachIdItsTime(Named):
    def viewed(self, user, ids, at=None):
        for id_ in ids:
            receipt = super().viewed(user, [id_], at)
        return receipt


class FirstViewStays(Named):
    def viewed(self, user, ids, at=None):
        before = dict(self._views_of(user))
        receipt = super().viewed(user, ids, at)
        self._views_of(user).update(before)
        return receipt


class ClockIsBelieved(Named):
    """Times fall back with the clock."""

    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        self._views_of(user).update(dict.fromkeys(receipt["recorded"], self.store.clock()))
        return receipt


class AnyIdRefusedIsSkipped(Named):
    def viewed(self, user, ids, at=None):
        return super().viewed(user, [id_ for id_ in ids if not isinstance(id_, str)], at)


class OneIsTrue(Named):
    def viewed(self, user, ids, at=None):
        return super().viewed(user, [int(id_) if id_ is True else id_ for id_ in ids], at)


class TrendsByViews(Named):
    def __init__(self, store, project):
        super().__init__(store, project)
        self.counts = vars(store).setdefault("counts", {})

    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        for id_ in receipt["recorded"]:
            self.counts[id_] = self.counts.get(id_, 0) + 1
        return receipt

    def trending(self, *, days=7, limit=10):
        found = super().trending(days=days, limit=100)
        found.sort(key=lambda entry: self.counts.get(entry["id"], 0), reverse=True)
        return found[: self._checked(limit)]

    def _checked(self, limit):
        super().trending(limit=limit)
        return limit


class TrendsByTheLatest(Named):
    def trending(self, **options):
        found = super().trending(**options)
        return sorted(found, key=lambda entry: entry["last_viewed_at"], reverse=True)


class TrendsForEver(Named):
    def trending(self, *, days=7, limit=10):
        super().trending(days=days, limit=limit)
        return super().trending(days=365, limit=limit)


class TrendsWithoutBounds(Named):
    def trending(self, *, days=7, limit=10):
        return super().trending(days=max(1, min(365, days)), limit=max(1, min(100, limit)))


class LatestViewersByName(Named):
    def trending(self, **options):
        return [{**entry, "latest_viewers": sorted(entry["latest_viewers"])} for entry in super().trending(**options)]


class LimitOfTrendingIgnored(Named):
    def trending(self, *, days=7, limit=10):
        super().trending(days=days, limit=limit)
        return super().trending(days=days, limit=100)


class NameIsInvented(Named):
    def generate_name(self, query):
        made = super().generate_name(query)
        return made._replace(name=f"{made.name} of Premium Users")


class NameLeavesOutTheBreakdown(Named):
    def generate_name(self, query):
        made = super().generate_name(query)
        return made._replace(name=made.name.partition(" by ")[0])


class NameIsTheKind(Named):
    def generate_name(self, query):
        return super().generate_name(query)._replace(name="New insight")


class NameChanges(Named):
    count = 0

    def generate_name(self, query):
        NameChanges.count += 1
        made = super().generate_name(query)
        return made._replace(name=made.name if NameChanges.count % 2 else made.name.upper())


class NameIsQuoted(Named):
    def generate_name(self, query):
        made = super().generate_name(query)
        return made._replace(name=f'"{made.name}"')


class NamingCreates(Named):
    def generate_name(self, query):
        for record in self.store.insights:
            if record["query"] == query:
                record["name"] = "Named by the way"
        return super().generate_name(query)


class AnythingIsAQuery(Named):
    def generate_name(self, query):
        return super().generate_name(query if isinstance(query, dict) and query else {"kind": "TrendsQuery", "series": [{"event": "x"}]})  # fmt: skip


class ForeignCanBeRead(Named):
    def get(self, ref):
        for record in self.store.insights:
            if str(record["id"]) == str(ref):
                return ReferenceProject(self.store, record["project"]).get(ref)
        return super().get(ref)


class ForeignCanBeChanged(Named):
    def update(self, ref, **options):
        for record in self.store.insights:
            if str(record["id"]) == str(ref):
                return ReferenceProject(self.store, record["project"]).update(ref, **options)
        return super().update(ref, **options)


class TagsAreKeptAsTheyCome(Named):
    def create(self, *arguments, tags=(), **options):
        made = super().create(*arguments, tags=tags, **options)
        self._find(made["id"])["tags"] = tuple(tags)
        return self.get(made["id"])


class ListIsEmpty(Named):
    def list(self, **filters):
        super().list(**filters)
        return []


class ListShowsTheDeleted(Named):
    def list(self, **filters):
        return super().list(**filters) + super().list(**{**filters, "deleted": True})


class SearchIsIgnored(Named):
    def list(self, *, search="", **filters):
        super().list(search=search, **filters)
        return super().list(**filters)


class ViewsAreChanges(Named):
    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        for id_ in receipt["recorded"]:
            self._touch(self._find(id_))
        return receipt


class DescriptionsStay(Named):
    def update(self, ref, *, description=None, **options):
        return super().update(ref, **options)


class RestoringWipes(Named):
    def restore(self, *refs):
        for ref in refs:
            self._find(ref, hidden_too=True)["description"] = None
        return super().restore(*refs)


class RestoresAnywhere(Named):
    def restore(self, *refs):
        for record in self.store.insights:
            if str(record["id"]) in map(str, refs):
                return ReferenceProject(self.store, record["project"]).restore(record["id"])
        return super().restore(*refs)


class NamesGrowLong(Named):
    def generate_name(self, query):
        made = super().generate_name(query)
        return made._replace(name=made.name + " and More" * 20 if len(str(query)) > 2_000 else made.name)


class OnlyTrendsHaveNames(Named):
    def generate_name(self, query):
        if "Retention" in str(query):
            raise ZeroDivisionError("nobody thought of this")
        return super().generate_name(query)


class DescriptionsAreLong(Named):
    def generate_name(self, query):
        made = super().generate_name(query)
        return made._replace(description=f"{made.description}\nGenerated with care.")


class NamingSaves(Named):
    def generate_name(self, query):
        self.create(query if isinstance(query, dict) else None, user="ann")
        return super().generate_name(query)


class DetailsDiffer(Named):
    def my_last_viewed(self, user, limit=5):
        return [{**entry, "created_by": "nobody"} for entry in super().my_last_viewed(user, limit)]


class TimesAreNotTold(Named):
    def my_last_viewed(self, user, limit=5):
        return [{**entry, "last_viewed_at": None} for entry in super().my_last_viewed(user, limit)]


class TimesAreElsewhere(Named):
    def my_last_viewed(self, user, limit=5):
        shift = timedelta(hours=5)
        return [
            {**entry, "last_viewed_at": entry["last_viewed_at"] + shift}
            for entry in super().my_last_viewed(user, limit)
        ]


class TrendsForAMonthAtMost(Named):
    def trending(self, *, days=7, limit=10):
        super().trending(days=days, limit=limit)
        return super().trending(days=min(days, 30), limit=limit)


class StrangersOnTop(Named):
    def my_last_viewed(self, user, limit=5):
        entries = super().my_last_viewed(user, limit)
        return [{**entries[0], "id": 10**6}, *entries][:limit] if entries else entries


class LargeIdsAreRefused(Named):
    def viewed(self, user, ids, at=None):
        if any(isinstance(id_, int) and id_ > 2**53 for id_ in ids):
            raise InvalidInput("too large")
        return super().viewed(user, ids, at)
