"""Facts entered by hand, and the chain in the database."""

import asyncio

import pytest

from server.db import Database
from server.scoring.ledger_store import chain_fault
from tests.server.conftest import post_outcomes
from tests.server.events import outcome

SUBJECT = "/api/v1/subjects/s-4k2m9q"
HOURS = {
    "indicator": "public_service_hour",
    "occurred_at": "2026-11-20T01:00:00Z",
    "quantity": 3,
    "note": "敬老院劳动",
}


async def enter(client, key="key-00001", **given):
    return await client.post(
        SUBJECT + "/facts", json=HOURS | given, headers={"Idempotency-Key": key}
    )


async def fault_of(site, org_id="office-1"):
    settings = site.settings()
    database = Database(
        app_dsn=settings.app_dsn(),
        ingest_dsn=settings.ingest_dsn(),
        worker_dsn=settings.worker_dsn(),
        size=2,
        timeout_s=10,
    )
    await database.open()
    try:
        async with database.work() as connection:
            return await chain_fault(connection, org_id)
    finally:
        await database.close()


async def test_service_hours_add_points_that_the_ledger_explains(officer):
    answer = await enter(officer)
    assert answer.status_code == 201, answer.text
    entry = answer.json()["entry"]
    assert (entry["points"], entry["author"], entry["fact"]["note"]) == (3, "officer", "敬老院劳动")
    ledger = (await officer.get(SUBJECT + "/ledger")).json()
    assert ledger["score"]["management"] == 453
    assert [line["indicator"] for line in ledger["entries"]] == [
        "public_service_hour",
        "opening",
        "opening",
    ]
    assert ledger["entries"][0]["balance"] == ledger["score"]["total"]


async def test_a_repeated_entry_changes_nothing(officer, site):
    first, second = await enter(officer), await enter(officer)
    assert first.json() == second.json()
    assert site.one("SELECT count(*) FROM fact") == 1


async def test_two_at_once_are_one_fact(officer, site):
    answers = await asyncio.gather(*(enter(officer) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert site.one("SELECT count(*) FROM score_entry WHERE fact_id IS NOT NULL") == 1


async def test_a_key_used_for_another_fact_is_a_conflict(officer):
    await enter(officer)
    answer = await enter(officer, quantity=4)
    assert answer.status_code == 409


async def test_hours_count_to_the_months_cap_and_no_further(officer, site):
    for number in range(3):
        at = f"2026-11-1{number}T01:00:00Z"
        await enter(officer, key=f"key-0000{number}", occurred_at=at, quantity=5)
    await enter(officer, key="key-october", occurred_at="2026-10-20T01:00:00Z", quantity=5)
    points = site.rows("SELECT points FROM score_entry WHERE fact_id IS NOT NULL ORDER BY id")
    assert [float(row["points"]) for row in points] == [5, 5, 2, 5]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"indicator": "device_removal"}, "/indicator"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "/occurred_at"),
        ({"quantity": 0}, "/quantity"),
        ({"quantity": 25}, "/quantity"),
        ({"note": " "}, "/note"),
    ],
)
async def test_a_wrong_fact_is_refused(officer, given, pointer):
    answer = await enter(officer, **given)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_the_chain_holds_under_concurrent_writers_and_shows_a_change(gateway, people, site):
    episodes = [f"e-{number}" for number in range(6)]
    await post_outcomes(gateway, [outcome(episode=name) for name in episodes])
    clients = [people("officer"), people("supervisor")]
    body = {"verdict": "confirmed", "note": "属实"}
    answers = await asyncio.gather(
        *(
            clients[number % 2].post(
                f"/api/v1/alerts/{name}/resolve", json=body, headers={"If-Match": '"1"'}
            )
            for number, name in enumerate(episodes)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert await fault_of(site) is None
    assert site.one("SELECT count(*) FROM score_entry WHERE org_id = 'office-1'") == 10
    site.rows("ALTER TABLE score_entry DISABLE TRIGGER append_only")
    site.rows("UPDATE score_entry SET points = 0 WHERE id = 7")
    assert await fault_of(site) == "entry 7: its content is not what was committed to"
