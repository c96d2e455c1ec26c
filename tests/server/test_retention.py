"""Records end by class; a hold keeps them; what was destroyed leaves its record only."""

from datetime import timedelta

import psycopg
import pytest

from server.errors import SettingsError
from server.retention import planning
from server.retention.classes import CLASSES, periods
from tests.server.case_work import rules, send
from tests.server.sealed import Sealed
from tests.server.travelling import travel_of

SUBJECT = "s-4k2m9q"
REASON = {"reason": "检察机关调取证据，案件未结"}
PERIODS = "security_log=400,contact=365,quarantine=30"


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        site.add_account("boss", "county-a", "supervisor")
        yield one


def old_records(site):
    """Looks, a contact and a refused row from before every period, each with one of now."""
    for days in (500, 1):
        site.rows(
            "INSERT INTO access_log (org_id, by_login, act, subject_id, purpose, at)"
            " VALUES ('office-1', 'officer', 'track', %s, 'x', now() - make_interval(days => %s)),"
            " ('county-a', 'officer', 'list', NULL, 'x', now() - make_interval(days => %s))",
            (SUBJECT, days, days),
        )
        site.rows(
            "INSERT INTO file_contact (id, org_id, subject_id, kind, name, relation, valid_from,"
            " valid_to) VALUES (%s, 'office-1', %s, 'kin', '钱某', '父',"
            " now() - interval '2 years', now() - make_interval(days => %s))",
            (f"fc-{days}", SUBJECT, days),
        )
        site.rows(
            "INSERT INTO ingest_quarantine (org_id, gateway_id, stream, reason, detail, content,"
            " at) VALUES ('county-a', 'gw-1', 'telemetry', 'x', 'x', '{}',"
            " now() - make_interval(days => %s))",
            (days,),
        )


def counted(site):
    tables = ("access_log", "file_contact", "ingest_quarantine")
    return [site.one(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608


async def act(travel, login, hold, action, body):
    version = travel.site.one("SELECT version FROM legal_hold WHERE id = %s", (hold,))
    return await send(travel, login, "POST", f"/legal-holds/{hold}/{action}", body, version=version)


@pytest.mark.article("pipl-19", "pipl-47")
async def test_what_is_due_ends_with_a_record_and_a_hold_keeps_the_rest(travel):
    site = travel.site
    looks = site.one("SELECT count(*) FROM access_log")
    old_records(site)
    settings = site.settings(retention_days=PERIODS)
    database = travel.app.state.parts.database
    placed = await send(travel, "supervisor", "POST", "/legal-holds", REASON | {"subject": SUBJECT})
    assert placed.status_code == 201, placed.text
    hold = placed.json()["id"]

    async with database.work() as connection:
        plan = {one["record_class"]: one for one in await planning.plan(connection, settings)}
    assert {name: (one["due"], one["held"]) for name, one in plan.items() if one["days"]} == {
        "security_log": (1, 1),
        "contact": (0, 1),
        "quarantine": (1, 0),
        "position": (0, 0),
        "notification": (0, 0),
    }
    assert plan["security_log"]["verified"]
    assert not plan["contact"]["verified"]
    done = await planning.run(database, settings)
    assert done == {"security_log": 1, "contact": 0, "quarantine": 1}
    assert counted(site) == [looks + 3, 2, 1]

    alone = await act(travel, "supervisor", hold, "lifting", {"reason": "案件已办结"})
    assert alone.json()["state"] == "lifting"
    refused = await act(travel, "supervisor", hold, "decision", {"approve": True})
    assert rules(refused) == ["second_person"]
    assert (await planning.run(database, settings))["contact"] == 0
    lifted = await act(travel, "boss", hold, "decision", {"approve": True})
    assert (lifted.json()["state"], lifted.json()["lifted_by"]) == ("lifted", "boss")
    assert await planning.run(database, settings) == {
        "security_log": 1,
        "contact": 1,
        "quarantine": 0,
    }
    assert counted(site) == [looks + 2, 1, 1]

    told = (await travel.sign_in("auditor").get("/api/v1/retention/destructions")).json()["items"]
    assert [(one["record_class"], one["org"], one["row_count"]) for one in told] == [
        ("contact", "office-1", 1),
        ("security_log", "office-1", 1),
        ("quarantine", "county-a", 1),
        ("security_log", "county-a", 1),
    ]
    assert SUBJECT not in str(told)
    kinds = [row["kind"] for row in site.rows("SELECT kind FROM act WHERE ref_kind = 'hold'")]
    assert kinds == ["hold.placed", "hold.lifting_asked", "hold.lifted"]


@pytest.mark.article("csl-21")
async def test_the_chain_is_whole_after_it_and_nobody_destroys_before_six_months(travel):
    site = travel.site
    old_records(site)
    sealed = Sealed(site)
    await sealed.seal()
    database = travel.app.state.parts.database
    await planning.run(database, site.settings(retention_days=PERIODS))
    await sealed.seal()
    report = sealed.verify()
    assert report.is_whole, report.faults
    assert sum(chain.destroyed for chain in report.chains.values()) == 2
    with psycopg.connect(site.database.owner_dsn) as owner:
        owner.execute("SELECT set_config('guitu.retiring', 'security_log', true)")
        with pytest.raises(psycopg.errors.CheckViolation, match="six months"):
            owner.execute("DELETE FROM access_log")


async def test_positions_of_who_is_held_do_not_end(travel):
    site = travel.site
    site.rows("UPDATE positioning_order SET lifted_at = valid_from + interval '1 second'")
    count = site.one("SELECT count(*) FROM positioning_order")
    placed = await send(travel, "supervisor", "POST", "/legal-holds", REASON | {"subject": SUBJECT})
    assert placed.status_code == 201
    held = site.one("SELECT count(*) FROM positioning_order WHERE subject_id = %s", (SUBJECT,))
    with psycopg.connect(site.database.owner_dsn) as owner:
        gone = 0
        while owner.execute("SELECT * FROM retire_positions(interval '-1 day')").fetchall():
            gone += 1
    assert held > 0
    assert gone == count - held


async def test_a_hold_ends_by_itself_at_its_time(travel):
    until = (travel.clock.now + timedelta(days=1)).isoformat()
    body = REASON | {"until": until}
    placed = await send(travel, "supervisor", "POST", "/legal-holds", body)
    assert (placed.json()["org"], placed.json()["state"]) == ("county-a", "held")
    travel.clock.move(days=2)
    (one,) = (await travel.sign_in("officer").get("/api/v1/legal-holds")).json()["items"]
    assert one["state"] == "ended"
    late = await act(travel, "boss", one["id"], "lifting", {"reason": "案件已办结"})
    assert late.status_code == 409
    officer = await send(travel, "officer-1", "POST", "/legal-holds", REASON)
    assert rules(officer) == ["power_decide"]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("security_log=100", "184 to"),
        ("position=1", "no class that is set here"),
        ("contact=soon", "give 1 to"),
    ],
)
def test_a_period_that_the_law_or_another_setting_rules_is_refused(setting, said):
    with pytest.raises(SettingsError, match=said):
        periods(setting)


@pytest.mark.article("law-18")
def test_every_class_says_why_it_is_kept():
    assert {one.name for one in CLASSES} == set(periods(""))
    for one in CLASSES:
        assert one.text.zh
        assert one.text.en
        assert one.is_verified or one.least_days == 0
