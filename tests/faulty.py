"""Broken references, one law each: a test that holds others against the semantics has to find every one."""

from insights_core.errors import InvalidInput
from insights_core.reference import ReferenceProject
from insights_core.testing.clock import FIVE_MINUTES, TICK


class TiesAscend(ReferenceProject):
    def my_last_viewed(self, user, limit=5):
        super().my_last_viewed(user, limit)
        entries = super().my_last_viewed(user, 1000)
        entries.sort(key=lambda entry: entry["id"])
        entries.sort(key=lambda entry: entry["last_viewed_at"], reverse=True)
        return entries[:limit]


class OneTooMany(ReferenceProject):
    def my_last_viewed(self, user, limit=5):
        super().my_last_viewed(user, limit)
        return super().my_last_viewed(user, limit + 1)


class LimitBeforeDeleted(ReferenceProject):
    def my_last_viewed(self, user, limit=5):
        there = {entry["id"] for entry in super().my_last_viewed(user, limit)}
        views = sorted(((seen, id_) for id_, seen in self._views_of(user).items()), reverse=True)
        newest = [id_ for _, id_ in views[:limit]]
        return [entry for entry in super().my_last_viewed(user, 1000) if entry["id"] in there.intersection(newest)]


class DeletedIsThere(ReferenceProject):
    def get(self, ref):
        found = self._find(ref, hidden_too=True)
        return {key: value for key, value in found.items() if key != "project"}


class ViewsRevealDeleted(ReferenceProject):
    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        deleted = [record["id"] for record in self._all() if record["deleted"] and record["id"] in ids]
        return {**receipt, "recorded": tuple(sorted({*receipt["recorded"], *deleted}))}


class DeletingForgetsViews(ReferenceProject):
    def delete(self, *refs):
        deleted = super().delete(*refs)
        for record in deleted:
            for views in self.store.views.values():
                views.pop(record["id"], None)
        return deleted


class DeletesWhatItCan(ReferenceProject):
    def delete(self, *refs):
        return [record for ref in refs for record in super(DeletesWhatItCan, self).delete(ref)]


class RestoreAlwaysChanges(ReferenceProject):
    def restore(self, *refs):
        for record in super().restore(*refs):
            self._change(self._find(record["id"]), deleted=False)
        return super().restore(*refs)


class TimeFallsBack(ReferenceProject):
    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        self._views_of(user).update(dict.fromkeys(receipt["recorded"], receipt["viewed_at"]))
        return receipt


class UsersLeak(ReferenceProject):
    def _views_of(self, user):
        return super()._views_of(user.lower())


class ProjectsLeak(ReferenceProject):
    def _all(self):
        return [record for record in self.store.insights if int(record["project"]) == int(self.id)]


class StalledClock(ReferenceProject):
    def _next_view(self, user):
        return max([self.store.clock(), *self._views_of(user).values()])


class DeletedViewsAreNoViews(ReferenceProject):
    def _next_view(self, user):
        hidden = [record["id"] for record in self._all() if record["deleted"]]
        seen = [moment + TICK for id_, moment in self._views_of(user).items() if id_ not in hidden]
        return max([self.store.clock(), *seen])


class NewestOfAllUsers(ReferenceProject):
    def _users(self):
        return [user for project, user in self.store.views if project == self.id]

    def _next_view(self, user):
        return max(super(NewestOfAllUsers, self)._next_view(other) for other in (user, *self._users()))


class FiveMinutesIsTooFar(ReferenceProject):
    def viewed(self, user, ids, at=None):
        receipt = super().viewed(user, ids, at)
        if at is not None and at - self.store.clock() == FIVE_MINUTES:
            raise InvalidInput("at")
        return receipt


class PartOfABatch(ReferenceProject):
    def viewed(self, user, ids, at=None):
        if isinstance(ids, list):
            good = [id_ for id_ in ids if type(id_) is int and 1 <= id_ < 2**63]
            if good and len(good) < len(ids):
                super().viewed(user, good, at)
        return super().viewed(user, ids, at)


class CreatingIsNoView(ReferenceProject):
    def create(self, *arguments, user=None, **options):
        made = super().create(*arguments, **options)
        record = self._find(made["id"])
        record["created_by"] = record["last_modified_by"] = user
        return super().get(made["id"])


class DateStandsStill(ReferenceProject):
    def _touch(self, record):
        super()._touch(record)
        record["updated_at"] = max(self.store.clock(), record["updated_at"] - TICK)


class SharesItsQuery(ReferenceProject):
    def create(self, query=None, **options):
        made = super().create(query, **options)
        self._find(made["id"])["query"] = query
        return made


class ConflictIsOverlooked(ReferenceProject):
    def update(self, ref, *, revision=None, **options):
        return super().update(ref, **options)


class NothingIsAChangeToo(ReferenceProject):
    def update(self, ref, **options):
        super().update(ref, **options)
        self._touch(self._find(ref))
        return self.get(ref)


class TagsAreModifications(ReferenceProject):
    def update(self, ref, *, user=None, **options):
        before = self.get(ref)["tags"]
        super().update(ref, user=user, **options)
        record = self._find(ref)
        if record["tags"] != before:
            record["last_modified_at"], record["last_modified_by"] = record["updated_at"], user
        return self.get(ref)


class ForgottenComesBack(ReferenceProject):
    def forget(self, user):
        count = super().forget(user)
        del self.store.watermarks[self.id, user]
        return count


class ForgetGoesByTheClock(ReferenceProject):
    def forget(self, user):
        count = super().forget(user)
        self.store.watermarks[self.id, user] = self.store.clock()
        return count


class TrendingCountsTheDeleted(ReferenceProject):
    def trending(self, **options):
        hidden = [record for record in self._all() if record["deleted"]]
        for record in hidden:
            record["deleted"] = False
        try:
            return super().trending(**options)
        finally:
            for record in hidden:
                record["deleted"] = True


class AnyTagWillDo(ReferenceProject):
    def list(self, *, tags=(), **options):
        found = super().list(**options)
        return [record for record in found if not tags or set(tags) & set(record["tags"])]


class SearchesInsideWords(ReferenceProject):
    def list(self, *, search="", **options):
        super().list(search=search, **options)
        found = super().list(**options)
        texts = {
            r["id"]: " ".join([r["name"] or "", r["derived_name"] or "", r["description"] or "", *r["tags"]])
            for r in found
        }
        return [r for r in found if all(word.lower() in texts[r["id"]].lower() for word in search.split())]


FAULTS = {
    name: fault
    for name, fault in globals().items()
    if isinstance(fault, type) and issubclass(fault, ReferenceProject) and fault is not ReferenceProject
}
