"""English, as tables. Every English word that a name can have beside the query's own stands in here or in `known`."""

from __future__ import annotations

from functools import cache
from typing import Any

from insights_core.language.protocol import Language

from .claims import ALIKE, CLAIMS, NEUTRAL
from .known import KNOWN


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PATTERNS = {
    # Names, by the kind of the query
    "trends": "[{interval} ]{measure}[ by {breakdown}][ ({filter})]",
    "trends.top": "top {breakdown} by [{interval} ]{measure}[ ({filter})]",
    "funnel": "[{subject}: ]{steps} funnel[ by {breakdown}][ ({filter})]",
    "funnel.common": "{subject} funnel: {steps}[ by {breakdown}][ ({filter})]",
    "funnel.one": "[{steps} ]funnel[ by {breakdown}][ ({filter})]",
    "funnel.trends": "{steps} conversion rate[ by {breakdown}][ ({filter})]",
    "funnel.time_to_convert": "time to convert: {steps}[ by {breakdown}][ ({filter})]",
    "retention": "[{interval} ][{measure} ]retention[ by {breakdown}][ ({filter})]",
    "retention.two": "[{interval} ]retention: {steps}[ by {breakdown}][ ({filter})]",
    "stickiness": "[{measure} ]stickiness[ by {breakdown}][ ({filter})]",
    "lifecycle": "user lifecycle[: {measure}][ ({filter})]",
    "paths": "user paths[ from {start}][ to {end}][: {measure}][ ({filter})]",
    "table": "{measure}[ by {breakdown}][ ({filter})]",
    "table.rows": "{measure} list[ by {breakdown}][ ({filter})]",
    "sql": "[{interval} ]{measure}[ by {breakdown}][ {trend}][ ({filter})]",
    "sql.top": "top [{limit} ]{breakdown} by {measure}[ ({filter})]",
    "sql.statement": "{verb} {measure}",
    "sql.rows": "{measure} list[ ({filter})]",
    "other": "{measure}[ ({filter})]",
    # Parts of names
    "list.two": "{first} and {second}",
    "list.three": "{first}, {second} and {third}",
    "list.more": "{first}, {second} and more",
    "list.rest": "{first} and more",
    "list.of": "list of {measure}",
    "versus": "{first} vs {second}",
    "common": "{common}: {list}",
    "step": "{first} → {second}",
    "rate": "{first} rate",
    "per": "{first} per {second}",
    "share": "{first} share",
    "actors": "{actors} with {measure}",
    "of": "{math} {measure}",
    "per_actor": "[{math} ]{measure} per user",
    "first_time": "first-time {measure}",
    "details": "{measure} ({details})",
    "described": "{adjective} {noun}",
    "owned": "{owner} {noun}",
    "ended": "{measure} {ending}",
    "about": "{kind} {thing}",
    "maths": "{measure} {maths}",
    "either": "{first}/{second}",
    "around": "[{before} ]{list}[ {after}]",
    "not": "not {value}",
    "limit": "top {limit}",
    "with": "with {thing}",
    "from": "from {thing}",
    "without": "without {thing}",
    "share_of": "share of {first}",
    "times": "{first} × {second}",
    "change": "{first} change",
    "less": "{first} minus {second}",
    "time_to": "time to {first}",
    # Frames of names of SQL
    "variant": "{key} variant",
    "frame.number": "[{adjective} ]{measure}[ {ending}][ ({filter})][ {compared}]",
    "frame.series": "[{interval} ][{adjective} ]{measure}[ {ending}][ ({filter})][ {compared}]",
    "frame.split": "[{interval} ][{adjective} ]{measure}[ {ending}][ by {breakdown}][ ({filter})]",
    "frame.ranking": "top [{limit} ]{breakdown} by [{adjective} ]{measure}[ ({filter})]",
    "frame.top": "top [{limit} ][{adjective} ]{measure}[ by {breakdown}][ ({filter})]",
    "frame.rows": "[{adjective} ]{measure}[ {ending}][ ({filter})]",
    "frame.rows.by": "[{adjective} ]{measure}[ {ending}] by {breakdown}[ ({filter})]",
    "frame.latest": "latest [{adjective} ]{measure}[ per {breakdown}][ ({filter})]",
    "frame.table_top": "top {tops} by {measure}[ ({filter})]",
    "frame.funnel": "{measure} funnel[ by {breakdown}][ ({filter})]",
    "frame.funnel.common": "{subject} funnel: {steps}[ by {breakdown}][ ({filter})]",
    "frame.funnel.trends": "{measure} conversion rate[ by {breakdown}][ ({filter})]",
    "frame.funnel.time": "time to convert: {measure}[ by {breakdown}][ ({filter})]",
    "frame.retention": "[{interval} ][{measure} ]retention[ by {breakdown}][ ({filter})]",
    "frame.retention.two": "[{interval} ]retention: {steps}[ by {breakdown}][ ({filter})]",
    "frame.stickiness": "{measure} stickiness[ by {breakdown}][ ({filter})]",
    "frame.lifecycle": "user lifecycle[: {measure}][ ({filter})]",
    "frame.paths": "user paths[ from {start}][ to {end}][: {measure}][ ({filter})]",
    "frame.actors": "{measure}[ ({filter})]",
    "frame.experiment": "experiment[: {measure}][ ({filter})]",
    "frame.product": "{measure}[ by {breakdown}][ ({filter})]",
    "frame.duplicates": "duplicate [{adjective} ]{measure}[ ({filter})]",
    "frame.statement": "{verb} {measure}",
    "frame.with": "{measure} with {thing}",
    "statistics": "{first} statistics",
    "frame.pair": "{first} and {second}",
    # Parts of sentences
    "join.and": "{first} and {second}",
    "join.or": "{first} or {second}",
    "join.more": "{first} and more",
    "list.comma": "{first}, {second}",
    "list.arrow": "{first} → {second}",
    "of_what": "[{math} ]{of} of {measure}",
    "labelled": "{measure} ({label})",
    "where": "{measure} where {filters}",
    "setting": "{name} {value}",
    "condition.bare": "{inner}",
    "condition.group": "({inner})",
    "condition.none": "not {inner}",
    "condition.other": "{key} {operator}[ {values}]",
    "condition.exact": "{key} is[ {values}]",
    "condition.in": "{key} is[ {values}]",
    "condition.is_not": "{key} is not[ {values}]",
    "condition.not_in": "{key} is not[ {values}]",
    "condition.icontains": "{key} contains[ {values}]",
    "condition.not_icontains": "{key} does not contain[ {values}]",
    "condition.regex": "{key} matches[ {values}]",
    "condition.not_regex": "{key} does not match[ {values}]",
    "condition.gt": "{key} above[ {values}]",
    "condition.gte": "{key} at least[ {values}]",
    "condition.lt": "{key} below[ {values}]",
    "condition.lte": "{key} at most[ {values}]",
    "condition.between": "{key} between[ {values}]",
    "condition.is_set": "{key} is set",
    "condition.is_not_set": "{key} is not set",
    "condition.is_date_before": "{key} before[ {values}]",
    "condition.is_date_after": "{key} after[ {values}]",
    "condition.is_date_exact": "{key} on[ {values}]",
    "condition.is_cleaned_path_exact": "{key} is[ {values}]",
    "condition.cohort.in": "in cohort[ {values}]",
    "condition.cohort.exact": "in cohort[ {values}]",
    "condition.cohort.not_in": "not in cohort[ {values}]",
    "condition.feature.exact": "{key} variant is[ {values}]",
    "condition.feature.flag_evaluates_to": "{key} flag is[ {values}]",
    "condition.expression.exact": "{key}[ {values}]",
    "period.last": "last {amount} {unit}",
    "period.last_one": "last {unit}",
    "period.this": "this {unit}",
    "period.between": "{start} to {end}",
    "period.since": "since {start}",
    "period.until": "until {end}",
    "compare.earlier": "vs {span}",
    "sentence.trends": "{measures}[ by {breakdown}][, {each}][, where {filters}][, {period}][, {compare}][, formula {formula}][, {settings}]",
    "sentence.trends.empty": "{kind}[ by {breakdown}][, where {filters}][, {period}]",
    "sentence.funnel.empty": "{kind}[ by {breakdown}][, where {filters}][, {period}]",
    "sentence.retention.empty": "{kind}[ by {breakdown}][, {each}][, where {filters}][, {period}][, {settings}]",
    "sentence.stickiness.empty": "{kind}[, {each}][, where {filters}][, {period}]",
    "sentence.lifecycle.empty": "{kind}[, {each}][, where {filters}][, {period}]",
    "sentence.funnel": "funnel {steps}[ by {breakdown}][, where {filters}][, {period}][, {compare}][, {settings}]",
    "sentence.retention": "retention: {steps}[ by {breakdown}][, {each}][, where {filters}][, {period}][, {settings}]",
    "sentence.stickiness": "stickiness of {measures}[ by {breakdown}][, {each}][, where {filters}][, {period}][, {compare}][, {settings}]",
    "sentence.lifecycle": "user lifecycle of {measures}[, {each}][, where {filters}][, {period}][, {settings}]",
    "sentence.paths": "user paths[ of {measures}][ starting at {start}][ ending at {end}][, where {filters}][, {period}][, {settings}]",
    "sentence.table": "{rows}[: {measures}][ by {breakdown}][, where {filters}][, {period}][, columns {columns}][, {settings}]",
    "sentence.sql": "[{measures} from ]{rows}[ by {breakdown}][, {each}][, where {filters}][, {period}][, columns {columns}][, top {limit}][, {settings}]",
    "sentence.other": "{node}[: {words}][, columns {columns}][, where {filters}]",
}

