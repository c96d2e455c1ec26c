"""Personal fields as they lie in the database: sealed, bound to their place, rotated at work."""

import asyncio
import json
import secrets

import psycopg
import pytest
from click.testing import CliRunner

from guitu.commands.keys import command
from server.app import create_app
from server.errors import SettingsError
from server.exchange.subject_store import taken
from server.personal import sealing
from server.rounds import Rounds
from server.secrecy.key_file import KeyFile, add_key
from tests.server.case_work import change, form_group, receive, send
from tests.server.conftest import http, running
from tests.server.travelling import travel_of

PLANTED = {
    "identity_number": "33010119900501001X",
    "phone": "13800004711",
    "residence": "青溪县城关镇种植路1234号",
    "crime": "种植的罪名",
    "judgment_number": "（2026）浙0101刑初4711号",
}
CONTACT = {
    "kind": "protected",
    "name": "被种植的受害人",
    "relation": "前妻",
    "phone": "13900004711",
    "address": "青溪县某镇种植路77号",
}
MEMBER = {"role": "officer", "name": "王警官", "sex": "male", "login": "officer-1"}
GROUP_PHONE = "13700004711"
PROTECTED = "受保护的种植者"


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


async def planted(travel):
    """A person with everything that is personal; returns the pseudonym."""
    subject = await receive(travel, **PLANTED)
    group = await form_group(travel, subject, [MEMBER | {"phone": GROUP_PHONE}])
    contacts = await change(travel, "officer-1", subject, "PUT /contacts", {"contacts": [CONTACT]})
    registry = {
        "format": "guitu-registry/1",
        "protected": [{"protected": "p-1", "org": "office-1", "name": PROTECTED}],
    }
    written = await send(travel, "admin", "POST", "/registry", registry)
    assert [one.status_code for one in (group, contacts, written)] == [200, 200, 200]
    again = await send(travel, "admin", "POST", "/registry", registry)
    assert again.json()["changed"]["protected"] == 0
    return subject


async def shown(travel, subject, login="officer-1"):
    return await travel.sign_in(login).get(f"/api/v1/subjects/{subject}/file")


def dumped(site):
    """Every row of every table as text, as a backup would have it; bytea as it is."""
    found = bytearray()
    with psycopg.connect(site.database.owner_dsn) as owner:
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r'"
        ).fetchall()
        for (table,) in tables:
            with owner.cursor().copy(f'COPY "{table}" TO STDOUT'.encode()) as copy:
                for block in copy:
                    found += block
    return found.decode()


def run_keys(site, *arguments, cipher="aes-256-gcm"):
    owner = site.folder / "owner.dsn"
    owner.write_text(site.database.owner_dsn)
    settings = site.settings()
    given = {
        f"GUITU_SERVER_{name.upper()}": str(getattr(settings, name))
        for name in type(settings).model_fields
        if name.endswith("_file") and getattr(settings, name) is not None
    } | {"GUITU_SERVER_CIPHER": cipher}
    result = CliRunner().invoke(
        command, [*arguments, "--owner-dsn-file", str(owner), "--json"], env=given
    )
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


async def test_a_dump_holds_no_planted_value_and_the_file_shows_them_all(travel):
    subject = await planted(travel)
    values = {*PLANTED.values(), CONTACT["name"], CONTACT["phone"], CONTACT["address"]}
    dump = dumped(travel.site)
    assert [value for value in {*values, GROUP_PHONE, PROTECTED} if value in dump] == []

    file = (await shown(travel, subject)).json()
    assert {name: file[name] for name in PLANTED} == PLANTED
    assert {name: file["contacts"][0][name] for name in CONTACT} == CONTACT
    assert file["group"][0]["phone"] == GROUP_PHONE

    other = await receive(travel, **PLANTED | {"identity_number": "110101198001010029"})
    rows = travel.site.rows(
        "SELECT * FROM case_file WHERE subject_id = ANY (%s)", ([subject, other],)
    )
    for name in ("phone", "residence", "crime", "judgment_number"):
        assert len({bytes(row[f"{name}_sealed"]) for row in rows}) == 2


async def test_a_sealed_value_opens_in_its_own_row_column_and_office_only(travel):
    subject, other = await planted(travel), await receive(travel, identity_number=None)
    site = travel.site
    foreign = (
        "UPDATE case_file t SET phone_sealed = f.phone_sealed FROM case_file f"
        " WHERE f.subject_id = %s AND t.subject_id = %s"
    )
    column = (
        "UPDATE case_file SET residence_sealed = phone_sealed WHERE subject_id = %s AND %s <> ''"
    )
    flipped = (
        "UPDATE case_file SET phone_sealed ="
        " set_byte(phone_sealed, 40, get_byte(phone_sealed, 40) # 1)"
        " WHERE subject_id = %s AND %s <> ''"
    )
    for change_made, about in ((foreign, other), (column, subject), (flipped, subject)):
        kept = site.rows("SELECT * FROM case_file WHERE subject_id = %s", (about,))[0]
        site.rows(change_made, (subject, other))
        answer = await shown(travel, about)
        assert answer.status_code == 503, answer.text
        assert "does not open" in answer.json()["detail"]
        site.rows(
            "UPDATE case_file SET phone_sealed = %s, residence_sealed = %s WHERE subject_id = %s",
            (kept["phone_sealed"], kept["residence_sealed"], about),
        )
        assert (await shown(travel, about)).status_code == 200
    site.rows("UPDATE case_file SET org_id = 'county-a' WHERE subject_id = %s", (subject,))
    moved = await shown(travel, subject, "supervisor")
    assert (moved.status_code, "no key of the office" in moved.text) == (503, True)


