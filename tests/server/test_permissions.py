"""Frequent movement, places and contacts by permission: what the gateways learn of it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from gateway.directory.snapshot import compile_directory
from tests.server.conftest import TOKEN, http
from tests.server.orders_world import SUBJECT, key, seen
from tests.server.travelling import travel_of

OTHER = "s-7h3n2c"
NEW_SHAPE = {
    "type": "Polygon",
    "coordinates": [
        [[119.9, 28.4], [119.91, 28.4], [119.91, 28.41], [119.9, 28.41], [119.9, 28.4]]
    ],
}
WEEKLY = [{"days": [1, 2, 3, 4, 5], "start": "07:00", "end": "19:00"}]


class County:
    def __init__(self, travel):
        self.travel = travel
        self.site = travel.site

    async def post(self, login, path, body, of=None):
        headers = key() | ({} if of is None else seen(of))
        return await self.travel.sign_in(login).post(
            f"/api/v1/permissions{path}", json=body, headers=headers
        )

    async def apply(self, kind, *, hours=(24.0, 30.0), **body):
        asked = {"subject": SUBJECT} | self.asked(kind, hours, **body)
        return await self.post("officer", "", asked)

    async def own(self, path="", body=None, of=None):
        """Call as the person, from the own account."""
        if not self.site.rows("SELECT login FROM app_user WHERE login = 'own'"):
            self.site.add_account("own", "office-1", "subject", SUBJECT)
        client = self.travel.sign_in("own")
        if body is None:
            return await client.get(f"/api/v1/me/permissions{path}")
        headers = key() | ({} if of is None else seen(of))
        return await client.post(f"/api/v1/me/permissions{path}", json=body, headers=headers)

    async def school(self):
        """Return what the own account calls the school."""
        await self.own()
        answer = await self.travel.sign_in("own").get("/api/v1/me/restrictions")
        return answer.json()["forbidden_areas"][0]["fence"]

    def asked(self, kind, hours=(24.0, 30.0), **body):
        now = self.travel.clock.now
        return {
            "kind": kind,
            "reason": "参加子女家长会，须进入学校",
            "proof": [{"title": "学校通知"}],
            "from_time": (now + timedelta(hours=hours[0])).isoformat(),
            "to_time": (now + timedelta(hours=hours[1])).isoformat(),
        } | body

    async def approve(self, permission, login="supervisor"):
        return await self.post(login, f"/{permission['id']}/approval", {}, of=permission)

    async def approved(self, kind, **asked):
        applied = await self.apply(kind, **asked)
        assert applied.status_code == 201, applied.text
        answer = await self.approve(applied.json())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def edit(self, fence, valid_from):
        """Give a fence another shape, as its county."""
        (row,) = self.site.rows(
            "SELECT f.*, ARRAY(SELECT a.subject_id FROM fence_assignment a WHERE a.fence_id = f.id)"
            " AS subjects FROM fence f WHERE id = %s ORDER BY version LIMIT 1",
            (fence,),
        )
        entry = {name: row[name] for name in ("name", "use", "geometry", "width_m", "subjects")}
        entry |= {"fence": fence, "org": row["org_id"], "schedule": row["schedule_id"]}
        entry |= {"datum": "WGS84", "valid_from": valid_from.isoformat()}
        entry |= {"geometry": NEW_SHAPE, "subjects": sorted(set(entry["subjects"]))}
        file = {"format": "guitu-registry/1", "fences": [entry]}
        answer = await self.travel.sign_in("supervisor").post("/api/v1/registry", json=file)
        assert answer.status_code == 200, answer.text
        return answer

    def shape(self, directory, subject, instant):
        """Return which shape of the school binds a person then: old, new, or None."""
        version = directory.fence_version(subject, "f-school", int(instant.timestamp() * 1000))
        if version is None:
            return None
        (row,) = self.site.rows(
            "SELECT geometry FROM fence WHERE id = 'f-school' AND version = %s", (version,)
        )
        return "new" if row["geometry"] == NEW_SHAPE else "old"

    async def directory(self):
        async with http(self.travel.app) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            return compile_directory((await client.get("/api/v1/gateway/directory")).content)


@pytest.fixture
async def county(site):
    async with travel_of(site) as travel:
        yield County(travel)


def rules(answer):
    assert answer.status_code == 409, answer.text
    return [error["rule"] for error in answer.json()["errors"]]


def bound(directory, subject, instant):
    time_ms = int(instant.timestamp() * 1000)
    return directory.fence_version(subject, "f-school", time_ms) is not None


@pytest.mark.article("measures-39")
async def test_a_place_is_open_to_one_person_for_the_time_and_closed_again(county):
    now = county.travel.clock.now
    await county.approved("place", fence="f-school")
    directory = await county.directory()
    instants = [now + timedelta(hours=hours) for hours in (1, 25, 29, 31, 24 * 90)]
    assert [bound(directory, SUBJECT, at) for at in instants] == [True, False, False, True, True]
    assert all(bound(directory, OTHER, at) for at in instants)


@pytest.mark.article("measures-39")
async def test_permissions_of_two_people_for_one_place_may_overlap(county):
    now = county.travel.clock.now
    await county.approved("place", fence="f-school", hours=(24, 30))
    await county.approved("place", fence="f-school", hours=(28, 40), subject=OTHER)
    directory = await county.directory()
    instants = [now + timedelta(hours=hours) for hours in (25, 29, 35, 41)]
    assert [bound(directory, SUBJECT, at) for at in instants] == [False, False, True, True]
    assert [bound(directory, OTHER, at) for at in instants] == [True, False, False, True]


@pytest.mark.article("measures-39")
async def test_a_permission_holds_for_the_shape_that_an_edit_gives_a_place(county):
    now = county.travel.clock.now
    await county.approved("place", fence="f-school", hours=(1, 30))
    await county.approved("place", fence="f-school", hours=(20, 40), subject=OTHER)
    edited = await county.edit("f-school", now + timedelta(hours=10))
    assert edited.json()["changed"]["fences"] == 1
    directory = await county.directory()
    instants = [now + timedelta(hours=hours) for hours in (0.5, 5, 15, 25, 35, 41)]
    held = [county.shape(directory, SUBJECT, at) for at in instants]
    assert held == ["old", None, None, None, "new", "new"]
    held = [county.shape(directory, OTHER, at) for at in instants]
    assert held == ["old", "old", "new", None, None, "new"]
    # Repeated, it changes nothing.
    again = await county.edit("f-school", now + timedelta(hours=10))
    assert again.json()["changed"]["fences"] == 0


async def test_an_edit_holds_at_once_though_a_permission_cut_the_place_in_two(county):
    await county.approved("place", fence="f-school", hours=(1, 30))
    now = county.travel.clock.now
    await county.edit("f-school", now - timedelta(days=1))
    directory = await county.directory()
    instants = [now + timedelta(hours=hours) for hours in (-1, 0.5, 5, 31)]
    assert [county.shape(directory, SUBJECT, at) for at in instants] == ["old", "new", None, "new"]
    assert [county.shape(directory, OTHER, at) for at in instants] == ["old", "new", "new", "new"]


async def test_the_past_of_a_place_stays(county):
    past = datetime(2026, 11, 10, tzinfo=UTC)
    permission = (await county.apply("place", fence="f-school", hours=(1, 30))).json()
    await county.travel.move(hours=3)
    await county.approve(permission)
    directory = await county.directory()
    now = county.travel.clock.now
    assert bound(directory, SUBJECT, past)
    assert bound(directory, SUBJECT, now - timedelta(minutes=1))
    assert not bound(directory, SUBJECT, now + timedelta(minutes=1))


async def test_what_is_not_prohibited_needs_no_permission(county):
    other = (await county.apply("place", fence="f-home-1")).json()
    assert rules(await county.approve(other)) == ["prohibited_then"]


@pytest.mark.article("measures-39")
async def test_court_and_procuratorate_are_informed_of_a_place(county):
    permission = await county.approved("place", fence="f-school")
    state = "SELECT state FROM deadline WHERE kind = 'copies_sent'"
    sent = {"sent_time": county.travel.clock.now.isoformat()}
    path = f"/{permission['id']}/copies"
    await county.post("supervisor", path, sent | {"to": ["court"]}, of=permission)
    assert county.site.one(state) == "open"
    await county.post("supervisor", path, sent | {"to": ["court", "procuratorate"]}, of=permission)
    assert county.site.one(state) == "met"


@pytest.mark.article("measures-25")
async def test_a_contact_is_allowed_for_the_time(county):
    county.site.rows(
        "INSERT INTO no_contact VALUES ('nc-1', 'office-1', %s, %s, 200, '2026-11-01', NULL)",
        (SUBJECT, OTHER),
    )
    now = county.travel.clock.now
    await county.approved("contact", pair="nc-1")
    pairs = (await county.directory()).no_contact

    def is_kept_apart(hours):
        time_ms = int((now + timedelta(hours=hours)).timestamp() * 1000)
        return any(p.valid_from_ms <= time_ms < p.valid_to_ms for p in pairs)

    assert [is_kept_apart(hours) for hours in (1, 25, 31)] == [True, False, True]


@pytest.mark.article("measures-29")
async def test_a_permit_for_frequent_movement_is_leave_at_its_times(county):
    asked = {"places": [{"name": "机械厂"}], "weekly": WEEKLY, "frequency": "每周五次"}
    too_long = await county.apply("cross_county", hours=(24, 24 * 190), **asked)
    assert rules(too_long) == ["permit_most"]
    permit = await county.approved("cross_county", hours=(24, 24 * 60), **asked)
    directory = await county.directory()
    leaves = directory.leaves[SUBJECT]
    assert 38 <= len(leaves) <= 44
    spans = {leave.valid_to_ms - leave.valid_from_ms for leave in leaves[1:-1]}
    assert spans == {12 * 3_600_000}
    assert [one.lapse for one in directory.lapses if one.kind == "permit"] == [permit["id"]]


@pytest.mark.article("measures-29")
async def test_a_leave_takes_the_place_of_a_permits_times_and_counts_alone(county):
    asked = {"places": [{"name": "机械厂"}], "weekly": WEEKLY, "frequency": "每周五次"}
    await county.approved("cross_county", hours=(24, 24 * 60), **asked)
    county.site.add_account("clerk", "office-1", "officer")
    begin = county.travel.clock.now + timedelta(days=5)
    body = {
        "subject": SUBJECT,
        "ground": "family",
        "reason": "参加兄弟婚礼",
        "proof": [{"title": "请柬"}],
        "destination": "上海市",
        "from_time": begin.isoformat(),
        "to_time": (begin + timedelta(days=6)).isoformat(),
    }
    client = county.travel.sign_in("officer")
    leave = (await client.post("/api/v1/leaves", json=body, headers=key())).json()
    assert leave["tier"] == "office"
    path = f"/api/v1/leaves/{leave['id']}/approval"
    answer = await county.travel.sign_in("clerk").post(path, json={}, headers=seen(leave))
    assert answer.status_code == 200, answer.text
    assert len((await county.directory()).leaves[SUBJECT]) > 30


async def test_the_county_decides_and_not_who_applied(county):
    county.site.add_account("clerk", "office-1", "supervisor")
    permission = (await county.apply("place", fence="f-school")).json()
    assert rules(await county.approve(permission, "clerk")) == ["power_decide"]
    county.site.rows("UPDATE permission_application SET applied_by = 'supervisor'")
    assert rules(await county.approve(permission)) == ["second_person"]
    refused = await county.post(
        "head", f"/{permission['id']}/refusal", {"reason": "理由不充分"}, of=permission
    )
    assert refused.json()["state"] == "refused"


async def test_a_body_is_of_its_kind(county):
    assert (await county.apply("place", pair="nc-1")).status_code == 422
    assert (await county.apply("cross_county")).status_code == 422


@pytest.mark.article("measures-39")
async def test_a_person_applies_from_the_own_account_and_the_county_decides(county):
    now = county.travel.clock.now
    applied = await county.own(body=county.asked("place", fence=await county.school()))
    assert applied.status_code == 201, applied.text
    permission = applied.json()
    assert (permission["subject"], permission["applied_by"]) == (SUBJECT, "own")
    (act,) = county.travel.acts(kind="permission.applied")
    assert act["authority"] == "person"
    refused = await county.own(f"/{permission['id']}/approval", {}, of=permission)
    assert refused.status_code in {403, 404}
    assert (await county.approve(permission)).status_code == 200
    assert not bound(await county.directory(), SUBJECT, now + timedelta(hours=25))


async def test_an_own_application_needs_proof(county):
    answer = await county.own(body=county.asked("place", fence=await county.school(), proof=[]))
    assert answer.status_code == 422


async def test_a_person_names_nobody_else_and_sees_the_own_permissions_only(county):
    others = (await county.apply("place", fence="f-school", subject=OTHER)).json()
    named = await county.own(body=county.asked("place", fence=await county.school(), subject=OTHER))
    assert named.status_code == 422
    taken = await county.own(f"/{others['id']}/withdrawal", {}, of=others)
    assert taken.status_code == 404
    mine = (await county.own(body=county.asked("place", fence=await county.school()))).json()
    listed = (await county.own()).json()["items"]
    assert [one["id"] for one in listed] == [mine["id"]]
    withdrawn = await county.own(f"/{mine['id']}/withdrawal", {}, of=mine)
    assert withdrawn.json()["state"] == "withdrawn"


@pytest.mark.article("measures-29")
async def test_a_person_reports_the_own_frequent_movement(county):
    permit = await county.approved(
        "cross_county",
        hours=(24 * 8, 24 * 40),
        places=[{"name": "某某机械厂"}],
        weekly=WEEKLY,
        frequency="每周五次",
    )
    said = {"happened_time": county.travel.clock.now.isoformat(), "note": "当日往返送货"}
    answer = await county.own(f"/{permit['id']}/reports", said)
    assert answer.status_code == 201, answer.text
    (act,) = county.travel.acts(kind="permission.reported")
    assert (act["by_login"], act["authority"]) == ("own", "person")


@pytest.mark.article("measures-25", "measures-39")
async def test_a_person_reads_the_ids_that_an_application_names_and_not_who_is_protected(county):
    county.site.rows(
        "INSERT INTO protected_person (id, org_id, name)"
        " VALUES ('pp-hidden', 'office-1', '被害人甲')"
    )
    county.site.rows(
        "INSERT INTO no_contact (id, org_id, subject_id, other_id, distance_m, valid_from)"
        " SELECT pair, 'office-1', who, 'pp-hidden', 200, now() - interval '1 day'"
        " FROM (VALUES ('nc-1', %s), ('nc-2', %s)) entry (pair, who)",
        (SUBJECT, OTHER),
    )
    await county.own()
    answer = await county.travel.sign_in("own").get("/api/v1/me/restrictions")
    found = answer.json()
    (area,), (pair,) = found["forbidden_areas"], found["no_contact"]
    assert re.fullmatch(r"area-[0-9a-f]{24}", area["fence"])
    assert re.fullmatch(r"pair-[0-9a-f]{24}", pair["pair"])
    assert pair["distance_m"] == 200.0
    assert not {"name", "geometry", "other"} & {
        *found["forbidden_areas"][0],
        *found["no_contact"][0],
    }
    assert "pp-hidden" not in answer.text
    assert "被害人甲" not in answer.text
    for kind, named, meant in (
        ("place", {"fence": area["fence"]}, {"fence": "f-school"}),
        ("contact", {"pair": pair["pair"]}, {"pair": "nc-1"}),
    ):
        asked = await county.own(body=county.asked(kind, **named))
        assert asked.status_code == 201, asked.text
        assert asked.json()["body"].items() >= named.items()
        of_office = await county.travel.sign_in("officer").get(
            f"/api/v1/permissions/{asked.json()['id']}"
        )
        assert of_office.json()["body"].items() >= meant.items()
        # Neither the list nor a refusal for a stale version says the office's id.
        stale = asked.json() | {"version": 7}
        refused = await county.own(f"/{stale['id']}/withdrawal", {}, of=stale)
        assert refused.status_code == 412, refused.text
        listed = await county.own()
        assert not {*meant.values()} & set(re.findall(r"[\w-]+", refused.text + listed.text))


@pytest.mark.article("measures-25", "measures-39")
@pytest.mark.parametrize("named", [{"fence": "f-school"}, {"fence": f"area-{'0' * 24}"}])
async def test_the_own_account_names_nothing_by_an_offices_id_or_a_made_up_one(county, named):
    asked = await county.own(body=county.asked("place", **named))
    assert asked.status_code == 422, asked.text
    assert [error["pointer"] for error in asked.json()["errors"]] == ["/fence"]