_WORDS = {
    "per": "per",
    "math.avg": "average",
    "math.avg_duration": "average time to",
    "math.median_duration": "median time to",
    "math.sum_duration": "time to",
    "math.max_duration": "longest time to",
    "math.min_duration": "shortest time to",
    "math.min": "minimum",
    "math.max": "maximum",
    "math.median": "median",
    "math.p25": "P25",
    "math.p75": "P75",
    "math.p90": "P90",
    "math.p95": "P95",
    "math.p99": "P99",
    "math.stddev": "deviation of",
    "math.variance": "variance of",
    "math.unique": "unique",
    "actors.dau": "active users",
    "actor.dau": "user",
    "actor.weekly_active": "weekly user",
    "actor.monthly_active": "monthly user",
    "actor.unique_session": "session",
    "actors.visitors": "unique visitors",
    "actors.users": "users",
    "actors.weekly_active": "weekly active users",
    "actors.monthly_active": "monthly active users",
    "actors.unique_session": "sessions",
    "actors.unique_group": "groups",
    "actors.active_group": "active groups",
    "all": "events",
    "and": "and",
    "not": "not",
    "duration": "duration",
    "age": "age",
    "running.sum": "cumulative",
    "running.avg": "running average",
    "running.moving": "moving average",
    "extreme.last": "latest",
    "extreme.first": "first",
    "extreme.highest": "highest",
    "extreme.lowest": "lowest",
    "math.mode": "most common",
    "time.hour_of_day": "hour",
    "time.minute_of_hour": "minute",
    "time.week_of_year": "week",
    "time.month_of_year": "month",
    "time.quarter_of_year": "quarter",
    "trend.interval": "over time",
    "interval.minute": "per-minute",
    "interval.hour": "hourly",
    "interval.day": "daily",
    "interval.week": "weekly",
    "interval.month": "monthly",
    "interval.quarter": "quarterly",
    "interval.year": "yearly",
    "time.hour": "hour",
    "time.day_of_week": "day of week",
    "time.day_of_month": "day of month",
    "time.day_of_year": "day of year",
    "time.week": "week",
    "time.month": "month",
    "time.quarter": "quarter",
    "time.year": "year",
    "time.minute": "minute",
    "scope.cohort": "cohort",
    "scope.feature": "variant",
    "table.events": "events",
    "table.persons": "users",
    "table.groups": "groups",
    "table.sessions": "sessions",
    "kind.sql": "SQL query",
    "role.by": "by",
    "role.top": "top",
    "role.per": "per",
    "role.from": "from",
    "role.to": "to",
    "kind.other": "query",
    "kind.trends": "trend",
    "kind.funnel": "funnel",
    "kind.table": "list",
    "kind.paths": "paths",
    "kind.retention": "retention",
    "kind.stickiness": "stickiness",
    "kind.lifecycle": "lifecycle",
    "compare.previous": "vs previous period",
    "period.all": "all time",
    "period.dStart": "today",
    "period.-1dStart": "yesterday",
    "period.-0h": "now",
    "unit.minute": "minute",
    "unit.hour": "hour",
    "unit.day": "day",
    "unit.week": "week",
    "unit.month": "month",
    "unit.quarter": "quarter",
    "unit.year": "year",
    "each.hour": "hourly",
    "each.day": "daily",
    "each.week": "weekly",
    "each.month": "monthly",
    "each.quarter": "quarterly",
    "each.year": "yearly",
    "each.interval": "over time",
    "value.true": "true",
    "value.false": "false",
    "display.ActionsLineGraph": "line chart",
    "display.ActionsBar": "bar chart",
    "display.ActionsStackedBar": "stacked bar chart",
    "display.ActionsUnstackedBar": "unstacked bar chart",
    "display.ActionsAreaGraph": "area chart",
    "display.ActionsLineGraphCumulative": "cumulative",
    "display.ActionsBarValue": "bar totals",
    "display.ActionsTable": "table",
    "display.ActionsPie": "pie chart",
    "display.BoldNumber": "total",
    "display.WorldMap": "world map",
    "display.CalendarHeatmap": "heatmap",
    "display.FunnelViz": "funnel",
    "sentence.dau": "unique users",
    "sentence.weekly_active": "weekly active users",
    "sentence.monthly_active": "monthly active users",
    "sentence.unique_session": "unique sessions",
    "sentence.unique_group": "unique groups",
    "sentence.sum": "sum of",
    "sentence.avg": "average",
    "sentence.min": "minimum",
    "sentence.max": "maximum",
    "sentence.median": "median",
    "sentence.unique": "unique",
    "option.filterTestAccounts": "without internal users",
    "option.aggregation_group_type_index": "counted by group type",
    "option.samplingFactor": "sampling factor",
    "option.smoothingIntervals": "smoothed over intervals:",
    "option.funnelVizType.time_to_convert": "time to convert",
    "option.funnelVizType.trends": "conversion over time",
    "option.funnelVizType.steps": "step by step",
    "option.funnelWindowInterval": "conversion window",
    "option.funnelWindowIntervalUnit": "in units of a",
    "option.funnelOrderType.ordered": "in order",
    "option.funnelOrderType.unordered": "in any order",
    "option.funnelOrderType.strict": "in strict order",
    "option.exclusions": "with exclusions",
    "option.retentionType.retention_first_time": "for the first time",
    "option.retentionType.retention_recurring": "recurring",
    "option.totalIntervals": "intervals:",
    "option.pathGroupings": "with wildcards",
    "option.excludeEvents": "with events excluded",
}

