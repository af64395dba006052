"""The grammar of English, as far as names need it: plurals, what was done as a noun, capitals."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insights_core.language.protocol import Spot, Words


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


ACRONYMS = {
    word.lower(): word
    for word in """
        AI API APM ARPU ARR AWS B2B B2C CAC CI CICD CLI CLS CLV CPA CPC CPM CPU CRM CRUD CSAT CSS CSV CTA CTR
        CTAs DAU DB DNS DOM DORA EU FAQ FCP FID FPS GA4 GMV GPT GPU GraphQL gRPC HTML HTTP HTTPS ID INP iOS IP iPad
        iPhone IPO JS JSON JVM JWT KPI KPIs LCP LLM LTV macOS MAU MCP MFA ML MQL MRR MTTR NPS OAuth OKR OS OTP
        P50 P75 P90 P95 P99 PDF PM PMF PR PRs PWA QA QR RAM RFM ROAS ROI RPC RPS RSVP SaaS SDK SEO SERP SKU SLA
        SLO SMS SMTP SQL SQS SSH SSL SSO tRPC TTFB TTL TV UI UK URL URLs USD UTM UUID UV UX VAT VIP VM VPN
        WAU XML GitHub GitLab PostHog WhatsApp YouTube LinkedIn TikTok PayPal JavaScript TypeScript MySQL
        PostgreSQL ClickHouse DevOps GA LTV IAM ICU RDS EC2 VPC ARN DEX NFT NFTs EVM CVE CVEs EKS ECS SNS KMS ELB ALB TLS TCP UDP GDP CO2 ETH BTC
        USDC USDT TVL DAO HR NBA NFL MLB IPL FIFA GMT UTC IOPS IO ETL ICD BMI AUM EBITDA COGS NRR GRR FX RMAN BigQuery PowerShell CloudTrail
    """.split()
}

SMALL = _set("""
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
    "used": "usage",
    # Base forms
    "view": "view", "open": "open", "click": "click", "search": "search", "load": "load", "visit": "visit", "tap": "tap",
    "signup": "signup", "login": "login", "logout": "logout", "checkout": "checkout",
}  # fmt: skip
"""Past participles, and verbs that open an identifier, with their noun: `clicked` → `click`, `view` → `view`."""

_ACTIONS = {
    "merged": "merge", "resolved": "resolution", "closed": "close", "responded": "response", "completed": "completion",
    "finished": "finish", "approved": "approval", "shipped": "shipping", "delivered": "delivery", "paid": "payment", "started": "start",
    "created": "creation", "failed": "failure", "submitted": "submission", "registered": "registration", "cancelled": "cancellation",
    "canceled": "cancellation", "subscribed": "subscription", "verified": "verification", "activated": "activation",
    "converted": "conversion", "deployed": "deployment", "generated": "generation", "processed": "processing", "executed": "execution",
    "rendered": "rendering", "loaded": "load", "viewed": "view", "clicked": "click", "opened": "open", "requested": "request",
    "received": "receipt", "sent": "sending", "assigned": "assignment", "reviewed": "review", "deleted": "deletion", "updated": "update",
    "signed": "signing", "ended": "end", "launched": "launch", "published": "publication", "answered": "answer", "purchased": "purchase",
    "bounced": "bounce", "abandoned": "abandonment", "dismissed": "dismissal", "rejected": "rejection", "accepted": "acceptance",
    "redeemed": "redemption", "renewed": "renewal", "churned": "churn",
}  # fmt: skip
"""What was done as a noun, for where an event describes something else: failed → failure."""

_PARTICIPLES = _set("""
    sent paid sold won lost made seen built read bought found given taken written chosen shown done used met begun
    gone
""")
"""Participles that have no ending to know them by."""

_MASS = _set("""
    activity audio billing capacity content churn cohorts conversion coverage cpu data engagement
    feedback growth health inventory latency memory money music news onboarding overview performance
    playtime pricing progress quality quantity research retention revenue satisfaction spam spend status
    storage success support throughput time traffic usage utilization volume weather work status analytics
    auth info cost duration length amount size wishlist cart vitals more
""")
"""Nouns without a plural."""

_NO_PARTICIPLES = _set("""
    feed speed seed need embed bed red shed weed breed deed bleed id naked wicked sacred hundred kindred
    biped
""")

_LEADING = _set("view click open tap visit")
"""Verbs that open an identifier and go to the end as a noun: `view_cart`."""

_ACTORS = frozenset({"user", "users", "customer", "visitor", "person"})
"""Who does things (`user signed up`): said by the verb already."""

_SHORTEST_NOUN = 2
_SHORTEST_PARTICIPLE = 5


def is_participle(word: str) -> bool:
    """Whether a word says that something was done."""
    low = word.lower()
    if low in _PARTICIPLES:
        return True
    return low.endswith("ed") and len(low) >= _SHORTEST_PARTICIPLE and low not in _NO_PARTICIPLES


