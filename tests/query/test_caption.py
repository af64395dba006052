"""The author's title: out of headings, requests, questions and headers, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_core.query.sql import read

STATEMENT = "SELECT region, COUNT(*) FROM late_orders WHERE status = 'open' GROUP BY region"


def caption(comments, statement=STATEMENT):
    return read(f"{comments}\n{statement}").caption


@pytest.mark.parametrize(
    ("comments", "title"),
    [
        ("-- Orders by region", "Orders by region"),
        ("# Orders by region", "Orders by region"),
        ("/* Query: Late orders */", "Late orders"),
        ("-- name: Late orders", "Late orders"),
        ("-- List all late orders by region.", "late orders by region"),
        ("-- This query shows the late orders of each region", "late orders of each region"),
        ("-- 7. What are the open orders by region?", "open orders by region"),
        ("-- How many orders are still open?", "orders still open"),
        ("-- Q3: How many open orders were there in each region?", "open orders in each region"),
        ("-- Get a list of open orders for each region", "open orders by region"),
        ("-- Open orders by region (last 30 days, without tests)", "Open orders by region"),
        ("-- Open orders by region in descending order", "Open orders by region"),
        ("--\n-- Author: somebody\n-- Date: 2020-01-02\n-- Licence: MIT\n--\n-- Open orders by region\n", "Open orders by region"),
        ("/*\n * Purpose:\n *   Open orders by region\n */", "Open orders by region"),
        ("REM Script: late.sql\nREM Purpose:\nREM Checking the late orders\nset linesize 200\ncol region format a20", "late orders"),
        ("-- Orders that are open, one row for each region and everything that somebody could wish for", "Orders that are open"),
    ],
)  # fmt: skip
def test_titles(comments, title):
    assert caption(comments) == title


@pytest.mark.parametrize(
    "comments",
    [
        "-- TODO: count orders by region",
        "-- from the docs of orders",
        "-- adapted from open orders",
        "-- https://example.com/orders-by-region",
        "-- we want orders by region",
        "-- the orders are kept by region",
        "-- which region has most orders?",
        "-- Author: orders region",
        "-- $Id: orders region $",
        "-- SELECT region FROM orders;",
        "-- nothing that it speaks about",
        "-- orders",
        "-- =====",
    ],
)
def test_what_is_no_title(comments):
    assert caption(comments) == ""


def test_comments_within_or_behind_a_statement_are_no_title():
    assert read("SELECT region -- Orders by region\nFROM orders").caption == ""


@given(st.text("aA -.:?(/*\n=#'orders by region", max_size=200))
def test_a_title_is_short_and_about_the_statement(comments):
    found = caption("/*" + comments.replace("*/", "") + "*/")
    words = {word[:5] for word in found.lower().split()}
    assert len(found) <= 60
    assert not found or any(word.rstrip("s") in STATEMENT.lower() for word in words)