_SYNONYMS = {
    "success": {"true": "successful", "false": "failed"},
    "successful": {"true": "successful", "false": "failed"},
    "succeeded": {"true": "successful", "false": "failed"},
    "ok": {"true": "successful", "false": "failed"},
    "failed": {"true": "failed", "false": "successful"},
    "error": {"true": "failed", "false": "successful"},
    "handled": {"true": "handled", "false": "unhandled"},
    "active": {"true": "active", "false": "inactive"},
    "paid": {"true": "paid", "false": "unpaid"},
    "result": {"success": "successful", "failure": "failed", "failed": "failed", "error": "failed"},
    "status": {
        "success": "successful",
        "failure": "failed",
        "failed": "failed",
        "error": "failed",
        "done": "completed",
    },
    "state": {"success": "successful", "failure": "failed", "failed": "failed", "error": "failed", "done": "completed"},
}

_ACRONYMS = {
    word.lower(): word
    for word in """
        AI API APM ARPU ARR AWS B2B B2C CAC CI CICD CLI CLS CLV CPA CPC CPM CPU CRM CRUD CSAT CSS CSV CTA CTR
        CTAs DAU DB DNS DOM DORA EU FAQ FCP FID GA4 GMV GPT GPU GraphQL gRPC HTML HTTP HTTPS ID INP iOS IP iPad
        iPhone IPO JS JSON JVM JWT KPI KPIs LCP LLM LTV macOS MAU MCP MFA ML MQL MRR MTTR NPS OAuth OKR OS OTP
        P50 P75 P90 P95 P99 PDF PM PMF PR PRs PWA QA QR RAM RFM ROAS ROI RPC RPS RSVP SaaS SDK SEO SERP SKU SLA
        SLO SMS SMTP SQL SQS SSH SSL SSO tRPC TTFB TTL TV UI UK URL URLs USD UTM UUID UV UX VAT VIP VM VPN
        WAU XML GitHub GitLab PostHog WhatsApp YouTube LinkedIn TikTok PayPal JavaScript TypeScript MySQL
        PostgreSQL ClickHouse DevOps
    """.split()
}

