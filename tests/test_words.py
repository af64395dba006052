"""Identifiers to words, and words to what people say."""

import pytest

from insights_core.language.en import ENGLISH
from insights_core.naming.nouns import event_noun, property_noun, table_noun
from insights_core.query.words import folded, split

SPLIT = [
    ("order_placed", "order placed"),
    ("$geoip_country_code", "geoip country code"),
    ("orderPlaced", "order placed"),
    ("HTTPServerError", "http server error"),
    ("api:v2/users.list", "api v2 users list"),
    ("[Amplitude] Revenue", "revenue"),
    ("checkout-completed", "checkout completed"),
    ("Signed up on iOS", "Signed up on iOS"),
    ("B2B_sales", "b2b sales"),
    ("tRPC.error", "trpc error"),
    ("user 8fa3c2d91b77", "user"),
    ("job_20240131", "job"),
    ("größe_geändert", "größe geändert"),
    ("日本_東京", "日本 東京"),
    ("$$$", ""),
]


@pytest.mark.parametrize(("identifier", "words"), SPLIT)
def test_identifiers_fall_into_words(identifier, words):
    assert " ".join(split(identifier)) == words


def test_every_spelling_of_a_name_is_one():
    assert (
        len(
            {folded(spelling) for spelling in ("fileShared", "file_shared", "file-shared", "File shared", "FileShared")}
        )
        == 1
    )


EVENTS = [
    ("order_placed", "orders placed"),
    ("button_clicked", "button clicks"),
    ("view_cart", "cart views"),
    ("user_logged_in", "logins"),
    ("user_signed_up", "signups"),
    ("signed_up", "signups"),
    ("email_sent", "emails sent"),
    ("$pageview", "pageviews"),
    ("feed", "feeds"),
    ("category_opened", "category opens"),
]


@pytest.mark.parametrize(("event", "noun"), EVENTS)
def test_events_become_plural_nouns(event, noun):
    assert " ".join(event_noun(event, ENGLISH)) == noun


PROPERTIES = [
    ("$geoip_country_code", "country"),
    ("duration_ms", "duration"),
    ("price_usd", "price"),
    ("tenant_id", "tenant"),
    ("is_premium", "premium"),
    ("utm_source", "UTM source"),
    ("id", "id"),
]


@pytest.mark.parametrize(("key", "noun"), PROPERTIES)
def test_properties_become_nouns(key, noun):
    assert " ".join(property_noun(key, ENGLISH)) == noun


def test_tables_become_plural_nouns():
    assert table_noun("public.stg_support_ticket", ENGLISH) == ("support", "tickets")
