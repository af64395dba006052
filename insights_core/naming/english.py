"""English, as tables. Every English word that a name can have beside the query's own stands in here or in `english_known`."""

from __future__ import annotations

from .english_known import KNOWN
from .language import Language


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PATTERNS = {
    # Names, by the kind of the query
    "trends": "[{interval} ]{measure}[ by {breakdown}][ ({filter})][ ({period})][ {compare}]",
    "trends.top": "top {breakdown} by [{interval} ]{measure}[ ({filter})][ ({period})][ {compare}]",
    "funnel": "[{subject}: ]{steps} funnel[ by {breakdown}][ ({filter})][ ({period})]",
    "funnel.common": "{subject} funnel: {steps}[ by {breakdown}][ ({filter})][ ({period})]",
    "funnel.one": "{steps} funnel[ by {breakdown}][ ({filter})][ ({period})]",
    "funnel.trends": "{steps} conversion rate[ by {breakdown}][ ({filter})][ ({period})]",
    "funnel.time_to_convert": "time to convert: {steps}[ by {breakdown}][ ({filter})][ ({period})]",
    "retention": "[{interval} ][{measure} ]retention[ by {breakdown}][ ({filter})][ ({period})]",
    "retention.two": "[{interval} ]retention: {steps}[ by {breakdown}][ ({filter})][ ({period})]",
    "stickiness": "[{measure} ]stickiness[ by {breakdown}][ ({filter})][ ({period})]",
    "lifecycle": "user lifecycle[: {measure}][ ({filter})][ ({period})]",
    "paths": "user paths[ from {start}][ to {end}][: {measure}][ ({filter})][ ({period})]",
    "table": "{measure}[ by {breakdown}][ ({filter})][ ({period})]",
    "table.rows": "{measure} list[ by {breakdown}][ ({filter})][ ({period})]",
    "sql": "[{interval} ]{measure}[ by {breakdown}][ {trend}][ ({filter})][ ({period})]",
    "sql.top": "top [{limit} ]{breakdown} by {measure}[ ({filter})][ ({period})]",
    "sql.rows": "{measure} list[ ({filter})][ ({period})]",
    "other": "{measure}[ ({filter})]",
    # Parts of names
    "list.two": "{first} and {second}",
    "list.three": "{first}, {second} and {third}",
    "list.more": "{first}, {second} and more",
    "versus": "{first} vs {second}",
    "common": "{common}: {list}",
    "step": "{first} → {second}",
    "rate": "{first} rate",
    "per": "{first} per {second}",
    "share": "{first} per {second}",
    "actors": "{actors} with {measure}",
    "of": "{math} {measure}",
    "per_actor": "{measure} per user",
    "first_time": "first-time {measure}",
    "values.not": "not {value}",
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
    "kind.other": "query",
    "kind.trends": "trend",
    "kind.funnel": "funnel",
    "kind.table": "list",
    "kind.paths": "paths",
    "kind.retention": "retention",
    "kind.stickiness": "stickiness",
    "kind.lifecycle": "lifecycle",
    "compare.previous": "vs previous",
    "period.last": "last",
    "test_accounts": "internal users excluded",
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
        SLO SMS SMTP SQL SQS SSH SSL SSO tRPC TTFB TTL TV UI UK URL URLs US USD UTM UUID UV UX VAT VIP VM VPN
        WAU XML GitHub GitLab PostHog WhatsApp YouTube LinkedIn TikTok PayPal JavaScript TypeScript MySQL
        PostgreSQL ClickHouse DevOps
    """.split()
}

_ABBREVIATIONS = {
    "avg": "average", "min": "minimum", "max": "maximum", "num": "", "nb": "", "cnt": "", "pct": "%", "percent": "%",
    "qty": "quantity", "amt": "amount", "cfg": "config", "msg": "message", "err": "error", "req": "request", "resp": "response",
    "usr": "user", "acct": "account", "org": "organization", "orgs": "organizations", "dept": "department", "addr": "address",
    "dest": "destination", "src": "source", "desc": "description", "calc": "calculator", "notif": "notification", "prev": "previous",
    "perc": "%", "secs": "seconds", "mins": "minutes", "hrs": "hours", "sec": "seconds", "ms": "", "tot": "total", "dur": "duration",
    "len": "length", "ctry": "country", "cat": "category", "lang": "language", "info": "info", "auth": "auth", "signups": "signups",
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
    activity audio billing capacity content churn code cohorts conversion coverage cpu data engagement
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
    sent paid sold won lost made seen built read bought found given taken written chosen shown met begun
    gone
"""),
    participle_endings=("ed",),
    not_participles=_KEPT_ENDINGS,
    mass=_MASS,
    actors=frozenset({"user", "users", "customer", "visitor", "person"}),
    fillers=_set("""
    id ids uuid guid pk fk tbl stg dim fct fact vw raw tmp name key slug
"""),
    flags=frozenset({"is", "has", "was", "did", "are"}),
    units=_set("""
    ms h hr hrs hours minutes mins sec secs seconds s usd eur gbp cents bytes kb mb gb b pct utc
"""),
    counting=_set("""
    count counts cnt num number total of no n amount sum nb distinct nums
"""),
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
    plural=_plural,
    singular=_singular,
)