_ABBREVIATIONS = {
    "avg": "average", "min": "minimum", "max": "maximum", "num": "", "nb": "", "cnt": "", "pct": "%", "percent": "%",
    "qty": "quantity", "amt": "amount", "cfg": "config", "msg": "message", "err": "error", "req": "request", "resp": "response",
    "usr": "user", "pv": "page view", "pvs": "page views", "dbname": "database", "queryid": "query", "sproc": "stored procedure", "sprocs": "stored procedures", "tx": "transaction", "txn": "transaction", "txns": "transactions", "tot": "total", "lat": "latency", "vuln": "vulnerability", "vulns": "vulnerabilities", "trans": "transaction", "circ": "circulation", "acct": "account", "org": "organization", "orgs": "organizations", "dept": "department", "addr": "address",
    "dest": "destination", "src": "source", "desc": "description", "calc": "calculator", "notif": "notification", "prev": "previous",
    "perc": "%", "secs": "seconds", "mins": "minutes", "hrs": "hours", "sec": "seconds", "ms": "", "dur": "duration",
    "len": "length", "no": "", "nbr": "", "int": "", "freq": "frequency", "perf": "performance", "util": "utilization", "cust": "customer", "prod": "product", "emp": "employee", "mgr": "manager", "cd": "code", "nr": "", "nrs": "", "ctry": "country", "cat": "category", "lang": "language", "info": "info", "auth": "auth", "signups": "signups",
}  # fmt: skip

