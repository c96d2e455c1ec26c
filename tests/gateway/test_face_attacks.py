"""The simulator's kiosk and its attackers at a running gateway: what is caught, and what passes."""

import itertools

import numpy as np
import pytest

from device_sims.kiosk.attacks import ATTACKS
from device_sims.kiosk.staging import attempts, stage_all
from tests.gateway.life import running
from tests.gateway.place import now_ms
from tests.gateway.test_face_checks import (
    KIOSK,
    enrolled,
    key_file,
    pictures,
    send,
    settings,
    verdicts,
)
from tests.unit.gateway.faces.portraits import astronaut, hopper

__all__ = ["key_file", "pictures", "settings"]
TURNS = 4


async def found_of(settings, anybody, pictures, attack):
    """Verdicts and causes of the attempts of four turns, each with its label."""
    token = enrolled(settings, pictures, "hopper")["token"]
    is_other = attack in ("wrong_person", "stolen_card")
    person = np.asarray(astronaut().resize((1_024, 1_024)) if is_other else hopper())
    made = stage_all([person] * TURNS, attack, run="k1")
    staged = list(itertools.chain.from_iterable(made))
    given = attempts(staged, device=KIOSK, token=token, prefix="k1", now_ms=now_ms())
    async with running(settings):
        send(anybody, *given)
        found = await verdicts(settings, len(given))
    return [(one.attack, *found[said.attempt][1:]) for one, said in zip(staged, given, strict=True)]


async def test_who_was_enrolled_is_let_in_every_time(settings, anybody, pictures):
    found = await found_of(settings, anybody, pictures, None)
    assert found == [(None, "match", ())] * TURNS


@pytest.mark.parametrize(
    ("attack", "cause"),
    [
        ("printed_photo", "no_liveness"),
        ("wrong_person", "another_face"),
        ("stolen_card", "another_face"),
    ],
)
async def test_an_attack_is_caught_by_what_is_wrong_with_it(
    settings, anybody, pictures, attack, cause
):
    found = await found_of(settings, anybody, pictures, attack)
    assert all(verdict != "match" and cause in causes for _, verdict, causes in found), found


async def test_a_replay_is_caught_and_who_was_recorded_is_let_in(settings, anybody, pictures):
    found = await found_of(settings, anybody, pictures, "replayed_burst")
    replayed = [causes for attack, verdict, causes in found if attack and verdict != "match"]
    assert len(replayed) == 2 * TURNS, found
    assert all("shown_before" in causes for causes in replayed)


async def test_a_relay_is_caught_by_the_grid_of_its_screen(settings, anybody, pictures):
    found = await found_of(settings, anybody, pictures, "relayed_video")
    assert all(verdict != "match" and "patterned" in causes for _, verdict, causes in found), found


def test_every_attack_of_the_simulator_is_judged_here():
    tried = {"printed_photo", "wrong_person", "stolen_card", "replayed_burst", "relayed_video"}
    assert tried == set(ATTACKS)
