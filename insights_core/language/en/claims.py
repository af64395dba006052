"""The published table of what a title may say of a query, in English: what the check of others' titles reads.

A claim is a code and the phrases that make it; whoever says one of them says something of the query that has to hold.
"""

from __future__ import annotations

CLAIMS = {
    "math.avg": "average | avg | mean | on average",
    "math.sum": "total | sum | sum of | overall",
    "math.min": "minimum | min | lowest | smallest | least | shortest",
    "math.max": "maximum | max | highest | largest | longest | peak",
    "math.median": "median | p50 | 50th percentile",
    "math.p25": "p25 | 25th percentile",
    "math.p75": "p75 | 75th percentile",
    "math.p90": "p90 | 90th percentile",
    "math.p95": "p95 | 95th percentile",
    "math.p99": "p99 | 99th percentile",
    "math.stddev": "standard deviation | deviation",
    "math.variance": "variance",
    "math.unique": "unique | distinct",
    "actors": "user | customer | patient | member | visitor | person | people | active user | unique visitor | unique user",
    "actors.day": "daily active user | dau",
    "actors.week": "weekly active user | wau",
    "actors.month": "monthly active user | mau",
    "actors.session": "session",
    "per.actor": "per user | per person | per visitor | a user | each user | per session",
    "first_time": "first-time | first time | for the first time",
    "extreme.first": "earliest | oldest",
    "extreme.last": "latest | most recent | newest | recent",
    "ratio": "rate | share | ratio | percentage | percent | % | conversion | conversion rate | proportion | percentage of",
    "running": "cumulative | running total | running average | rolling | moving average",
    "interval.minute": "per-minute | per minute | by minute | each minute | minutely",
    "interval.hour": "hourly | per hour | by hour | each hour",
    "interval.day": "daily | per day | by day | each day",
    "interval.week": "weekly | per week | by week | each week",
    "interval.month": "monthly | per month | by month | each month",
    "interval.quarter": "quarterly | per quarter | by quarter | each quarter",
    "interval.year": "yearly | annual | annually | per year | by year | each year",
    "time.hour_of_day": "hour of day | hour of the day | by hour of day",
    "time.day_of_week": "day of week | day of the week | weekday | by day of week | by day of the week | by weekday | per weekday",
    "time.day_of_month": "day of month | day of the month | by day of month | by day of the month",
    "time.day_of_year": "day of year | day of the year | by day of year | by day of the year",
    "kind.funnel": "funnel | conversion | conversion rate | time to convert",
    "kind.retention": "retention",
    "kind.stickiness": "stickiness",
    "kind.lifecycle": "lifecycle | life cycle",
    "kind.paths": "path | user path",
    "cohort": "cohort",
    "duration": "time to | time from | time between | how long | time | duration | length | latency | speed",
    "not": "not | no | non | without | excluding | except | never",
    "above": "above | more than | at least | greater than | minimum of",
    "below": "below | under | less than | at most | fewer than",
    "top": "top | most | best | leading | leaderboard | ranking | ranked",
    "bottom": "bottom | worst | fewest",
    "split": "distribution | breakdown | split | segment | composition | mix | broken down | heatmap",
    "period": "last | past | previous | this | today | yesterday | since | recent",
    "compare": "compared to | compared with | versus previous period | vs previous period | comparison",
    "growth": "growth | increase | decrease | decline | change in | drop",
    "general": "usage | use | volume | activity | overview | summary | performance | analysis | analytics | metric | statistic | stat | report"
    " | engagement | traffic | status | progress | quality | health | insight | trend | pattern | timeline | history | frequency | level | rating",
}

NEUTRAL = """
we | our | whose | own | any | every | more | less | different | until | there | current | currently | number of | count of | count | list of | list | trend over time | over time | all | that | who | which | each | where
| chart | its | their | it | is | are | has | have | been | be | do | does | did | how | many | much | what | when | why | only | across | within
| between | during | among | and | or | vs | versus | against | than | other | both | result | data | detail | information | value | figure
| time series | record | row | entry | item | set | group | grouped | total number of | dashboard | table | graph | line | bar | view of
| selected | range | time range | one-time | one time | type | kind | component | feature | application | app | interaction | key
| after | before | used | percentile | hour | minute | second | day | in hours | in minutes | in days
"""

ALIKE = (
    "pageview | page view | viewed page | view of page | pv",
    "uv | visitor | unique visitor | user | person | people | customer | patient | member",
    "os | operating system",
    "signup | sign up | sign ups | signed up | registration | registered",
    "login | log in | logged in",
    "checkout | check out | checked out",
    "exception | error | crash",
    "failed | failure | failing | unsuccessful | fail | error",
    "successful | succeeded | success",
    "completed | completion | done | finished | delivered | resolved",
    "duration | length | time | latency | elapsed",
    "quantity | unit",
    "paid | payment | pay",
    "bought | buy | purchase",
    "sold | sell | sale",
    "pr | pull request",
    "revenue | sale | income",
    "url | page | path | pathname | link",
    "flag | variant | experiment | test",
    "domain | host",
    "repo | repository",
    "email | mail",
    "id | identifier",
    "country | geoip",
    "ticket | issue",
    "utm | campaign",
    "pipeline | build | workflow",
    "author | contributor | committer",
    "new | created | creation",
    "first | min | earliest | initial",
    "quantity price | revenue | sale",
    "cohort | retention",
    "weekday | day of week | dow | dayofweek | week day",
)
"""Phrases that mean the same: where a query holds one of them, the words of all are its own."""
