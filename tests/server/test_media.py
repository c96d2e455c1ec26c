"""Recordings: announced, delivered over broken lines, proven, played, linked, destroyed."""

import base64
import hashlib
import json
import secrets
from datetime import timedelta

import pytest

from server.app import create_app
from server.media.keeping import Keeper
from server.signing.keys import new_key
from server.signing.records import verify_record
from tests.server.conftest import TOKEN, VECTORS, http, post_outcomes, running
from tests.server.events import outcome
from tests.server.recordings import (
    RECORDER,
    TUS,
    UPLOADS,
    Recording,
    add_recorder,
    announce,
    begin,
    deliver,
    kept,
    media_settings,
    metadata,
    send,
)
from tests.server.sealed import Sealed
from tests.server.travelling import Clock, Travel

MP4 = b"\x00\x00\x00\x18ftypmp42" + secrets.token_bytes(2_500_000)


class Media:
    """A site that takes recordings, with its keeper worked by hand."""

    def __init__(self, travel, app, public):
        self.travel, self.app, self.public = travel, app, public
        self.gateway = http(app)
        self.gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        self.site = travel.site

    async def keep(self):
        return await Keeper(self.app.state.parts, self.app.state.media).round()

    def person(self, login):
        return self.travel.sign_in(login)

    async def stored(self, name="v-1", content=MP4, seq=1):
        one = Recording(name, content)
        await announce(self.gateway, one, first=seq)
        await deliver(self.gateway, one)
        await self.keep()
        return one

    async def record(self, one, login="officer"):
        answer = await self.person(login).get(f"/api/v1/media/{one.id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def link(self, one, kind, ref):
        return await self.person("officer").post(
            f"/api/v1/media/{one.id}/links",
            json={"kind": kind, "ref": ref},
            headers={"Idempotency-Key": secrets.token_hex(8)},
        )


@pytest.fixture
async def media(site, tmp_path):
    add_recorder(site)
    private, public = new_key()
    key = tmp_path / "fact-key.pem"
    key.touch(mode=0o600)
    key.write_text(private)
    clock = Clock()
    app = create_app(media_settings(site, fact_key_file=key), clock=clock)
    # By hand only: two at once would be told apart by the file's lock, and the test would wait.
    app.state.background.media_keeper = None
    async with running(app):
        found = Media(Travel(site, app, clock), app, public)
        yield found
        await found.gateway.aclose()
        for client in found.travel.clients.values():
            await client.aclose()


async def test_a_recording_comes_over_a_broken_line_and_is_proven(media):
    one = Recording("v-1", MP4)
    await announce(media.gateway, one)
    assert (await media.record(one))["state"] == "announced"
    location = await begin(media.gateway, one)
    digest = base64.b64encode(hashlib.sha256(MP4[:1_000_000]).digest()).decode()
    wrong = await send(
        media.gateway, location, 0, MP4[1:9], **{"Upload-Checksum": f"sha256 {digest}"}
    )
    assert (wrong.status_code, await kept(media.gateway, location)) == (460, 0)
    right = {"Upload-Checksum": f"sha256 {digest}"}
    assert (await send(media.gateway, location, 0, MP4[:1_000_000], **right)).status_code == 204
    # Whoever lost the address begins again and is told where it was.
    assert await begin(media.gateway, one) == location
    assert await kept(media.gateway, location) == 1_000_000
    again = await send(media.gateway, location, 0, MP4)
    assert again.status_code == 409
    assert (await send(media.gateway, location, 1_000_000, MP4[1_000_000:])).status_code == 204
    assert await media.keep() == 1
    found = await media.record(one)
    assert (found["state"], found["found_sha256"]) == ("stored", one.sha256.hex())
    manifest = {"content": found["manifest"], "sha256": found["manifest_sha256"], "openings": {}}
    signed = {"key_id": found["key_id"], "signature": found["signature"]}
    told = verify_record(manifest | signed, media.public)
    assert (told["sha256"], told["recording"], told["delivered_by"]) == (
        *(one.sha256.hex(), "v-1"),
        "gw-1",
    )
    # Sealed as it lies there: no run of the file's own bytes is to be seen.
    (lies,) = (media.site.folder / "media" / "store").iterdir()
    assert MP4[100:132] not in lies.read_bytes()
    assert list((media.site.folder / "media" / "uploads").iterdir()) == []


async def test_the_golden_event_is_taken_as_it_stands(media):
    events = json.loads((VECTORS / "media.json").read_text())
    answer = await post_outcomes(media.gateway, events, first=44, last=44)
    assert answer.status_code == 409
    answer = await post_outcomes(media.gateway, events, first=1, last=44)
    assert answer.json() == {"through": 44}
    row = media.site.rows(
        "SELECT recording, size_bytes, due_at - announced_at AS within FROM media"
    )
    assert row == [
        {
            "recording": "v-20261122-0900",
            "size_bytes": 450_000_000,
            "within": timedelta(hours=24),
        }
    ]


async def test_its_manifest_and_links_are_leaves_of_the_evidence_chain(media):
    one = await media.stored()
    assert (await media.link(one, "subject", "s-4k2m9q")).status_code == 201
    sealed = Sealed(media.site)
    await sealed.seal()
    found = await media.record(one)
    assert found["chain_position"] >= 1
    assert found["checkpoint"] == found["chain_block"]
    assert sealed.verify().faults == []
    with sealed.owner() as owner:
        owner.execute("UPDATE media_manifest SET content = replace(content, 'v-1', 'v-2')")
        assert sealed.seen(owner).faults != []


async def test_a_file_that_is_not_what_was_announced_is_set_aside_and_alerted(media):
    one = Recording("v-1", MP4)
    await announce(media.gateway, one)
    await deliver(media.gateway, Recording("v-1", MP4[:-1] + bytes([MP4[-1] ^ 1])))
    await media.keep()
    found = await media.record(one)
    assert (found["state"], found["manifest"]) == ("mismatch", None)
    assert len(list((media.site.folder / "media" / "refused").iterdir())) == 1
    await media.app.state.background.media_watch.round()
    alerts = media.site.rows("SELECT rule, condition, evidence ->> 'source' AS of FROM alert")
    assert alerts == [{"rule": "media_mismatch", "condition": "active", "of": RECORDER}]
    # The recorder still has the right one.
    await deliver(media.gateway, one)
    await media.keep()
    await media.app.state.background.media_watch.round()
    assert (await media.record(one))["state"] == "stored"
    assert media.site.one("SELECT condition FROM alert") == "cleared"


async def test_what_does_not_come_in_time_is_an_alert_until_it_comes(media):
    one, other = Recording("v-1", MP4), Recording("v-2", b"short")
    await announce(media.gateway, one, other)
    watch, clock = media.app.state.background.media_watch, media.travel.clock
    media.site.rows("UPDATE media SET due_at = %s", (clock(),))
    await watch.round()
    (raised,) = media.site.rows("SELECT rule, condition, evidence FROM alert")
    assert (raised["rule"], raised["evidence"]["recordings"]) == ("media_overdue", 2)
    listed = await media.person("officer").get("/api/v1/media?overdue=true&limit=1")
    assert len(listed.json()["items"]) == 1
    more = await media.person("officer").get(
        f"/api/v1/media?overdue=true&limit=1&cursor={listed.json()['next_cursor']}"
    )
    assert {listed.json()["items"][0]["id"], more.json()["items"][0]["id"]} == {one.id, other.id}
    for each in (one, other):
        await deliver(media.gateway, each)
    await media.keep()
    await watch.round()
    assert media.site.one("SELECT condition FROM alert") == "cleared"


async def test_it_is_played_by_ranges_and_who_played_it_is_noted(media):
    one = await media.stored()
    await media.link(one, "subject", "s-4k2m9q")
    path, officer = f"/api/v1/media/{one.id}/content", media.person("officer")
    assert (await officer.get(path)).status_code == 422
    path += "?purpose=check-the-visit"
    whole = await officer.get(path)
    assert (whole.status_code, whole.content) == (200, MP4)
    assert whole.headers["Content-Type"] == "video/mp4"
    digest = base64.b64encode(one.sha256).decode()
    assert whole.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    for asked, span in (
        ("bytes=0-0", slice(0, 1)),
        ("bytes=1048570-1048590", slice(1_048_570, 1_048_591)),
        ("bytes=2400000-", slice(2_400_000, None)),
        ("bytes=-5", slice(-5, None)),
    ):
        part = await officer.get(path, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, MP4[span]), asked
    beyond = await officer.get(path, headers={"Range": f"bytes={len(MP4)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(MP4)}")
    looks = media.site.rows(
        "SELECT by_login, subject_id, purpose FROM access_log WHERE act = 'media'"
    )
    assert looks == [
        {
            "by_login": "officer",
            "subject_id": "s-4k2m9q",
            "purpose": f"{one.id} check-the-visit",
        }
    ]


async def test_a_changed_object_is_never_played(media):
    one = await media.stored()
    (lies,) = (media.site.folder / "media" / "store").iterdir()
    content = bytearray(lies.read_bytes())
    content[100] ^= 1
    lies.write_bytes(content)
    answer = await media.person("officer").get(f"/api/v1/media/{one.id}/content?purpose=look-at-it")
    assert answer.status_code == 500


async def test_links_keep_it_and_time_destroys_it(media):
    linked, loose = await media.stored("v-1"), await media.stored("v-2", b"short", seq=2)
    await post_outcomes(media.gateway, [outcome(entry_seq=3)], first=3)
    for kind, ref in (("alert", "episode-1"), ("subject", "s-4k2m9q")):
        answer = await media.link(linked, kind, ref)
        assert answer.status_code == 201, answer.text
    assert (await media.link(linked, "task", "t-none")).status_code == 404
    for query in ("kind=alert&ref=episode-1", "subject=s-4k2m9q"):
        listed = await media.person("officer").get(f"/api/v1/media?{query}")
        assert [one["id"] for one in listed.json()["items"]] == [linked.id]
    assert (await media.record(linked))["retention"] == "case"
    media.site.rows(
        "UPDATE media SET keep_until = %s WHERE retention = 'months'", (media.travel.clock(),)
    )
    watch = media.app.state.background.media_watch
    media.site.rows(
        "INSERT INTO legal_hold (id, org_id, reason, placed_by, placed_at)"
        " VALUES ('lh-1', 'county-a', '检察院调查', 'su-1', now())"
    )
    assert await watch.round() == 0
    media.site.rows("DELETE FROM legal_hold")
    assert await watch.round() == 1
    assert (await media.record(loose))["state"] == "destroyed"
    assert (await media.record(loose))["manifest"] is not None
    assert media.site.one("SELECT sealed_key FROM media WHERE id = %s", (loose.id,)) is None
    assert len(list((media.site.folder / "media" / "store").iterdir())) == 1
    # The case ends, and with the months after it the recording.
    media.site.rows(
        "UPDATE case_file SET stage = 'released', ended_at = '2020-01-01', end_reason = 'expired'"
        " WHERE subject_id = 's-4k2m9q'"
    )
    await watch.round()
    assert (await media.record(linked))["keep_until"] is not None


async def test_a_heads_word_keeps_it_for_ever(media):
    one = await media.stored()
    path = f"/api/v1/media/{one.id}/retention"
    asked = {"json": {"retention": "permanent"}, "headers": {"If-Match": '"2"'}}
    assert (await media.person("officer").post(path, **asked)).status_code == 409
    answer = await media.person("supervisor").post(path, **asked)
    assert (answer.status_code, answer.json()["keep_until"]) == (200, None), answer.text
    # A recording of a closed file is nobody's who may not open it.
    media.site.rows("UPDATE subject SET is_minor = true WHERE id = 's-7h3n2c'")
    media.site.rows(
        "INSERT INTO media_link (org_id, media_id, kind, ref_id, subject_id, by_login)"
        " VALUES ('office-1', %s, 'subject', 's-7h3n2c', 's-7h3n2c', 'x')",
        (one.id,),
    )
    assert (await media.person("auditor").get(f"/api/v1/media/{one.id}")).status_code == 404


async def test_uploads_that_are_not_an_announced_recording_are_refused(media):
    one = Recording("v-1", b"12345")
    size = {"Upload-Length": "5"}
    named = {"Upload-Metadata": metadata(one)}
    unknown = await media.gateway.post(UPLOADS, headers=TUS | size | named)
    assert unknown.status_code == 404
    await announce(media.gateway, one)
    other = one.event(2, sha256="0" * 64)
    refused = await post_outcomes(media.gateway, [other], first=2)
    assert refused.json()["quarantined"] == 1
    for headers, status in (
        (TUS | {"Upload-Length": "6"} | named, 422),
        (TUS | size | {"Upload-Metadata": "device !"}, 422),
        ({"Tus-Resumable": "0.2.2"} | size | named, 412),
    ):
        assert (await media.gateway.post(UPLOADS, headers=headers)).status_code == status, headers
    location = await begin(media.gateway, one)
    assert (await send(media.gateway, location, 0, b"123456")).status_code == 413
    assert await kept(media.gateway, location) == 0
    with media.app.state.media.spool.held(location.rpartition("/")[2]):
        assert (await send(media.gateway, location, 0, b"1")).status_code == 423
    stranger = http(media.app)
    stranger.headers["Authorization"] = "Bearer none"
    assert (await send(stranger, location, 0, b"1")).status_code == 401
    await stranger.aclose()
    for path in ("../../etc/passwd", "0" * 31, "%2e%2e"):
        answer = await media.gateway.head(f"{UPLOADS}/{path}", headers=TUS)
        assert answer.status_code in (404, 405, 422)
    assert (await media.gateway.delete(location, headers=TUS)).status_code == 204
    assert (await media.gateway.head(location, headers=TUS)).status_code == 404
    said = await media.gateway.options(UPLOADS)
    assert "creation,checksum,termination" in said.headers["Tus-Extension"]


async def test_a_file_that_was_lost_on_our_disk_is_owed_again(media):
    one = Recording("v-1", b"12345")
    await announce(media.gateway, one)
    location = await begin(media.gateway, one)
    assert (await send(media.gateway, location, 0, b"123")).status_code == 204
    media.app.state.media.spool.end(location.rpartition("/")[2])
    assert (await send(media.gateway, location, 3, b"45")).status_code == 410
    await deliver(media.gateway, one)
    for path in (media.site.folder / "media" / "uploads").iterdir():
        path.unlink()
    assert await media.keep() == 0
    assert (await media.record(one))["state"] == "announced"
    await deliver(media.gateway, one)
    assert await media.keep() == 1
    assert json.loads((await media.record(one))["manifest"])["size_bytes"] == 5