_SMALL = _set("""
    a an and as at but by for from in into nor of on or over per the to vs via with
""")

_VERBS = {
    # Participles with a noun of the same form
    "clicked": "click", "viewed": "view", "visited": "visit", "opened": "open", "searched": "search", "downloaded": "download",
    "uploaded": "upload", "purchased": "purchase", "installed": "install", "uninstalled": "uninstall", "tapped": "tap", "swiped": "swipe",
    "scrolled": "scroll", "changed": "change", "updated": "update", "requested": "request", "attempted": "attempt", "launched": "launch",
    "loaded": "load", "reset": "reset", "played": "play", "liked": "like", "commented": "comment", "refunded": "refund", "called": "call",
    "crashed": "crash", "exported": "export", "imported": "import", "upgraded": "upgrade", "downgraded": "downgrade",
    "signed up": "signup", "sign up": "signup", "logged in": "login", "log in": "login", "logged out": "logout",
    "checked out": "checkout",
    # Base forms
    "view": "view", "open": "open", "click": "click", "search": "search", "load": "load", "visit": "visit", "tap": "tap",
    "signup": "signup", "login": "login", "logout": "logout", "checkout": "checkout",
}  # fmt: skip

_ACTIONS = {
    "merged": "merge", "resolved": "resolution", "closed": "close", "responded": "response", "completed": "completion",
    "finished": "finish", "approved": "approval", "shipped": "shipping", "delivered": "delivery", "paid": "payment", "started": "start",
    "created": "creation", "failed": "failure", "submitted": "submission", "registered": "registration", "cancelled": "cancellation",
    "canceled": "cancellation", "subscribed": "subscription", "verified": "verification", "activated": "activation",
    "converted": "conversion", "deployed": "deployment", "generated": "generation", "processed": "processing", "executed": "execution",
    "rendered": "rendering", "loaded": "load", "viewed": "view", "clicked": "click", "opened": "open", "requested": "request",
    "received": "receipt", "sent": "sending", "assigned": "assignment", "reviewed": "review", "deleted": "deletion", "updated": "update",
    "signed": "signing", "ended": "end", "launched": "launch", "published": "publication", "answered": "answer", "purchased": "purchase",
}  # fmt: skip

_MASS = _set("""
    activity audio billing capacity content churn cohorts conversion coverage cpu data engagement
    feedback growth health inventory latency load memory money music news onboarding overview performance
    playtime pricing progress quality quantity research retention revenue satisfaction spam spend status
    storage success support throughput time traffic usage utilization volume weather work status analytics
    auth info cost duration length amount size wishlist cart vitals more
""")

_KEPT_ENDINGS = _set("""
    feed speed seed need embed bed red shed weed breed deed bleed id naked wicked sacred hundred kindred
    biped
""")


def _plural(word: str) -> str:
    import inflection

    return inflection.pluralize(word)


def _singular(word: str) -> str:
    import inflection

    return inflection.singularize(word)


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def _stem(word: str) -> str:
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


