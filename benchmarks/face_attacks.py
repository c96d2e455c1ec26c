"""The simulator's attacks on a kiosk against the gateway's judgement, by type (ISO/IEC 30107-3).

A presentation that would be taken for the person (`match`) is an error of its type: APCER; an
honest one that is not is one too: BPCER. Both with Wilson's bounds. Nothing here was tuned on what
it measures; the two portraits make figures of a program, not of a population.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from benchmarks.portraits import portraits
from device_sims.kiosk.attacks import ATTACKS, Attack
from device_sims.kiosk.camera import Pixels, jpeg
from device_sims.kiosk.staging import Staged, attempts, stage_all
from firmware_protocols.message import CheckIn
from gateway.faces.camera import AS_SHIPPED
from gateway.faces.judging import Seen, judge
from gateway.faces.looking import KIOSK
from gateway.faces.roc import rate
from gateway.faces.shown import Shown
from gateway.faces.vault import Enrolled, Past
from gateway.faces.workers import Workers

_TURNS: Final = 100
_LEAST: Final = 4
_CORES: Final = 2
_OTHER_PX: Final = (1_024, 1_024)
_NOW_MS: Final = 1_795_312_923_000
_US_PER_MS: Final = 1_000
_IN_TIME_MS: Final = 5_000
_ALIVE: Final = {"challenge": "blink", "blink": True, "turn_deg": 15.0, "frames": 6}

Judged = list[tuple[Attack | None, str, tuple[str, ...]]]


def run(seed: int, scale: float) -> list[dict[str, Any]]:
    """Return a row for each attack, for who comes honestly, and for what the signs rest on.

    Args:
        seed: Other poses, lights and nonces.
        scale: Share of the turns of each.
    """
    return asyncio.run(_rows(seed, max(_LEAST, round(_TURNS * scale))))


async def _rows(seed: int, turns: int) -> list[dict[str, Any]]:
    hopper, astronaut = portraits()
    person, other = np.asarray(hopper), np.asarray(astronaut.resize(_OTHER_PX))
    workers = Workers(_CORES)
    try:
        seen = [await workers.see(jpeg(one), KIOSK) for one in (person, np.fliplr(person))]
        known = np.stack([one.template for one in seen if one.template is not None])
        enrolled = Enrolled("s-1", "office-1", known)
        found: Judged = []
        for attack in (None, *ATTACKS):
            shown = other if attack in ("wrong_person", "stolen_card") else person
            found += await _play(workers, enrolled, _staged(shown, attack, seed, turns))
        forged = [
            (f"{attack}, and a kiosk that believes it", await _forged(
                workers, enrolled, _staged(person, attack, seed, turns)))
            for attack in ("printed_photo", "relayed_video")
        ]  # fmt: skip
    finally:
        workers.close()
    honest = [one for one in found if one[0] is None]
    by_attack = [(name, [one for one in found if one[0] == name]) for name in ATTACKS]
    return [
        _row("who comes honestly (BPCER)", honest, is_attack=False),
        *(_row(f"{name} (APCER)", judged, is_attack=True) for name, judged in by_attack),
        *(_row(f"{name} (APCER)", judged, is_attack=True) for name, judged in forged),
    ]


def _staged(person: Pixels, attack: Attack | None, seed: int, turns: int) -> list[Staged]:
    made = stage_all([person] * turns, attack, run=f"bench-{seed}-{attack}")
    return list(itertools.chain.from_iterable(made))


async def _forged(workers: Workers, enrolled: Enrolled, staged: Iterable[Staged]) -> Judged:
    """Judge attempts of a kiosk that reports liveness and answers in time, whatever it sees."""
    fooled = [one._replace(evidence=_ALIVE, took_ms=_IN_TIME_MS) for one in staged]
    return await _play(workers, enrolled, fooled)


async def _play(workers: Workers, enrolled: Enrolled, staged: Sequence[Staged]) -> Judged:
    """Judge attempts in their order, each beside all that came before it."""
    past: list[Past] = []
    nonces: set[str] = set()
    found: Judged = []
    given = attempts(staged, device="kk-1", token="t", prefix="a", now_ms=_NOW_MS)  # noqa: S106
    turn = asyncio.Semaphore(_CORES)
    looks = await asyncio.gather(*(_see(workers, turn, one) for one in given))
    for one, said, seen in zip(staged, given, looks, strict=True):
        nonce = str(said.extra["nonce"])
        shown = Shown("office-1", said, said.response_time_ms * _US_PER_MS)
        attempt, kept = judge(
            shown, seen, enrolled, past, AS_SHIPPED, is_nonce_used=nonce in nonces
        )
        past.append(kept)
        nonces.add(nonce)
        found.append((one.attack, attempt.verdict, attempt.causes))
    return found


async def _see(workers: Workers, turn: asyncio.Semaphore, said: CheckIn) -> Seen:
    async with turn:
        return await workers.see(said.image or b"", KIOSK)


def _row(name: str, judged: Judged, *, is_attack: bool) -> dict[str, Any]:
    wrong = sum((verdict == "match") == is_attack for _, verdict, _ in judged)
    found = rate(wrong, len(judged))
    causes = Counter(cause for *_, each in judged for cause in each)
    return {
        "row": name,
        "wrong": f"{found.wrong} of {found.trials}",
        "share": found.share,
        "bounds_95": [round(found.low, 4), round(found.high, 4)],
        "known_by": dict(causes.most_common()),
    }
