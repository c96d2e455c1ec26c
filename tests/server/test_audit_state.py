"""Where the chains stand, as an auditor is told."""

from server.app import create_app
from tests.server.conftest import http, running, until
from tests.server.sealed import Sealed

CHAINS = "/api/v1/audit/chains"
ORG = "office-1"


def note_a_look(site):
    site.rows("INSERT INTO access_log (org_id, by_login, act) VALUES (%s, 'x', 'track')", (ORG,))


async def test_what_waits_comes_to_be_sealed_signed_and_anchored(site):
    note_a_look(site)
    secret, _ = site.open_session("auditor")
    settings = Sealed(site).settings(audit_seal_s=1.0)
    async with running(create_app(settings)) as app, http(app) as auditor:
        auditor.cookies.set("guitu_session", secret)

        async def anchored():
            items = (await auditor.get(CHAINS)).json()["items"]
            found = next(one for one in items if one["org"] == ORG)
            return found if found["anchored_block"] else None

        state = await until(anchored)
    assert state["blocks"] >= state["signed_block"] >= state["anchored_block"] >= 1
    assert (state["waiting"], state["algorithm"]) == (0, "sha256")
    last = "SELECT encode(hash, 'hex') FROM audit_block WHERE org_id = %s AND number = %s"
    assert state["hash"] == site.one(last, (ORG, state["blocks"]))


async def test_an_auditor_sees_the_chains_of_the_scope_only(people, site):
    site.add_org("county-b", "/")
    site.add_account("other", "county-b", "auditor")
    items = (await people("other").get(CHAINS)).json()["items"]
    assert [one["org"] for one in items] == ["county-b"]
    assert (items[0]["blocks"], items[0]["hash"]) == (0, None)
