"""Handing notifications over: once under a key, in the caller's transaction, within its scope."""

import asyncio

import psycopg
import pytest

from server.notifications.errors import NotificationError
from tests.server.notification_work import about, add_channel, raised, told


async def test_a_key_is_placed_once_however_often_it_is_handed_over(site):
    raised(site)
    assert await told(site, about("a"), about("a"), about("b")) == 2
    assert sum(await asyncio.gather(*(told(site, about("c")) for _ in range(4)))) == 1
    assert site.one("SELECT count(*) FROM notification") == 3


async def test_a_transaction_that_fails_tells_nobody(site):
    raised(site)
    await told(site, about("a"), fail=True)
    assert site.one("SELECT count(*) FROM notification") == 0


async def test_a_matter_outside_the_scope_is_not_told(site):
    raised(site)
    site.add_org("county-b", "/")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="outside the scope"):
        await told(site, about("a"), scope="/county-b/")


async def test_it_belongs_to_the_organisation_of_who_is_told(site):
    raised(site)
    site.add_org("county-b", "/")
    site.add_account("elsewhere", "county-b", "officer")
    path = site.one("SELECT path FROM org WHERE id = 'county-a'")
    await told(site, about("a", login="elsewhere"), scope=path)
    assert site.rows("SELECT org_id, about_org FROM notification") == [
        {"org_id": "county-b", "about_org": "county-a"}
    ]


async def test_a_person_is_told_over_the_own_channels_else_over_the_organisations(site):
    raised(site)
    add_channel(site, "own", login="officer", severities=["critical"])
    add_channel(site, "all")
    add_channel(site, "off", enabled=False)
    add_channel(site, "theirs", login="supervisor")
    await told(
        site,
        about("a", login="officer"),
        about("b", login="officer", severity="major"),
        about("c", severity="major"),
    )
    assert site.rows(
        "SELECT n.key, d.channel_id FROM notification_delivery d"
        " JOIN notification n ON n.id = d.notification_id ORDER BY 1"
    ) == [
        {"key": "a", "channel_id": "own"},
        {"key": "b", "channel_id": "all"},
        {"key": "c", "channel_id": "all"},
    ]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"kind": "no_such_kind"}, "no notification is of kind no_such_kind: one of alert_"),
        ({"kind": "alert_escalated"}, r"alert_escalated wants the values \['level'\], got \[\]"),
        ({"values": {"name": "x"}}, r"alert_raised wants the values \[\], got \['name'\]"),
        ({"key": ""}, "a key has 1 to 200 characters"),
    ],
)
def test_what_could_only_be_given_up_is_refused_where_it_is_made(changed, text):
    with pytest.raises(NotificationError, match=text):
        about(**({"key": "a"} | changed))
