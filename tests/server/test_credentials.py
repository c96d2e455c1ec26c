"""Credentials of devices: changed over, ended, told to brokers and gateways."""

from datetime import datetime, timedelta

import psycopg
import pytest

from gateway.directory.moment import FOREVER_MS
from gateway.directory.snapshot import compile_directory
from guitu.brokers.live_accounts import device_rows

DEVICE = "wb-000001"
CALL = f"/api/v1/devices/{DEVICE}/credentials"
DIRECTORY = "/api/v1/gateway/directory"
STOLEN = {"generation": None, "reason": "定位手环被盗"}


def held(site):
    """Generations that the broker's files would have."""
    rows = device_rows(site.database.ingest_dsn)
    return [row.generation for row in rows if row.device == DEVICE]


async def issued(client, key, **body):
    answer = await client.post(CALL, json=body, headers={"Idempotency-Key": f"issue-{key:06}"})
    assert answer.status_code == 201, answer.text
    return answer.json()["credentials"]


async def known_until_ms(gateway):
    body = (await gateway.get(DIRECTORY)).content
    return compile_directory(body).devices[DEVICE].credential_until_ms


async def test_a_credential_is_changed_over_and_each_one_ends_for_good(people, gateway, site):
    supervisor = people("supervisor")
    (first,) = (await supervisor.get(CALL)).json()["credentials"]
    assert (first["user"], first["state"], first["issued_by"]) == (DEVICE, "in_force", None)
    assert held(site) == [0]

    newer, older = await issued(supervisor, 1, overlap_h=24)
    assert (newer["user"], newer["not_after"]) == (f"{DEVICE}~1", None)
    left = datetime.fromisoformat(older["not_after"]) - datetime.fromisoformat(newer["issued_at"])
    assert left == timedelta(hours=24)
    assert held(site) == [0, 1]
    assert await known_until_ms(gateway) == FOREVER_MS

    one = await supervisor.post(f"{CALL}/end", json=STOLEN | {"generation": 0})
    assert one.status_code == 200, one.text
    assert held(site) == [1]
    assert await known_until_ms(gateway) == FOREVER_MS
    again = await supervisor.post(f"{CALL}/end", json=STOLEN | {"generation": 0})
    assert again.status_code == 409
    with pytest.raises(psycopg.errors.CheckViolation, match="issue a new one"):
        site.rows(
            "UPDATE device_credential SET ended_at = NULL, ended_by = NULL,"
            " end_reason = NULL WHERE device_id = %s AND generation = 0",
            (DEVICE,),
        )

    everything = await people("officer").post(f"{CALL}/end", json=STOLEN)
    assert everything.status_code == 200, everything.text
    ended = everything.json()["credentials"][0]
    assert (ended["state"], ended["ended_by"]) == ("ended", "officer")
    assert held(site) == []
    told_ms = await known_until_ms(gateway)
    assert told_ms == round(datetime.fromisoformat(ended["ended_at"]).timestamp() * 1_000)
    kinds = site.rows("SELECT kind FROM act WHERE ref_id = %s ORDER BY id", (DEVICE,))
    assert [row["kind"] for row in kinds] == [
        "device.credential_issued",
        *["device.credential_ended"] * 2,
    ]
    (found, *_) = await issued(supervisor, 2)
    assert (found["generation"], held(site)) == (2, [2])
    assert await known_until_ms(gateway) == FOREVER_MS


async def test_a_short_lived_credential_ends_at_the_broker_and_the_gateway_by_itself(
    people, gateway, site
):
    supervisor = people("supervisor")
    newest = (await issued(supervisor, 1, overlap_h=0, valid_days=1))[0]
    assert held(site) == [1]
    end_ms = round(datetime.fromisoformat(newest["not_after"]).timestamp() * 1_000)
    assert await known_until_ms(gateway) == end_ms
    site.rows(
        "UPDATE device_credential SET issued_at = now() - interval '2 days',"
        " not_after = now() - interval '1 day' WHERE device_id = %s AND generation = 1",
        (DEVICE,),
    )
    assert held(site) == []
    states = [one["state"] for one in (await supervisor.get(CALL)).json()["credentials"]]
    assert states == ["expired", "expired"]


async def test_a_foreign_device_is_not_found(people, site):
    site.add_org("county-b", "/")
    site.rows("INSERT INTO device VALUES ('wb-b', 'county-b', 'wristband', 60)")
    path = "/api/v1/devices/wb-b/credentials"
    client = people("supervisor")
    assert (await client.get(path)).status_code == 404
    assert (await client.post(f"{path}/end", json=STOLEN)).status_code == 404
    assert site.one("SELECT count(*) FROM device_credential") == 0