ENGLISH = Language(
    code="en",
    patterns=_PATTERNS,
    words=_WORDS,
    known=KNOWN,
    synonyms=_SYNONYMS,
    acronyms=_ACRONYMS,
    abbreviations=_ABBREVIATIONS,
    small=_SMALL,
    verbs=_VERBS,
    actions=_ACTIONS,
    participles=_set("""
    sent paid sold won lost made seen built read bought found given taken written chosen shown done used met begun
    gone
"""),
    participle_endings=("ed",),
    not_participles=_KEPT_ENDINGS,
    mass=_MASS,
    actors=frozenset({"user", "users", "customer", "visitor", "person"}),
    fillers=_set("""
    id ids uuid guid pk fk tbl stg dim fct fact vw raw tmp name key slug title
"""),
    flags=frozenset({"is", "has", "was", "did", "are"}),
    units=_set("""
    ms h hr hrs hours minutes mins sec secs seconds s usd eur gbp cents bytes kb mb gb b pct utc
"""),
    counting=_set("count counts cnt num number of no n nb nums total sum amount distinct"),
    totals=_set("of total sum amount distinct"),
    ranked=_set("""
    page pages url path pathname title query referrer source domain keyword term article product item film
    song video search message endpoint route landing exit screen element email customer author contributor
"""),
    moments=_set("date time at timestamp on datetime"),
    leading=_set("view click open tap visit"),
    mathematical=_set(
        "average median minimum maximum unique daily weekly monthly total count users sessions groups with per by"
    ),
    statuses=_set("status state type result kind stage severity priority level category tier plan role phase outcome"),
    rates={"successful": "success", "failed": "failure", "completed": "completion", "handled": "handling"},
    telling=_set("revenue mrr arr ltv"),
    plain_events=frozenset(
        {"$pageview", "$screen", "page_view", "page_viewed", "screen_view", "session_start", "$session_start", ""}
    ),
    blank=_set("""
    stat stats statistic statistics proportion portion fraction distribution frequency freq running cumulative rolling moving formatted top bottom rank ranking diff delta expr link url abs
    value values val metric metrics count counts cnt c n num number total totals result results y x data ts expr avg average mean median
    max min maximum minimum sum amount_of agg column col field of the pct percent percentage share rate ratio "%" % nb tot p50 p90 p95 p99 quantity qty
    """),
    plumbing=_set("""
    dim fct fact stg staging tbl vw view raw tmp temp base src mart marts int intermediate public dbo report rpt vm mv snapshot dataset mdl
    table tables list lists record records ufn fn udf get usp sp xes cte snapshots objects_snapshot
    """),
    generic=_set("""
    rate rates amount amounts cost costs price prices size sizes duration durations time times average total ratio percentage share usage count counts
    score scores age length value values volume volumes latency balance balances quantity days hours minutes seconds growth change changes sum
    level levels state percent % diff difference seconds weight width height speed
    """),
    attributive=_set("""
    type types status category class kind level state group reason source code label severity priority method mode tier stage size version
    title description role channel format amount cost price duration length weight age value score
    """),
    naming=_set("name id key slug label uuid guid identifier pk number no code names ids full display hash"),
    aggregating=_set("""
    average avg mean median max min maximum minimum total sum count number cumulative running p50 p75 p90 p95 p99 p25 latest last first distinct unique
    """),
    short_units=_set("ms s sec secs usd eur gbp kb mb gb b h hr hrs pct int num"),
    doing={
        "closed": "close",
        "resolved": "resolve",
        "completed": "complete",
        "merged": "merge",
        "delivered": "deliver",
        "shipped": "ship",
        "paid": "pay",
        "approved": "approve",
        "responded": "respond",
        "reviewed": "review",
        "answered": "answer",
        "fixed": "fix",
        "deployed": "deploy",
        "activated": "activate",
        "converted": "convert",
        "published": "publish",
        "processed": "process",
        "accepted": "accept",
        "resolution": "resolve",
    },
    ends=_set(
        "end ended finish finished stop stopped to until out now exit left last previous next start started begin completion"
    ),
    degrees=_set("high low medium normal none other others unknown default all any yes no true false standard"),
    testing=_set("exp experiment flag ab test feature ff"),
    bland=_set(
        "list data records rows items results information details info entries query table report overview summary values value count total number all events"
    ),
    claims=CLAIMS,
    neutral=NEUTRAL,
    alike=ALIKE,
    plural=_plural,
    singular=_singular,
    agree=lambda adjective, _: adjective,
    stem=_stem,
)
