"""A query without its values: what may be shown to somebody else.

What is sent is made of the query that `redact` returns, as if the values had never been in it: no later step (a style, a
cut, the plural of a word) can bring one back. Only what is known to hold no value stays; the rest is left out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from insights_core.errors import BackendError

from .literals import is_name, without_literals
from .tokens import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

UNTOLD = "the query's words cannot be told from its values: nothing was sent"
_PREFIXES = ("VALUE", "BLANK", "HIDDEN", "SECRET")
_DEEPEST = 60
_WORD = re.compile(r"[A-Za-z_]\w{0,39}", re.ASCII)
_LABEL = re.compile(r"[\w .$:,*\[\]()&+%?!'\u2019/-]+")
_PERIOD = re.compile(
    r"-?\d{1,4}(?:[hdwmqyHDWMQY]|min)(?:Start|End)?|[hdwmqyHDWMQY](?:Start|End)|all|previous"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_NUMBER = r"\.?\d[\w.]*+(?:(?<=[eE])[+-]\d[\w.]*+)?+"
_FACTOR = re.compile(rf"\s{{0,9}}[*/]\s{{0,9}}{_NUMBER}|(?<![\w.]){_NUMBER}\s{{0,9}}\*")
_LARGEST_SETTING = 10**9


class Redacted(NamedTuple):
    """A query with a placeholder for each value, and what the placeholders stand for."""

    query: Any
    """As it was, a JSON object or the text of a statement, with `VALUE1`, `VALUE2`, … in place of the values."""
    values: tuple[str, ...]
    """What they stand for, in the order of the numbers; each has a placeholder of its own, whether it repeats or not."""
    prefix: str
    first: int
    """The number of the first placeholder."""

    def marked(self, text: str) -> str:
        """Return a text that was made of the query with its placeholders in capitals, as a model is told to copy them."""
        return self._pattern().sub(lambda found: f"{self.prefix}{found[1]}", text)

    def restored(self, text: str) -> str:
        """Put the values back where a text has placeholders, as words; one that stands for nothing stays."""

        def value(found: re.Match[str]) -> str:
            number = int(found[1]) - self.first if len(found[1]) < len(str(self.first + len(self.values))) + 1 else -1
            return _in_words(self.values[number]) if 0 <= number < len(self.values) else found[0]

        return self._pattern().sub(value, text)

    def _pattern(self) -> re.Pattern[str]:
        # A rule may have put it in the plural.
        return re.compile(rf"\b{self.prefix} ?(\d+)(?:'?s)?\b", re.IGNORECASE)


def _in_words(value: str) -> str:
    """Return a value as a name would say it: `/thank-you` and `IN_REVIEW` are two words."""
    words = re.findall(r"[^\W_]+", value)
    is_code = not re.search(r"\s", value) and any(char.isalpha() for char in value)
    return " ".join(words if is_code and words else value.split())


def redact(query: Any, *, first: int = 1) -> Redacted:
    """Return a query with placeholders for its values; two that differ in values alone come out as one.

    Values are literals and comments of SQL and of expressions, what filters compare with, search texts, the ends of
    paths, and the names of files and cohorts; true and false are none, nor are limits, periods, percentiles, and what the
    column `event` is compared with, where that reads like the name of an event.

    Args:
        query: A JSON object of a kind that is known here, or the text of an SQL statement.
        first: The number of the first placeholder, for queries that are drafted together.

    Raises:
        BackendError: The values cannot be told from the rest.
    """
    for prefix in _PREFIXES:
        hiding = _Hiding(prefix, first)
        try:
            hidden = hiding.query(query, 0)
        except UnreadableError:
            raise BackendError(UNTOLD, backend="") from None
        found = Redacted(hidden, tuple(hiding.values), prefix, first)
        # A word of the query's own that reads like a placeholder would be taken for one in the answer.
        text = json.dumps(hidden, ensure_ascii=False)
        if len(re.findall(rf"{prefix}[\W_]*\d", text, re.IGNORECASE)) == len(hiding.values):
            return found
    raise BackendError("the query's words read like placeholders for values: nothing was sent", backend="")


class _Hiding:
    """One walk through a query; each method returns what may be sent of a part, None where that is nothing."""

    def __init__(self, prefix: str, first: int) -> None:
        self.values: list[str] = []
        self._prefix = prefix
        self._first = first

    def value(self, value: Any) -> str:
        """Return a new placeholder for a value."""
        self.values.append(str(value))
        return f"{self._prefix}{self._first + len(self.values) - 1}"

    def query(self, query: Any, depth: int) -> Any:
        """Hide the values of a statement or of a node."""
        if isinstance(query, str):
            return without_literals(query, self.value)
        if not isinstance(query, dict) or depth > _DEEPEST:
            raise UnreadableError
        if "kind" not in query and "insight" not in query:
            inner = next((key for key in ("query", "filters") if query.get(key)), None)
            if inner is None:
                raise UnreadableError
            return {inner: self.query(query[inner], depth + 1)}
        kind = query.get("kind", query.get("insight"))
        if not isinstance(kind, str) or kind.upper() not in _KINDS:
            raise UnreadableError
        return self.node(query, depth)

    def node(self, node: Any, depth: int) -> Any:
        """Hide the values of an object whose keys mean what they mean in a node."""
        if not isinstance(node, dict):
            return node if node is None or isinstance(node, bool) else self.event(node)
        if depth > _DEEPEST:
            raise UnreadableError
        hidden: dict[str, Any] = {}
        for key, value in node.items():
            rule = _RULES.get(key) or (_RULES.get(_camel(key)) if isinstance(key, str) else None)
            if rule is None:
                continue
            if value is None or isinstance(value, bool):
                hidden[key] = value
            elif key == "breakdown":
                hidden[key] = self.breakdown(value, node.get("breakdown_type"))
            elif (found := rule(self, value, depth + 1)) is not None:
                hidden[key] = found
        return hidden

    def nodes(self, value: Any, depth: int) -> Any:
        """Hide the values of nodes in a list, of one alone, or of one in a key of a query."""
        return [self.node(item, depth) for item in value] if isinstance(value, list) else self.node(value, depth)

    def splits(self, value: Any, depth: int) -> Any:
        """Hide the values of breakdowns: objects, or the expressions of a table."""
        items = value if isinstance(value, list) else [value]
        return [self.node(item, depth) if isinstance(item, dict) else self.expression(item) for item in items]

    def source(self, value: Any, depth: int) -> Any:
        """Hide the values of a node inside another."""
        return self.query(value, depth)

    def inner(self, value: Any, depth: int) -> Any:
        """Hide the values of `filters`: an object of settings, or filters as everywhere."""
        is_node = isinstance(value, dict) and not {"properties", "dateRange", "insight"}.isdisjoint(value)
        return self.node(value, depth) if is_node else self.filters(value, depth)

    def name(self, value: Any, _depth: int = 0) -> Any:
        """Keep what can only be an identifier; look into what may be an expression, and hide the rest."""
        if isinstance(value, dict):
            return {"key": self.name(value["key"])} if "key" in value else None
        if isinstance(value, list):
            return [self.name(item) for item in value if isinstance(item, (str, int, float))]
        if not isinstance(value, str):
            return self.value(value)
        return value if is_name(value) else self.expression(value)

    def event(self, value: Any, _depth: int = 0) -> Any:
        """Keep what reads like the name of an event or of a table; hide all of any other."""
        if isinstance(value, list):
            return [self.event(item) for item in value if isinstance(item, (str, int, float))]
        return value if isinstance(value, str) and is_name(value) else self.hidden(value)

    def label(self, value: Any, _depth: int = 0) -> Any:
        """Keep what a person called a series, where it holds no address and is short."""
        return value if isinstance(value, str) and is_name(value, _LABEL) else self.hidden(value)

    def expression(self, value: Any, _depth: int = 0) -> Any:
        """Hide the literals of an expression, or all of it."""
        if isinstance(value, list):
            return [self.expression(item) for item in value if isinstance(item, (str, int, float))]
        if not isinstance(value, str):
            return self.value(value)
        known = len(self.values)
        try:
            return without_literals(value, self.value)
        except UnreadableError:
            del self.values[known:]
            return self.value(value)

    def formula(self, value: Any, _depth: int = 0) -> Any:
        """Hide the numbers of a formula; a factor goes, since it only changes the unit: `A / B * 100`."""
        if isinstance(value, list):
            return [self.formula(item) for item in value if isinstance(item, str)]
        return self.expression(_FACTOR.sub("", value) if isinstance(value, str) else value)

    def breakdown(self, value: Any, scope: Any) -> Any:
        """Hide cohorts, and the literals of an expression."""
        if scope == "cohort":
            return [
                item if item == "all" else self.value(item) for item in (value if isinstance(value, list) else [value])
            ]
        return self.expression(value) if scope == "hogql" else self.name(value)

    def filters(self, value: Any, depth: int) -> Any:
        """Hide what filters compare with, in each of their forms."""
        if depth > _DEEPEST:
            raise UnreadableError
        if isinstance(value, list):
            return [self.filters(item, depth + 1) for item in value]
        if isinstance(value, str):
            return self.expression(value)
        if not isinstance(value, dict):
            return None
        if isinstance(value.get("values"), list):
            return {"type": self.word(value.get("type")), "values": self.filters(value["values"], depth + 1)}
        if "key" not in value and "type" not in value:
            return {self.name(key): self.compared(item) for key, item in value.items() if isinstance(key, str)}
        return self.condition(value)

    def condition(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Hide what one comparison compares with."""
        is_expression = value.get("type") == "hogql"
        rules: dict[str, Callable[[Any], Any]] = {
            "key": self.expression if is_expression else self.name,
            "type": self.word,
            "operator": self.word,
            "group_type_index": self.setting,
            "value": self.compared,
            "cohort_name": self.value,
        }
        found = {key: rule(value[key]) for key, rule in rules.items() if value.get(key) is not None}
        return {key: item for key, item in found.items() if item is not None}

    def compared(self, value: Any) -> Any:
        """Hide values, whether one or several; true and false stay, however they are written."""
        if isinstance(value, list):
            return [self.compared(item) for item in value if item is None or isinstance(item, (str, int, float))]
        if value is None or isinstance(value, bool) or value in ("true", "false"):
            return value
        return self.value(value) if isinstance(value, (str, int, float)) else None

    def word(self, value: Any, _depth: int = 0) -> Any:
        """Keep a setting that is one of a set of words."""
        if isinstance(value, list):
            return [item for item in value if isinstance(item, str) and _WORD.fullmatch(item)]
        return value if isinstance(value, str) and _WORD.fullmatch(value) else None

    def setting(self, value: Any, _depth: int = 0) -> Any:
        """Keep a limit, a number of periods, an index."""
        return value if isinstance(value, (int, float)) and abs(value) < _LARGEST_SETTING else None

    def period(self, value: Any, _depth: int = 0) -> Any:
        """Keep a moment or a span."""
        return value if isinstance(value, str) and _PERIOD.fullmatch(value) else None

    def hidden(self, value: Any, _depth: int = 0) -> Any:
        """Keep nothing of a value but that it is there."""
        return self.value(value) if isinstance(value, (str, int, float)) and value != "" else None


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(part.title() for part in rest)


