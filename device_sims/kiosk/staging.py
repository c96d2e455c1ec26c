"""Attempts as a kiosk makes them: who stands there, what they hold up, how they answer."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from device_sims.dice import Dice
from device_sims.kiosk.attacks import Attack, anew, on_paper, on_screen
from device_sims.kiosk.camera import FRAMES, Pixels, burst, jpeg, sharpest
from firmware_protocols.message import CheckIn

_MS: Final = 1_000
_NONCE_BYTES: Final = 16
_ANSWER_S: Final = (1.5, 7.0)
"""A person reads a challenge and turns the head; assumed."""
_RELAYED_S: Final = (9.0, 50.0)
"""Somebody else has to be called and told what to do; assumed."""
_TURN_DEG: Final = (12.0, 28.0)
_STILL_DEG: Final = 2.0
_CHALLENGES: Final = ("turn_left", "turn_right", "blink")
_PAUSE_MS: Final = 5_000
"""Between one attempt and the next at a kiosk."""


class Staged(NamedTuple):
    """An attempt before it has a time.

    Attributes:
        attack: What it is; None: the person, honestly.
        image: JPEG.
        nonce: Of the challenge.
        evidence: What the kiosk tells of liveness. Played, not measured: it has no landmarks.
        took_ms: From the challenge to the answer.
    """

    attack: Attack | None
    image: bytes
    nonce: bytes
    evidence: dict[str, Any]
    took_ms: int


def stage(person: Pixels, attack: Attack | None, dice: Dice) -> list[Staged]:
    """Return the attempts that one picture makes.

    A replay is three: the honest one that was recorded, its very bytes with its nonce, and its
    picture compressed anew with a fresh one.

    Args:
        person: Who is shown to the camera: with `wrong_person` and `stolen_card` another one than
            the token's.
        attack: What is tried; None: nothing.
        dice: Of this picture's turn.
    """
    shown = on_paper(person) if attack == "printed_photo" else person
    frames = burst(shown, dice)
    if attack == "relayed_video":
        frames = [
            on_screen(frame, dice.uniform(40 + nth, 0, 2 * math.pi))
            for nth, frame in enumerate(frames)
        ]
    span_s = _RELAYED_S if attack == "relayed_video" else _ANSWER_S
    is_alive = attack not in ("printed_photo", "wrong_person")
    first = Staged(
        attack=None if attack == "replayed_burst" else attack,
        image=jpeg(sharpest(frames)),
        nonce=_nonce(dice, 0),
        evidence=_evidence(dice, is_alive=is_alive),
        took_ms=round(dice.uniform(21, *span_s) * _MS),
    )
    if attack != "replayed_burst":
        return [first]
    return [
        first,
        first._replace(attack=attack),
        first._replace(attack=attack, image=anew(first.image), nonce=_nonce(dice, 1)),
    ]


def attempts(
    staged: Sequence[Staged], *, device: str, token: str, prefix: str, now_ms: int
) -> list[CheckIn]:
    """Return attempts one after the other, the last of them answered now.

    Args:
        staged: What was tried.
        device: The kiosk.
        token: Who is claimed.
        prefix: Their ids begin with it; no other run's do.
        now_ms: The kiosk's clock, since 1970 UTC.
    """
    answered_ms = now_ms - sum(one.took_ms + _PAUSE_MS for one in staged[1:])
    found = []
    for number, one in enumerate(staged):
        answered_ms += 0 if number == 0 else one.took_ms + _PAUSE_MS
        found.append(
            CheckIn(
                device=device,
                attempt=f"{prefix}-{number + 1}",
                identity_token=token,
                challenge_time_ms=answered_ms - one.took_ms,
                response_time_ms=answered_ms,
                image=one.image,
                liveness=one.evidence,
                extra={"nonce": one.nonce.hex()},
            )
        )
    return found


def answering(
    staged: Sequence[Staged], challenges: Mapping[str, tuple[bytes, str]]
) -> list[Staged]:
    """Return attempts as answers to challenges that were asked for by their own nonces.

    Args:
        staged: What is tried; a replay has the nonce of what it replays, and so its challenge.
        challenges: Nonce and what to do, by the attempt's own nonce in hex.
    """
    found = []
    for one in staged:
        nonce, kind = challenges[one.nonce.hex()]
        turn_deg = abs(one.evidence["turn_deg"])
        evidence = one.evidence | {
            "challenge": kind,
            "turn_deg": -turn_deg if kind == "turn_right" else turn_deg,
        }
        found.append(one._replace(nonce=nonce, evidence=evidence))
    return found


def stage_all(people: Iterable[Pixels], attack: Attack | None, *, run: str) -> list[list[Staged]]:
    """Return what each picture makes, in order; another run has other poses and nonces."""
    return [stage(person, attack, Dice(0, run, number)) for number, person in enumerate(people)]


def _evidence(dice: Dice, *, is_alive: bool) -> dict[str, Any]:
    challenge = dice.choice(22, _CHALLENGES)
    turn_deg = dice.uniform(23, *_TURN_DEG) if is_alive else dice.uniform(23, 0, _STILL_DEG)
    return {
        "challenge": challenge,
        "blink": is_alive,
        "turn_deg": round(-turn_deg if challenge == "turn_right" else turn_deg, 1),
        "frames": FRAMES,
    }


def _nonce(dice: Dice, number: int) -> bytes:
    seed = dice.bits(30 + number).to_bytes(8, "big")
    return hashlib.sha256(seed).digest()[:_NONCE_BYTES]
