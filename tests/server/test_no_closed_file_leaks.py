"""Every reading call of the interface, asked with and without a grant, about a closed file."""

import re

import pytest

from tests.server.case_work import announce, change, send
from tests.server.conftest import http, post_outcomes
from tests.server.events import outcome
from tests.server.travelling import travel_of

NAME, NUMBER, PHONE = "周小满", "330101201005010019", "13800007777"
BORN = {"birth_date": "2010-05-01", "offence_date": "2026-02-01"}
# A pseudonym must reach who is on duty: what watches, what runs out, what somebody must decide on.
OPERATIONAL = re.compile(
    r"/api/v1/(alerts|positions|map|status|deadlines|duties|looks|transfers|devices|commands|quarantine)"
)
STREAMS = {"/api/v1/live"}


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        site.add_account("boss", "county-a", "supervisor")
        yield one


async def closed_file(travel):
    """A minor of whom every part of the file says something."""
    given = {"name": NAME, "identity_number": NUMBER, "phone": PHONE}
    subject = await announce(travel, **given, **BORN)
    parent = {"kind": "guardian", "name": f"{NAME}之母", "relation": "母亲", "phone": PHONE}
    await change(travel, "officer-1", subject, "PUT /contacts", {"contacts": [parent]})
    plan = {"basis": f"{NAME}，初犯", "measures": ["复学"]}
    of = f"/subjects/{subject}"
    await send(travel, "officer-1", "POST", f"{of}/plans", plan)
    proposal = {"to_class": "lenient", "reason": f"{NAME}表现良好"}
    await send(travel, "officer-1", "POST", f"{of}/class-proposals", proposal)
    await send(travel, "officer-1", "PUT", f"{of}/account")
    travel.site.rows(
        "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by, approved_at,"
        " valid_from, valid_to) VALUES ('eo-m', 'office-1', %s, 2, '李局长', now(), now(),"
        " now() + interval '1 month')",
        (subject,),
    )
    return subject


async def readings(travel, subject):
    """Every GET of the contract that people may call, with the closed file where one is named."""
    contract = (await travel.sign_in("officer").get("/api/v1/openapi.json")).json()
    query = {"from": "2026-11-22T00:00:00Z", "to": "2026-11-22T02:00:00Z"}
    query |= {"purpose": "supervision", "ref": subject}
    found = []
    for template, methods in contract["paths"].items():
        if "get" in methods and "/gateway/" not in template and template not in STREAMS:
            path = template.replace("{subject_id}", subject)
            found.append((re.sub(r"\{\w+\}", "x-1", path), query))
            names = {one["name"] for one in methods["get"].get("parameters", ())}
            for name in names & {"subject", "subject_id", "q"} - set(re.findall(r"\w+", template)):
                found += [(path, query | {name: value}) for value in (subject, NAME)]
    return found


async def leaks_to(travel, login, subject):
    client = travel.sign_in(login)
    leaks = []
    for path, query in await readings(travel, subject):
        answer = await client.get(path, params=query)
        text = answer.text.replace(path, "")
        secrets = [NAME, NUMBER, PHONE]
        secrets += [] if OPERATIONAL.match(path) else [subject]
        if any(secret in text for secret in secrets):
            leaks.append(path)
    return leaks


@pytest.mark.article("law-54", "cpl-286")
async def test_nothing_of_a_closed_file_is_read_without_a_grant(travel):
    subject = await closed_file(travel)
    async with http(travel.app) as gateway:
        gateway.headers["Authorization"] = "Bearer gateway-token-of-the-tests"
        answer = await post_outcomes(gateway, [outcome(episode="e-m", subject=subject)])
        assert answer.status_code == 200
    shown = (await travel.sign_in("officer").get("/api/v1/alerts")).json()["items"]
    assert [alert["subject"]["id"] for alert in shown] == [subject]
    for login in ("officer", "supervisor", "auditor", "head", "admin"):
        assert await leaks_to(travel, login, subject) == [], login
    open_to = await leaks_to(travel, "officer-1", subject)
    assert f"/api/v1/subjects/{subject}/file" in open_to
    assert "/api/v1/subjects" in open_to


@pytest.mark.article("law-54")
async def test_a_grant_opens_the_file_to_who_asked_and_to_nobody_else(travel):
    subject = await closed_file(travel)
    body = {"ground": "judicial", "reason": "法院调取档案"}
    look = (await send(travel, "supervisor", "POST", f"/subjects/{subject}/looks", body)).json()
    decide = f"/looks/{look['id']}/decision"
    await send(travel, "boss", "POST", decide, {"approve": True}, version=1)
    assert f"/api/v1/subjects/{subject}/file" in await leaks_to(travel, "supervisor", subject)
    for login in ("officer", "boss"):
        assert await leaks_to(travel, login, subject) == [], login


@pytest.mark.article("law-54", "law-58")
async def test_no_list_shows_an_opened_file_that_was_not_asked_for_and_each_look_is_noted(travel):
    subject = await closed_file(travel)
    client = travel.sign_in("officer-1")
    contract = (await client.get("/api/v1/openapi.json")).json()
    lists = [path for path, methods in contract["paths"].items() if "get" in methods]
    span = {"from": "2026-11-22T00:00:00Z", "to": "2026-11-22T02:00:00Z", "purpose": "季度统计"}
    shown = []
    for path in lists:
        if "{" not in path and path not in STREAMS and "/me" not in path:
            text = (await client.get(path, params=span)).text
            shown += [path] * (NAME in text)
            shown += [path] * (subject in text and not OPERATIONAL.match(path))
    assert shown == []
    notes = "SELECT count(*) FROM access_log WHERE by_login = 'officer-1' AND subject_id = %s"
    before = travel.site.one(notes, (subject,))
    for query in ({"q": subject}, {"q": NAME}):
        found = (await client.get("/api/v1/subjects", params=query)).json()["items"]
        assert [one["id"] for one in found] == [subject] * ("q" in query and query["q"] == subject)
    assert travel.site.one(notes, (subject,)) == before + 1
    assert NAME in (await client.get("/api/v1/class-proposals", params={"subject": subject})).text
