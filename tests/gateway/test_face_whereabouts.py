"""A face at a kiosk, and the person's wristband elsewhere, at a running gateway."""

import json

from tests.gateway.life import reports_kept, running, until
from tests.gateway.place import HOME, report, topic
from tests.gateway.test_face_checks import (
    attempt,
    enrolled,
    key_file,
    pictures,
    send,
    settings,
    verdicts,
    with_camera,
)
from tests.unit.gateway.faces.portraits import astronaut, hopper

__all__ = ["key_file", "pictures", "settings"]
PLACE = json.dumps({"place": {"lon_deg": HOME[0], "lat_deg": HOME[1]}})


async def test_a_face_while_the_wristband_is_far_away_is_no_match_also_after_a_restart(
    settings, anybody, pictures
):
    token = enrolled(settings, pictures, "hopper")["token"]
    settings = with_camera(settings, PLACE)
    async with running(settings):
        anybody.publish_all(topic("wb-1"), [report(1, metres_east=40.0)])
        await until(lambda: reports_kept(settings) == 1, "the fix is kept")
        send(anybody, attempt(token, hopper(), number=1))
        await verdicts(settings, 1)
        anybody.publish_all(topic("wb-1"), [report(2, metres_east=90_000.0)])
        await until(lambda: reports_kept(settings) == 2, "the later fix is kept")
        send(anybody, attempt(token, hopper().rotate(8), number=2))
        found = await verdicts(settings, 2)
    async with running(settings):
        send(anybody, attempt(token, hopper().rotate(-8), number=3))
        found = await verdicts(settings, 3)
    assert found == {
        "a-1": ("s-1", "match", ()),
        "a-2": ("s-1", "inconclusive", ("wristband_away",)),
        "a-3": ("s-1", "inconclusive", ("wristband_away",)),
    }


async def test_who_wears_no_wristband_is_compared_with_none(settings, anybody, pictures):
    token = enrolled(settings, pictures, "astronaut", subject="s-2")["token"]
    settings = with_camera(settings, PLACE)
    async with running(settings):
        send(anybody, attempt(token, astronaut().resize((1_024, 1_024))))
        found = await verdicts(settings, 1)
    assert found["a-1"] == ("s-2", "match", ())
