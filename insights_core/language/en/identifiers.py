"""How identifiers are read whose words are English, as those of most databases are: what they abbreviate, what says little.

Nothing of it is written into a name but what `ABBREVIATIONS` spells out.
"""

from __future__ import annotations

from insights_core.language.protocol import Identifiers


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ABBREVIATIONS = {
    "avg": "average", "min": "minimum", "max": "maximum", "num": "", "nb": "", "cnt": "", "pct": "%", "percent": "%",
    "qty": "quantity", "amt": "amount", "cfg": "config", "msg": "message", "err": "error", "req": "request", "resp": "response",
    "usr": "user", "pv": "page view", "pvs": "page views", "dbname": "database", "queryid": "query", "sproc": "stored procedure", "sprocs": "stored procedures", "tx": "transaction", "txn": "transaction", "txns": "transactions", "tot": "total", "lat": "latency", "vuln": "vulnerability", "vulns": "vulnerabilities", "trans": "transaction", "circ": "circulation", "acct": "account", "org": "organization", "orgs": "organizations", "dept": "department", "addr": "address",
    "dest": "destination", "src": "source", "desc": "description", "calc": "calculator", "notif": "notification", "prev": "previous",
    "perc": "%", "secs": "seconds", "mins": "minutes", "hrs": "hours", "sec": "seconds", "ms": "", "dur": "duration",
    "len": "length", "no": "", "nbr": "", "int": "", "freq": "frequency", "perf": "performance", "util": "utilization", "cust": "customer", "prod": "product", "emp": "employee", "mgr": "manager", "cd": "code", "nr": "", "nrs": "", "ctry": "country", "cat": "category", "lang": "language", "info": "info",
    "seq": "sequential", "idx": "index", "tup": "", "upd": "updates", "stmt": "statement", "stmts": "statements", "exec": "execution", "conn": "connection",
    "conns": "connections", "param": "parameter", "params": "parameters", "pop": "population", "est": "estimated", "cum": "cumulative", "chg": "change",
    "rev": "revenue", "pmt": "payment", "yr": "year", "yrs": "years", "mth": "month", "mths": "months", "wk": "week", "qtr": "quarter", "vol": "volume",
    "bal": "balance", "trx": "transactions", "props": "properties", "env": "environment", "svc": "service", "grp": "group", "reqs": "requests",
    "errs": "errors", "evt": "event", "evts": "events", "loc": "location", "descr": "description", "n": "", "temps": "temperatures", "atr": "attrition", "auth": "auth", "signups": "signups",
}  # fmt: skip

IDENTIFIERS = Identifiers(
    abbreviations=_ABBREVIATIONS,
    fillers=_set("""
    id ids uuid guid pk fk tbl stg dim fct fact vw raw tmp name key slug title
"""),
    flags=frozenset({"is", "has", "was", "did", "are"}),
    units=_set("""
    ms h hr hrs hours minutes mins sec secs seconds s usd eur gbp cents bytes kb mb gb b pct utc kg km cm mm lb lbs
"""),
    counting=_set("count counts cnt num number of no n nb nums total sum amount distinct"),
    totals=_set("of total sum amount distinct"),
    ranked=_set("""
    page pages url path pathname title query referrer source domain keyword term article product item film
    song video search message endpoint route landing exit screen element email customer author contributor
"""),
    moments=_set("date time at timestamp on datetime"),
    statuses=_set("status state type result kind stage severity priority level category tier plan role phase outcome"),
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
    ends=_set(
        "end ended finish finished stop stopped to until out now exit left last previous next start started begin completion"
    ),
    degrees=_set("high low medium normal none other others unknown default all any yes no true false standard"),
    payments=_set(
        "payment payments purchase purchases order orders checkout charge charges invoice invoices bill bills sale sales transaction transactions"
    ),
    received=_set("completed complete paid succeeded success successful received captured made confirmed placed"),
    settled=_set("completed placed succeeded confirmed"),
    money=_set("amount total price value revenue paid order purchase payment grand gross sale"),
    timed=_set(
        "load response wait watch play render execution processing elapsed read run queue build boot startup idle"
    ),
    negating=frozenset({"no", "not"}),
    testers=_set("email ip host env environment id uuid test tests testing internal staging localhost dev bot bots"),
    testing=_set("exp experiment flag ab test feature ff"),
    bland=_set(
        "list data records rows items results information details info entries query table report overview summary values value count total number all events"
    ),
    participle_endings=("ed",),
    created=_set("created"),
    titles=_set("name title"),
    titling=_set("name title label desc description"),
    remarks=_set("""
    description descriptions comment comments note notes text message body summary content url link phone
    """),
    prices=_set("price prices unitprice cost rate"),
    catalogues=_set("pg stat statio sys dm os db dba all user v gv x hist information innodb stl stv svv svl"),
    identifying=_set(
        "pid spid sid relid rowid oid event person arn uri path name title id address host hostname email code ip mac key number login username"
    ),
    keys=_set("id uuid guid key code number hash sk oid num no nr"),
    places=_set("""
    network environment env tenant instance schema db company account workspace cluster server host partition realm
    """),
    metrics=_set("metric counter measure indicator stat statistic variable parameter kpi signal"),
    quantities=_set("value val values cntr reading amount number data count quantity"),
    numbers=_set("number num count no"),
    formats=_set("query node"),
    splits=_set("by"),
    truths=_set("1 true yes y t"),
    untruths=_set("0 false no n f"),
    label_endings=("able", "ible", "ed", "ful", "ive", "ical", "ous", "ary", "ing", "less", "ent"),
    flag_endings=("ed", "ive", "able", "al", "ic", "ful", "en", "red", "nt", "ary", "y"),
)