def _words(text: str) -> list[str]:
    return text.split()


_KINDS = frozenset(
    kind.upper()
    for kind in _words("""
    TrendsQuery FunnelsQuery RetentionQuery PathsQuery StickinessQuery LifecycleQuery HogQLQuery SQLQuery EventsQuery
    ActorsQuery PersonsNode GroupsQuery SessionsQuery InsightVizNode DataVisualizationNode DataTableNode
    InsightActorsQuery FunnelsActorsQuery StickinessActorsQuery FunnelCorrelationQuery FunnelCorrelationActorsQuery
    TRENDS FUNNELS RETENTION PATHS STICKINESS LIFECYCLE
    """)
)
"""What a query may be; the words of another kind may be values as well as identifiers."""


def _by_key(
    rules: Iterable[tuple[Callable[[_Hiding, Any, int], Any], str]],
) -> dict[str, Callable[[_Hiding, Any, int], Any]]:
    return {key: rule for rule, keys in rules for key in _words(keys)}


_RULES = _by_key(
    (
        (
            _Hiding.word,
            """kind insight type math operator interval display period dialect entity funnelVizType funnelOrderType
            funnelWindowIntervalUnit funnelStepReference breakdown_type breakdownAttributionType aggregationType
            aggregationPropertyType math_property_type retentionType retentionReference timeWindowMode toggledLifecycles
            computedAs""",
        ),
        (_Hiding.event, "event name id table_name includeEventTypes customEventName"),
        (_Hiding.label, "custom_name"),
        (_Hiding.name, "property value key math_property aggregationProperty"),
        (
            _Hiding.expression,
            """math_hogql select orderBy funnelAggregateByHogQL pathsHogQLExpression columns""",
        ),
        (_Hiding.formula, "formula formulas"),
        (
            _Hiding.setting,
            """order index limit breakdown_limit edgeLimit stepLimit math_group_type_index aggregation_group_type_index
            group_type_index breakdown_group_type_index breakdown_histogram_bin_count histogram_bin_count
            smoothingIntervals funnelWindowInterval totalIntervals intervalCount funnelToStep funnelFromStep binCount
            minimumOccurrences""",
        ),
        (_Hiding.period, "date_from date_to after before compare_to"),
        (_Hiding.hidden, "startPoint endPoint search personId distinctId cohort"),
        (_Hiding.filters, "properties fixedProperties eventProperties where"),
        (_Hiding.inner, "filters"),
        (_Hiding.splits, "breakdowns"),
        (_Hiding.source, "source query"),
        (
            _Hiding.nodes,
            """series nodes exclusions events actions data_warehouse targetEntity returningEntity conversionGoal
            breakdown formulaNodes dateRange breakdownFilter compareFilter trendsFilter funnelsFilter retentionFilter
            pathsFilter stickinessFilter lifecycleFilter""",
        ),
        # True or false, or else nothing.
        (
            lambda *_: None,
            """filterTestAccounts filter_test_accounts compare cumulative explicitDate bucketBySessionStart showFullUrls
            hideIncompleteConversionWindowPeriods customAggregationTarget breakdown_hide_other_aggregation
            breakdown_normalize_url breakdown_path_cleaning optionalInFunnel""",
        ),
    )
)
"""What may be sent of each key; a key that is not here is left out."""
