"""From an empty system: one person's case from reception to release, as its officers tell it.

Only through the interface and the documents that it renders; months pass by the travelling clock.
"""

import itertools
from datetime import datetime, timedelta

import pytest

from server.site import first_start
from tests.server.case_work import MEMBERS, today
from tests.server.conftest import TOKEN, Site, http
from tests.server.enrolling import enrolled
from tests.server.pdf_reading import text_of
from tests.server.travelling import travel_of

PASSWORD = "a password of the tests"
ORGS = (
    ("province", None, "province", "某省"),
    ("qingxi", "province", "county", "青溪县"),
    ("office-q", "qingxi", "office", "城关司法所"),
    ("anping", "province", "county", "安平县"),
    ("office-a", "anping", "office", "中山司法所"),
)
OFFICERS = (
    ("wang", "office-q", "officer", "王警官"),
    ("chen", "office-q", "officer", "陈警官"),
    ("zhou", "qingxi", "supervisor", "周科长"),
    ("wu", "qingxi", "supervisor", "吴科长"),
    ("li", "qingxi", "head", "李局长"),
    ("sun", "anping", "supervisor", "孙科长"),
    ("qian", "office-a", "officer", "钱警官"),
)
_KEYS = itertools.count(1)


def empty_site() -> dict:
    return {
        "format": "guitu-registry/1",
        "orgs": [
            {"org": org, "parent": parent, "level": level, "name_zh": name, "name_en": org}
            for org, parent, level, name in ORGS
        ],
        "officers": [
            {"login": login, "org": org, "role": role, "name": name, "password": PASSWORD}
            for login, org, role, name in OFFICERS
        ],
    }