async def test_what_a_server_of_before_wrote_is_sealed_by_a_round(travel):
    subject = await planted(travel)
    site = travel.site
    site.rows(
        "UPDATE case_file SET phone = '13100000001', identity_number = '11010119900307002X'"
        " WHERE subject_id = %s",
        (subject,),
    )
    site.rows("UPDATE protected_person SET name = '又一个名字', name_sealed = NULL")
    assert (await shown(travel, subject)).json()["phone"] == "13100000001"

    parts = travel.app.state.parts
    assert await Rounds(parts, *sealing.dues(parts.vault), every_s=3600).round() == 2
    assert await Rounds(parts, *sealing.dues(parts.vault), every_s=3600).round() == 0
    dump = dumped(site)
    assert [one for one in ("13100000001", "11010119900307002X", "又一个名字") if one in dump] == []
    file = (await shown(travel, subject)).json()
    assert (file["phone"], file["residence"]) == ("13100000001", PLANTED["residence"])


async def test_keys_rotate_while_people_write_and_nothing_is_lost(travel):
    subject = await planted(travel)
    site = travel.site
    master = site.settings().master_key_file
    first = run_keys(site, "status")["data_keys"]
    add_key(master)
    written = []

    async def write():
        for number in range(12):
            phone = f"1360000{number:04}"
            answer = await change(travel, "officer-1", subject, "PATCH /file", {"phone": phone})
            assert answer.status_code == 200, answer.text
            written.append(phone)

    def rotate():
        return [run_keys(site, "rotate", "--data") for _ in range(2)]

    done, _ = await asyncio.gather(asyncio.to_thread(rotate), write())
    assert done[0]["rewrapped"] >= len(first)
    assert done[0]["rows_resealed"] >= 4
    for _ in range(2):
        await asyncio.to_thread(run_keys, site, "rotate", "--data")
    file = (await shown(travel, subject)).json()
    assert file["phone"] == written[-1]
    assert {name: file[name] for name in ("residence", "crime")} == {
        name: PLANTED[name] for name in ("residence", "crime")
    }
    site.rows("DELETE FROM request_key")  # they go after three days, and keep their key until then
    state = run_keys(site, "status")
    holding = [one for one in state["data_keys"] if one["fields"] and one["use"] == "fields"]
    assert [one["retired_at"] for one in holding] == [None] * len(holding)
    (data_keys,) = (one for one in state["wrapped"] if one["table"] == "data_key")
    assert list(data_keys["under"]) == [KeyFile(master, "MASTER").current()]

    site.rows("UPDATE data_key SET retired_at = retired_at - interval '2 hours'")
    more = ("rotate", "--data", "--drop")
    done_last = await asyncio.to_thread(run_keys, site, *more, cipher="sm4-gcm")
    assert done_last["data_keys_forgotten"] > 0
    used = [one for one in run_keys(site, "status")["data_keys"] if one["fields"]]
    assert {one["algorithm"] for one in used} == {"sm4-gcm"}
    assert len(master.read_text().split()) == 1
    assert (await shown(travel, subject)).json()["phone"] == written[-1]
    # The number is still found: the keyed index went along.
    parts = travel.app.state.parts
    async with parts.database.work() as connection:
        numbers = (await taken(connection, parts.vault, [], [PLANTED["identity_number"]]))[1]
    assert numbers == {PLANTED["identity_number"]}


async def test_without_its_master_key_a_server_does_not_start_and_another_opens_nothing(travel):
    subject = await planted(travel)
    site = travel.site
    with pytest.raises(SettingsError, match="guitu keys new"):
        create_app(site.settings(master_key_file=None))
    lost = site.folder / "another-master-key"
    lost.touch(mode=0o600)
    lost.write_text(secrets.token_urlsafe(32))
    changed = create_app(site.settings(master_key_file=lost))
    async with running(changed) as app, http(app) as client:
        client.cookies.set("guitu_session", site.open_session("officer-1")[0])
        answer = await client.get(f"/api/v1/subjects/{subject}/file")
    assert (answer.status_code, PLANTED["phone"] in answer.text) == (503, False)
