"""The gateway's snapshot: golden, cheap when unchanged, of the gateway's own scope only."""

from gateway.directory.snapshot import compile_directory
from server.site import first_start
from tests.server.conftest import vector

URL = "/api/v1/gateway/directory"
TO_COME = "2126-12-01T00:00:00Z"


async def test_the_golden_registry_gives_the_golden_directory(gateway):
    answer = await gateway.get(URL)
    assert answer.json() == vector("directory.json")
    assert answer.headers["etag"].startswith('"2.')


async def test_an_unchanged_directory_is_not_sent_again(gateway):
    etag = (await gateway.get(URL)).headers["etag"]
    again = await gateway.get(URL, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = await gateway.get(URL, headers={"If-None-Match": '"1"'})
    assert other.status_code == 200


async def test_a_change_is_a_new_version(gateway, people):
    file = vector("registry.json")
    etag = (await gateway.get(URL)).headers["etag"]
    file["devices"][0]["expected_interval_s"] = 30
    assert (await people("supervisor").post("/api/v1/registry", json=file)).status_code == 200
    answer = await gateway.get(URL, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.json()["devices"][1]["expected_interval_s"] == 30


async def test_no_name_of_a_person_leaves_the_server(gateway):
    text = (await gateway.get(URL)).text
    for name in ("张三", "李四", "王警官", "李局长", "居住地", "青溪"):
        assert name not in text


async def test_what_is_of_another_county_is_not_in_it(gateway, site):
    site.add_org("county-b", "/")
    site.rows("INSERT INTO device VALUES ('wb-b', 'county-b', 'wristband', 60)")
    site.rows("INSERT INTO directory_version (org_id, changed_by) VALUES ('county-b', 'x')")
    answer = await gateway.get(URL)
    assert answer.json() == vector("directory.json")


async def test_asking_is_being_seen(gateway, site):
    assert site.one("SELECT last_seen_at FROM gateway") is None
    for _ in range(3):
        await gateway.get(URL)
    assert site.one("SELECT last_seen_at > now() - interval '1 minute' FROM gateway") is True
    assert site.one("SELECT count(*) FROM feed WHERE kind = 'gateway'") == 1


async def test_the_end_in_force_is_the_earlier_of_end_and_lifting(gateway, site):
    site.rows("UPDATE positioning_order SET lifted_at = '2026-12-01T00:00:00Z'")
    assert (await gateway.get(URL)).json()["orders"][0]["valid_to"] == "2026-12-01T00:00:00Z"


async def test_an_order_that_was_lifted_before_it_began_is_left_out(gateway, site):
    site.rows("UPDATE positioning_order SET lifted_at = valid_from")
    answer = await gateway.get(URL)
    assert answer.json()["orders"] == []
    assert compile_directory(answer.content).orders == {}


async def test_a_fence_that_is_replaced_before_it_holds_stops_no_gateway(gateway, people):
    fence = vector("registry.json")["fences"][0] | {"fence": "f-2", "valid_from": TO_COME}
    for radius_m in (200.0, 300.0):
        sections = {"format": "guitu-registry/1", "fences": [fence | {"radius_m": radius_m}]}
        answer = await people("supervisor").post("/api/v1/registry", json=sections)
        assert answer.status_code == 200, answer.text
    told = compile_directory((await gateway.get(URL)).content).fences
    assert [fence.version for fence in told if fence.fence == "f-2"] == [2]


async def test_a_second_first_start_renews_the_token_and_nothing_else(gateway, site, nobody):
    before = site.rows("SELECT * FROM directory_version")
    again = first_start(
        site.database.owner_dsn,
        registry=vector("registry.json"),
        gateway_id="gw-1",
        gateway_token="renewed token",
    )
    assert again == []
    assert site.rows("SELECT * FROM directory_version") == before
    assert (await gateway.get(URL)).status_code == 401
    answer = await nobody.get(URL, headers={"Authorization": "Bearer renewed token"})
    assert answer.status_code == 200


def test_a_site_without_a_registry_has_a_county_and_an_admin(database):
    logins = first_start(
        database.owner_dsn, registry=None, gateway_id="gw-1", gateway_token="token"
    )
    assert [(login.login, login.role) for login in logins] == [
        ("auditor", "auditor"),
        ("security", "security"),
        ("security-2", "security"),
        ("admin", "admin"),
    ]
    assert len(logins[0].password) >= 16