class Story:
    """Who does what, by password and through the interface."""

    def __init__(self, travel, passwords):
        self.travel, self.passwords = travel, passwords
        self.clients = {}
        self.person = ""

    async def client(self, login):
        if login not in self.clients:
            client = http(self.travel.app)
            body = {"login": login, "password": self.passwords.get(login, PASSWORD)}
            answer = await client.post("/api/v1/session", json=body)
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            if answer.json()["next"] == "enrol":
                await enrolled(client, self.travel.clock.now)
            self.clients[login] = client
        return self.clients[login]

    async def get(self, login, path):
        answer = await (await self.client(login)).get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def do(self, login, method, path, body=None, *, version=None):
        headers = {"Idempotency-Key": f"story-{next(_KEYS):06}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        client = await self.client(login)
        answer = await client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.is_success, f"{login} {method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def on_file(self, login, what, body):
        """Change the person's file as it stands now."""
        method, rest = what.split()
        version = (await self.get(login, f"/subjects/{self.person}/file"))["version"]
        return await self.do(login, method, f"/subjects/{self.person}{rest}", body, version=version)

    async def on(self, login, thing, action, body=None):
        """Act on a thing as it stands now."""
        version = (await self.get(login, thing))["version"]
        return await self.do(login, "POST", f"{thing}/{action}", body, version=version)

    async def papers(self, login="wang"):
        """Every document of the person, by kind, as its text."""
        items = (await self.get(login, f"/documents?subject={self.person}&limit=200"))["items"]
        found = {}
        for item in items:
            client = await self.client(login)
            pdf = await client.get(f"/api/v1/documents/{item['id']}/content")
            assert pdf.content.startswith(b"%PDF"), pdf.text
            found.setdefault(item["kind"], []).append((item["number"], text_of(pdf.content)))
        return found

    async def gateway_tracks(self):
        """Whom the gateways of the county are told to track now."""
        async with http(self.travel.app) as gateway:
            answer = await gateway.get(
                "/api/v1/gateway/directory", headers={"Authorization": f"Bearer {TOKEN}"}
            )
        in_force = []
        for order in answer.json()["orders"]:
            begin, end = (
                datetime.fromisoformat(order[name]) for name in ("valid_from", "valid_to")
            )
            if begin <= self.travel.clock.now < end:
                in_force.append(order["subject"])
        return in_force


@pytest.fixture
async def story(database, tmp_path):
    logins = first_start(
        database.owner_dsn, registry=empty_site(), gateway_id="gw-1", gateway_token=TOKEN
    )
    passwords = {login.login: login.password for login in logins}
    async with travel_of(Site(database, tmp_path, passwords)) as travel:
        one = Story(travel, passwords)
        yield one
        for client in one.clients.values():
            await client.aclose()


async def receive(story):
    day = today(story.travel)
    body = {
        "org": "office-q",
        "name": "赵六",
        "category": "probation",
        "sex": "male",
        "birth_date": "1990-05-01",
        "offence_date": "2025-11-03",
        "judged_on": (day - timedelta(days=12)).isoformat(),
        "effective_on": (day - timedelta(days=2)).isoformat(),
        "term_from": (day - timedelta(days=2)).isoformat(),
        "term_to": (day + timedelta(days=360)).isoformat(),
        "judgment_number": "（2026）浙0101刑初1号",
        "deciding_body": "青溪县人民法院",
        "residence": "青溪县城关镇人民路1号",
    }
    story.person = (await story.do("wang", "POST", "/subjects", body))["subject"]
    for step in ("documents_checked", "identity_verified", "reported"):
        await story.on_file("wang", "POST /steps", {"step": step})
    members = [MEMBERS[0] | {"login": "wang"}, *MEMBERS[1:]]
    await story.on_file("wang", "PUT /group", {"members": members})
    announced = await story.on_file("wang", "POST /steps", {"step": "announced"})
    assert announced["stage"] == "in_correction"
    plan = {"basis": "初犯，认罪悔罪，家庭支持较好", "measures": ["每周电话报告", "每月走访一次"]}
    await story.on_file("wang", "POST /plans", plan)
    await story.do("wang", "POST", f"/subjects/{story.person}/duties", {})


async def punish(story, kind, ground, **finding):
    """A finding, and the measure that it allows, until it reached the person."""
    of = f"/subjects/{story.person}"
    begin = (story.travel.clock.now - timedelta(minutes=5)).isoformat()
    body = {"kind": "reporting", "begin_time": begin, "description": "未按规定电话报告"}
    found = await story.do("wang", "POST", f"{of}/findings", body | finding)
    verdict = {"outcome": "established", "gravity": "minor", "verification": "电话询问，情况属实"}
    await story.on("chen", f"/findings/{found['id']}", "verification", verdict)
    proposal = {"kind": kind, "ground": ground, "reasons": "违反规定，经核实无误"}
    made = await story.do("wang", "POST", f"{of}/measures", proposal | {"findings": [found["id"]]})
    thing = f"/measures/{made['id']}"
    await story.on("wang", thing, "statement", {"words": "知道错了，今后改正"})
    await story.on("zhou", thing, "decision", {"outcome": "decided", "reasons": "事实清楚"})
    await story.on("wang", thing, "service", {"method": "direct", "recipient": "本人"})
    return made["id"]


async def order_a_wristband(story, warning):
    device = {"device": "wb-1", "org": "office-q", "kind": "wristband", "expected_interval_s": 60}
    await story.do("zhou", "POST", "/registry", {"format": "guitu-registry/1", "devices": [device]})
    acts = await story.get("wang", f"/acts?ref_kind=measure&ref_id={warning}")
    asked = {
        "subject": story.person,
        "ground": 3,
        "reason": "拒不按规定报告活动情况，已被给予警告",
        "evidence": [{"kind": "act", "id": str(acts["items"][0]["id"])}],
        "months": 3,
    }
    application = await story.do("wang", "POST", "/order-applications", asked)
    assert await story.gateway_tracks() == []
    approved = await story.on("li", f"/order-applications/{application['id']}", "approval", {})
    order = f"/orders/{approved['order']}"
    await story.on("wang", order, "notice", {})
    await story.do("wang", "POST", "/devices/wb-1/binding", {"subject": story.person})
    assert await story.gateway_tracks() == [story.person]
    return order


async def grant_leave(story):
    now = story.travel.clock.now
    asked = {
        "subject": story.person,
        "ground": "medical",
        "reason": "到省人民医院复查，预约单附后",
        "proof": [{"title": "门诊预约单"}],
        "destination": "省城",
        "from_time": (now + timedelta(days=5)).isoformat(),
        "to_time": (now + timedelta(days=7)).isoformat(),
    }
    leave = await story.do("wang", "POST", "/leaves", asked)
    await story.on("chen", f"/leaves/{leave['id']}", "approval", {})
    await story.travel.move(days=7, hours=2)
    back = {"returned_time": (story.travel.clock.now - timedelta(hours=3)).isoformat()}
    returned = await story.on("wang", f"/leaves/{leave['id']}", "return", back)
    assert returned["state"] == "returned"


async def transfer(story):
    asked = {
        "to_county": "anping",
        "reason": "随配偶迁居，已购房",
        "address": "安平县中山路2号",
        "move_on": (today(story.travel) + timedelta(days=40)).isoformat(),
    }
    made = await story.do("wang", "POST", f"/subjects/{story.person}/transfers", asked)
    thing, note = f"/transfers/{made['id']}", {"note": "情况属实，同意"}
    await story.on("wang", thing, "opinion", note)
    await story.on("zhou", thing, "question", note)
    await story.on("sun", thing, "answer", note | {"agree": True, "to_org": "office-a"})
    await story.on("wu", thing, "decision", note | {"approve": True})
    await story.on("zhou", thing, "move", note)
    await story.travel.move(days=2)
    await story.on("qian", thing, "report", {})


async def release(story):
    file = await story.get("qian", f"/subjects/{story.person}/file")
    left = (story.travel.clock.now.date().fromisoformat(file["term_to"]) - today(story.travel)).days
    await story.travel.move(days=left - 20)
    await story.on_file("qian", "POST /steps", {"step": "summary_filed"})
    await story.on_file("qian", "POST /steps", {"step": "appraised"})
    await story.travel.move(days=20)
    released = await story.on_file("sun", "POST /release", {"ground": "expired"})
    assert released["stage"] == "released"


@pytest.mark.timeout(400)
async def test_a_case_goes_from_reception_to_release(story):
    await receive(story)
    await story.travel.move(days=20)
    await grant_leave(story)
    for _ in range(2):
        await story.travel.move(days=10)
        await punish(story, "admonition", "measures-34.2")
    await story.travel.move(days=10)
    warning = await punish(story, "warning", "measures-35.5")
    ladder = await story.get("zhou", f"/subjects/{story.person}/ladder")
    assert (ladder["admonitions"], ladder["warnings"]) == (2, 1)
    order = await order_a_wristband(story, warning)
    await story.travel.move(days=30)
    await story.on("zhou", order, "lifting", {"reason": "已无继续使用的必要"})
    assert await story.gateway_tracks() == []
    papers = await story.papers()
    assert len(papers["admonition_decision"]) == 2
    for kind in ("warning_decision", "positioning_decision", "positioning_lifting_notice"):
        ((number, text),) = papers[kind]
        assert "赵六" in text
        assert number in text
    await transfer(story)
    with pytest.raises(AssertionError, match="404"):
        await story.get("wang", f"/subjects/{story.person}/file")
    await release(story)
    assert "release_certificate" in await story.papers("qian")
    acts = (await story.get("qian", f"/acts?subject={story.person}&limit=200"))["items"]
    assert all(act["by_login"] or act["authority"] == "system" for act in acts)
    assert {"file.received", "order.lifted"} <= {act["kind"] for act in acts}
