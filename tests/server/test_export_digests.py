"""Who took a file, by the SHA-256 of its bytes."""

import hashlib

import pytest

from tests.server.conftest import post_outcomes
from tests.server.events import outcome

PURPOSE = "purpose=%E5%AD%A3%E5%BA%A6%E7%BB%9F%E8%AE%A1"  # 季度统计
FILES = {
    "subjects": f"/api/v1/exports/subjects?format=csv&{PURPOSE}",
    "orders": f"/api/v1/exports/orders?format=xlsx&{PURPOSE}",
    "alerts": f"/api/v1/exports/alerts?format=csv&{PURPOSE}",
}
STREAMS = ("cap", "cloudevents")


def digest_of(content):
    return hashlib.sha256(content).hexdigest()


async def taken(auditor, content):
    return await auditor.get(f"/api/v1/exports/by-digest/{digest_of(content)}")


@pytest.fixture
async def alert(gateway):
    await post_outcomes(gateway, [outcome()])


@pytest.mark.usefixtures("alert")
async def test_every_exported_file_is_found_by_its_digest_and_a_changed_copy_is_not(people):
    officer, auditor = people("officer"), people("auditor")
    files = FILES | {f"alerts {form}": FILES["alerts"].replace("csv", form) for form in STREAMS}
    for name, path in files.items():
        content = (await officer.get(path)).content
        found = await taken(auditor, content)
        assert found.status_code == 200, (name, found.text)
        (one,) = found.json()["items"]
        assert one["number"].encode() in content or name == "orders"
        assert b"officer" in content or name in ("orders", "alerts cap")
        told = {key: one[key] for key in ("kind", "by_login", "org", "size_bytes", "purpose")}
        assert told == {
            "kind": name.split()[0],
            "by_login": "officer",
            "org": "county-a",
            "size_bytes": len(content),
            "purpose": "季度统计",
        }
        changed = await taken(auditor, content + b" ")
        assert changed.status_code == 404, name


async def test_only_an_auditor_of_the_scope_is_told(people, site):
    content = (await people("officer").get(FILES["subjects"])).content
    for login in ("officer", "supervisor", "head", "procurator", "admin", "security"):
        assert (await taken(people(login), content)).status_code == 403, login
    site.add_org("county-b", "/")
    site.add_account("other", "county-b", "auditor")
    assert (await taken(people("other"), content)).status_code == 404
