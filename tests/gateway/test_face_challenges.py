"""Challenges that the gateway gives out: answered once, in time, by whom they were given to."""

import dataclasses
import json

import pytest
from msgspec.structs import replace

from device_sims.errors import LinkError
from device_sims.kiosk.link import Line, challenges
from gateway.faces.camera import Camera
from gateway.faces.challenging import challenge_fault
from gateway.faces.shown import Shown
from gateway.faces.vault import ISSUED_MAX, Issued
from guitu.brokers.accounts import DeviceRow
from server.signing.keys import new_key
from tests.device_sims.test_command import guitu, output
from tests.gateway.life import running, until
from tests.gateway.place import ORG
from tests.gateway.test_face_checks import (
    ALIVE,
    KIOSK,
    attempt,
    enrolled,
    key_file,
    pictures,
    send,
    settings,
    vault_of,
    verdicts,
    with_camera,
)
from tests.unit.gateway.faces.portraits import hopper

__all__ = ["key_file", "pictures", "settings"]
WANTED = json.dumps({"challenge_s": 3_600})
"""Long enough for a machine that is busy with something else."""


@pytest.fixture
def line(broker):
    broker.site_key = broker.site_key.hex().encode()
    broker.add_devices([DeviceRow(KIOSK, ORG, "kiosk")])
    given = {"host": broker.host, "port": broker.port, "site_key": broker.site_key}
    return Line(**given, org=ORG, device=KIOSK, patience_s=60)


def answer(token, one, *, number, turn_deg=0, **live):
    said = attempt(token, hopper().rotate(turn_deg), number=number)
    evidence = ALIVE | {"challenge": one.kind, "blink": True} | live
    return replace(said, liveness=evidence, extra={"nonce": one.nonce.hex()})


async def test_only_the_first_answer_to_a_challenge_that_was_given_out_matches(
    settings, anybody, pictures, line
):
    token = enrolled(settings, pictures, "hopper")["token"]
    settings = with_camera(settings, WANTED)
    async with running(settings):
        given = await challenges({"q-1", "q-2", "q-3"}, line)
        one, two, three = (given[name] for name in ("q-1", "q-2", "q-3"))
        assert len({one.nonce, two.nonce, three.nonce}) == 3
        other = "blink" if two.kind != "blink" else "turn_left"
        made_up = one._replace(nonce=bytes(16))
        send(anybody, answer(token, one, number=1))
        await verdicts(settings, 1)
        send(anybody, answer(token, one, number=2, turn_deg=9))
        send(anybody, answer(token, two, number=3, turn_deg=-9, challenge=other))
        send(anybody, answer(token, made_up, number=4, turn_deg=14))
        found = await verdicts(settings, 4)
    # What was given out before a restart still counts after it, once.
    async with running(settings):
        send(anybody, answer(token, three, number=5, turn_deg=-14))
        send(anybody, answer(token, one, number=6, turn_deg=5))
        found = await verdicts(settings, 6)
    assert found == {
        "a-1": ("s-1", "match", ()),
        "a-2": ("s-1", "inconclusive", ("nonce_used",)),
        "a-3": ("s-1", "inconclusive", ("other_challenge",)),
        "a-4": ("s-1", "inconclusive", ("not_challenged",)),
        "a-5": ("s-1", "match", ()),
        "a-6": ("s-1", "inconclusive", ("nonce_used",)),
    }


async def test_a_kiosk_that_makes_its_own_challenges_is_given_none(settings, line, caplog):
    caplog.set_level("INFO", logger="guitu.gateway.faces")
    async with running(settings):
        impatient = dataclasses.replace(line, patience_s=2.0)
        with pytest.raises(LinkError, match=r"got 0 of 1 challenges.*`challenge_s`"):
            await challenges({"q-1"}, impatient)
        await until(lambda: f"challenge_unwanted kiosk={KIOSK}" in caplog.text, "it was heard")


async def test_the_simulated_kiosk_asks_signs_and_its_replays_do_not_pass(
    settings, broker, pictures, line, tmp_path
):
    token = enrolled(settings, pictures, "hopper")["token"]
    pem, public = new_key()
    own_key, site_key = tmp_path / "kk-1.pem", tmp_path / "device_key"
    own_key.write_text(pem)
    own_key.chmod(0o600)
    site_key.write_bytes(line.site_key)
    camera = {"challenge_s": 3_600, "key": public.strip()}
    settings = with_camera(settings, json.dumps(camera))
    async with running(settings):
        process = await guitu(
            *("sim", "kiosk", "--broker", f"{broker.host}:{broker.port}", "--device", KIOSK),
            *("--device-key-file", str(site_key), "--org", ORG, "--token", token),
            *("--challenged", "--key-file", str(own_key), "--attack", "replayed_burst"),
            str(pictures / "hopper.jpg"),
        )
        code, _, err = await output(process)
        assert code == 0, err
        found = await verdicts(settings, 3)
    passed = [causes for _, verdict, causes in found.values() if verdict == "match"]
    assert passed == [()], found
    assert not {"unsigned", "wrong_signature", "not_challenged"} & {
        cause for *_, causes in found.values() for cause in causes
    }


def test_a_challenge_is_another_kiosks_or_over_or_another_one():
    said = attempt("t", hopper(), live={"challenge": "blink"})
    camera = Camera(challenge_s=60)
    good = Issued(KIOSK, "blink", 1_000)

    def fault(issued, received_at_us=1_000, camera=camera):
        return challenge_fault(Shown(ORG, said, received_at_us), issued, camera)

    assert fault(good) is None
    assert fault(good, 1_001) == "challenge_over"
    assert fault(good._replace(kiosk="kk-2")) == "not_challenged"
    assert fault(good._replace(kind="turn_left")) == "other_challenge"
    assert fault(None) == "not_challenged"
    assert fault(None, camera=Camera()) is None


def test_the_newest_challenges_of_a_kiosk_are_kept_and_no_other_kiosks_go(settings):
    vault = vault_of(settings)
    vault.issue("other", Issued("kk-2", "blink", 0))
    for number in range(ISSUED_MAX + 2):
        vault.issue(f"{number:04}", Issued(KIOSK, "blink", number))
    assert [vault.issued(f"{n:04}") is None for n in (0, 1, 2, ISSUED_MAX + 1)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert vault.issued("other") == Issued("kk-2", "blink", 0)
