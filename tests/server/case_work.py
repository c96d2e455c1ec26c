"""A person's way through the interface, as an officer types it."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from tests.server.travelling import Travel

_KEYS = count(1)
MEMBERS = [
    {"role": "officer", "name": "王警官", "sex": "male", "login": "officer-1"},
    {"role": "social_worker", "name": "陈社工", "sex": "female", "knows_minors": True},
    {"role": "guardian", "name": "赵父", "sex": "male"},
]


def today(travel: Travel) -> date:
    return (travel.clock.now + timedelta(hours=8)).date()


def new_subject(travel: Travel, **changed: Any) -> dict[str, Any]:
    now = today(travel)
    given = {
        "org": "office-1",
        "name": "赵六",
        "category": "probation",
        "sex": "male",
        "birth_date": "1990-05-01",
        "offence_date": "2025-11-03",
        "judged_on": (now - timedelta(days=12)).isoformat(),
        "effective_on": (now - timedelta(days=2)).isoformat(),
        "term_from": (now - timedelta(days=2)).isoformat(),
        "term_to": (now + timedelta(days=363)).isoformat(),
        "judgment_number": "（2026）浙0101刑初1号",
        "deciding_body": "青溪县人民法院",
        "residence": "青溪县城关镇人民路1号",
        "identity_number": "33010119900501001X",
        "phone": "13800000001",
    }
    return given | changed


async def send(travel: Travel, login: str, method: str, path: str, body: Any = None, **more: Any):
    """Send as a careful client does: a new key, and the version that stands."""
    client = travel.sign_in(login)
    headers = {"Idempotency-Key": more.pop("key", f"test-key-{next(_KEYS):06}")}
    if "version" in more:
        headers["If-Match"] = f'"{more["version"]}"'
    return await client.request(method, f"/api/v1{path}", json=body, headers=headers)


async def version_of(travel: Travel, subject: str) -> int:
    return travel.site.one("SELECT version FROM case_file WHERE subject_id = %s", (subject,))


async def change(travel: Travel, login: str, subject: str, what: str, body: Any):
    """Change a file by a method and what follows its path, such as `POST /release`."""
    method, rest = what.split()
    version = await version_of(travel, subject)
    return await send(travel, login, method, f"/subjects/{subject}{rest}", body, version=version)


async def receive(travel: Travel, login: str = "officer-1", **changed: Any) -> str:
    answer = await send(travel, login, "POST", "/subjects", new_subject(travel, **changed))
    assert answer.status_code == 201, answer.text
    return answer.json()["subject"]


async def step(travel: Travel, subject: str, name: str, login: str = "officer-1", **more: Any):
    return await change(travel, login, subject, "POST /steps", {"step": name, **more})


async def form_group(travel: Travel, subject: str, members: Any = None, login: str = "officer-1"):
    given = MEMBERS if members is None else members
    return await change(travel, login, subject, "PUT /group", {"members": given})


async def announce(travel: Travel, **changed: Any) -> str:
    """Receive a person and bring the reception to its end."""
    subject = await receive(travel, **changed)
    for name in ("documents_checked", "identity_verified", "reported"):
        assert (await step(travel, subject, name)).status_code == 200
    assert (await form_group(travel, subject)).status_code == 200
    answer = await step(travel, subject, "announced")
    assert answer.json()["stage"] == "in_correction", answer.text
    return subject


def rules(answer: Any) -> list[str]:
    assert answer.status_code == 409, answer.text
    return [fault["rule"] for fault in answer.json()["errors"]]