def step(words: Words) -> Words:
    """Drop who did it where the verb says so: `user signed up`."""
    return words[1:] if len(words) > 1 and words[0].lower() in _ACTORS else words


def counted(words: Words) -> Words:
    """Return an event as a plural noun: orders placed, share button clicks, signups, cart views."""
    at = next((at for at, word in enumerate(words[:-1]) if at and word.lower() in ("no", "not")), 0)
    return _negated(words[:at], words[at:]) if at else plural(_nominal(step(words)))


def _negated(things: Words, rest: Words) -> Words:
    """Return an event that says what was not, with what was: users not found, searches with no results."""
    if rest[0].lower() == "not":
        return (*plural(things), *rest)
    return (*plural(things), "with", *rest) if things[-1].lower() in _VERBS else (*things, *rest)


def deed(words: Words) -> Words:
    """Turn what was done into its noun: signed up → signup, import completed → import completion."""
    whole = _VERBS.get(" ".join(words).lower())
    if whole:
        return tuple(whole.split())
    words = _nominal(words)
    return action(words) if len(words) > 1 else words


def _nominal(words: Words) -> Words:
    """Turn the verb of an event into its noun, at the end: `page viewed` and `view page` are page views."""
    if not words:
        return words
    lowered = tuple(word.lower() for word in words)
    for size in (2, 1):
        behind = _VERBS.get(" ".join(lowered[-size:]))
        if behind and len(words) > 1:
            return (*words[:-size], *behind.split())
    if lowered[0] in _LEADING and len(words) > 1 and not is_participle(words[-1]):
        return (*words[1:], _VERBS.get(lowered[0], lowered[0]))
    return words


def action(words: Words) -> Words:
    """Turn the participle at the end of an event into the noun of what was done: payment failed → payment failure."""
    noun = _ACTIONS.get(words[-1].lower()) if words else None
    return (*words[:-1], noun) if noun else words


def thing(words: Words) -> Words:
    """Drop what was done to a thing where its noun says enough: price of an order placed is the order's price."""
    while len(words) > 1 and is_participle(words[-1]):
        words = words[:-1]
    return words


def plural(words: Words) -> Words:
    """Put the noun of a phrase into the plural; a participle behind it stays: `orders placed`."""
    if not words:
        return words
    at = next((place for place, word in enumerate(words) if place and word.lower() in SMALL), len(words)) - 1
    while at > 0 and is_participle(words[at]):
        at -= 1
    if is_participle(words[at]) and (len(words) == 1 or at < len(words) - 1):
        return words
    return (*words[:at], _plural(words[at]), *words[at + 1 :])


def singular(words: Words) -> Words:
    """Put the noun of a phrase into the singular; a participle behind it stays."""
    at = len(words) - 1
    while at > 0 and is_participle(words[at]):
        at -= 1
    return words if at < 0 else (*words[:at], _singular(words[at]), *words[at + 1 :])


_SILENT_E = frozenset("cache ache headache niche avalanche cliche axe".split())
"""Nouns whose plural looks as if it were that of a word without the e."""


@lru_cache(maxsize=8192)
def _plural(word: str) -> str:
    """Return the plural of a noun; what has none, and what is already one, stays."""
    import inflection

    low = word.lower()
    if low in _MASS or len(low) < _SHORTEST_NOUN or not low.isalpha() or not low.isascii():
        return word
    if low.endswith("s") and inflection.pluralize(inflection.singularize(low)) == low:
        return word
    several = inflection.pluralize(low)
    return word + several[len(low) :] if several.startswith(low) else several


@lru_cache(maxsize=8192)
def _singular(word: str) -> str:
    import inflection

    low = word.lower()
    if low in _MASS or not low.isalpha() or not low.isascii():
        return word
    one = low[:-1] if low[:-1] in _SILENT_E else inflection.singularize(low)
    return word if one == low else one


def cased(word: str, spot: Spot) -> str:
    """Write a word: in Title Case all but the small ones large, in sentence case the first; acronyms as they are."""
    low = word.lower()
    if low in ACRONYMS:
        return ACRONYMS[low]
    if low.endswith("s") and low[:-1] in ACRONYMS:
        return ACRONYMS[low[:-1]] + "s"
    if word[1:] != low[1:] and not (word.isupper() and len(word) > 3):  # noqa: PLR2004 - NASA, but not SHOUTING
        return word  # iPod, PostHog, NASA
    large = spot.first or (spot.style == "title" and (spot.last or low not in SMALL))
    return low[:1].upper() + low[1:] if large else low


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return what the forms of a word have in common: views, viewed and viewing → view."""
    low = word.lower()
    low = _VERBS.get(low) or _ACTIONS.get(low) or low
    return str(_stemmer().stemWord(low)) if low.isascii() and low.isalpha() else low
