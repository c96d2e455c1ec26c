"""Minors' and sealed files: closed in the database until a look opens them."""

import psycopg
import pytest

from server.cases.standing import require_stage, standing
from server.db import open_all_files, open_file
from server.errors import NotFoundError, RefusedError
from tests.server.conftest import post_outcomes, vector
from tests.server.events import outcome

MINOR = "s-4k2m9q"


@pytest.fixture
def minor(site):
    site.rows("UPDATE subject SET is_minor = true WHERE id = %s", (MINOR,))
    return MINOR


def add_member(site, login):
    site.rows(
        "INSERT INTO group_member (id, org_id, subject_id, role, name, sex, login, valid_from)"
        " VALUES ('m-1', 'office-1', %s, 'officer', '王警官', 'male', %s, now())",
        (MINOR, login),
    )


async def test_a_file_is_made_with_every_subject(app):
    async with app.state.parts.database.work() as connection:
        found = await standing(connection, "s-7h3n2c", lock=True)
    assert (found.stage, found.org_id, found.county_id) == ("in_correction", "office-1", "county-a")
    with pytest.raises(RefusedError) as error:
        require_stage(found, "received", article="law-22")
    assert error.value.members["errors"][0]["allowed"] == {"zh": "入矫", "en": "received"}


@pytest.mark.article("law-54", "cpl-286")
@pytest.mark.parametrize("column", ["is_minor", "is_sealed"])
async def test_a_closed_file_is_seen_only_when_opened(app, site, column):
    site.rows(f"UPDATE subject SET {column} = true WHERE id = '{MINOR}'")  # noqa: S608
    work = app.state.parts.database.work
    async with work() as connection:
        with pytest.raises(NotFoundError):
            await standing(connection, MINOR)
    async with work() as connection:
        await open_file(connection, MINOR)
        assert (await standing(connection, MINOR)).subject_id == MINOR
    async with work() as connection:
        await open_all_files(connection)
        assert (await standing(connection, MINOR)).subject_id == MINOR
    async with work() as connection:
        with pytest.raises(NotFoundError):
            await standing(connection, MINOR)


async def test_a_closed_file_reads_as_if_it_were_not_there(officer, minor):
    assert (await officer.get(f"/api/v1/subjects/{minor}")).status_code == 404
    listed = (await officer.get("/api/v1/subjects")).json()["items"]
    assert [item["id"] for item in listed] == ["s-7h3n2c"]


@pytest.mark.usefixtures("minor")
async def test_an_officer_of_the_group_looks_and_each_look_is_noted(people, site):
    add_member(site, "officer-1")
    answer = await people("officer-1").get(f"/api/v1/subjects/{MINOR}")
    assert answer.json()["name"] == "张三"
    (act,) = site.rows("SELECT * FROM act")
    assert (act["kind"], act["by_login"], act["authority"]) == (
        "file.looked_at",
        "officer-1",
        "delegated",
    )
    assert site.one("SELECT purpose FROM access_log") == "矫正小组成员"
    assert (await people("officer").get(f"/api/v1/subjects/{MINOR}")).status_code == 404


@pytest.mark.usefixtures("minor")
async def test_a_minors_alert_reaches_officers_as_a_pseudonym(gateway, officer):
    await post_outcomes(gateway, [outcome()])
    (alert,) = (await officer.get("/api/v1/alerts")).json()["items"]
    assert alert["subject"] == {"id": MINOR, "name": MINOR}


@pytest.mark.usefixtures("minor")
async def test_a_registry_with_a_minor_is_taken_and_cannot_end_the_regime(people):
    file = vector("registry.json")
    answer = await people("supervisor").post("/api/v1/registry", json=file)
    assert answer.json()["errors"][0]["pointer"] == "/subjects/0/is_minor"
    file["subjects"][0]["is_minor"] = True
    file["subjects"].append(file["subjects"][0] | {"subject": "s-new"})
    answer = await people("supervisor").post("/api/v1/registry", json=file)
    assert answer.json()["changed"]["subjects"] == 1


@pytest.mark.article("law-58")
def test_the_database_refuses_to_end_the_regime(site, minor):
    with pytest.raises(psycopg.errors.CheckViolation):
        site.rows("UPDATE subject SET is_minor = false WHERE id = %s", (minor,))
