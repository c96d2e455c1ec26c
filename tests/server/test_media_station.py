"""A collecting station delivers to a server on a real port, over a line that breaks."""

import asyncio
import secrets

import httpx

from device_sims.station import Site, deliver, recorded
from server.media.naming import media_id
from tests.server.conftest import TOKEN, post_outcomes, until
from tests.server.live_server import serving
from tests.server.recordings import RECORDER, Recording, add_recorder, media_settings


async def test_an_upload_goes_on_wherever_the_line_broke(site, tmp_path):
    add_recorder(site)
    path = tmp_path / "visit.mp4"
    path.write_bytes(secrets.token_bytes(3_000_000))
    (held,) = recorded(RECORDER, [path])
    named = media_id(RECORDER, held.entry.media)
    async with serving(media_settings(site)) as live:
        async with httpx.AsyncClient(base_url=live.base, trust_env=False) as gateway:
            gateway.headers["Authorization"] = f"Bearer {TOKEN}"
            event = Recording(held.entry.media, path.read_bytes()).event(1)
            assert (await post_outcomes(gateway, [event])).status_code == 200
        broke = await asyncio.to_thread(
            deliver, held, Site(server=live.base, token=TOKEN, breaks=3)
        )
        assert broke == 3

        async def is_stored():
            return site.one("SELECT state FROM media WHERE id = %s", (named,)) == "stored"

        await until(is_stored)
    assert site.one("SELECT encode(found_sha256, 'hex') FROM media") == held.entry.sha256
