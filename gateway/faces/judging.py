"""From what a kiosk sent, and what its picture shows, to a verdict. Pure."""

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from firmware_protocols.message import CheckIn
from gateway.attempt import Attempt, Verdict
from gateway.engine.memory import LastFix
from gateway.faces.camera import Camera
from gateway.faces.comparing import Thresholds, nearest, verdict_of
from gateway.faces.engine import Template
from gateway.faces.liveness import is_alike, signs
from gateway.faces.proof import proof_fault
from gateway.faces.shown import Shown
from gateway.faces.vault import Enrolled, Past
from gateway.faces.whereabouts import is_out_of_reach

_US_PER_MS: Final = 1_000


class Seen(NamedTuple):
    """What a worker saw in a picture, or read of an embedding.

    Attributes:
        cause: Why there is nothing to compare; None: `template` is there.
        template: The face.
        likeness: Perceptual hash of the picture; empty: there was none to look at.
        pattern_db: How far a grid stands out of it; see `gateway.faces.pattern`.
    """

    cause: str | None
    template: Template | None
    likeness: bytes
    pattern_db: float = 0.0


def of_embedding(said: CheckIn, engine: str, size: int) -> Seen:
    """Return what a kiosk that sent an embedding saw.

    Args:
        said: The attempt.
        engine: Name of our engine: numbers of another one mean nothing here.
        size: How many numbers a template has.
    """
    if said.embedding is None or said.embedding_model != engine or len(said.embedding) != size:
        return Seen("other_engine", None, b"")
    return Seen(None, np.array(said.embedding, dtype=np.float64), b"")


def judge(
    one: Shown, seen: Seen, enrolled: Enrolled, past: Sequence[Past], camera: Camera,
    *, is_nonce_used: bool, challenge_fault: str | None = None, fixes: Sequence[LastFix] = (),
) -> tuple[Attempt, Past]:  # fmt: skip
    """Return the attempt with its verdict, and what makes its picture known again.

    A match stands only without any sign of an attack. What is odd makes it inconclusive, which
    the rules tell an officer; nothing but a face that is another one is a mismatch. What the
    kiosk did not sign, where its key is known, says nothing of anybody.

    Args:
        one: The attempt. Without a token somebody was only recognised, which is never a match.
        seen: What its picture shows.
        enrolled: Whom its token stands for, or who was recognised.
        past: What was shown for that person before.
        camera: What decides.
        is_nonce_used: Another attempt came with its nonce.
        challenge_fault: Why it answers no challenge of ours, where one is wanted.
        fixes: Where the wristbands of that person were last.
    """
    said = one.said
    capture = hashlib.sha256(said.image).digest() if said.image is not None else b""
    shown = Past(said.device, said.attempt, capture, seen.likeness)
    verdict, causes = _face(seen, enrolled, camera.thresholds)
    causes += signs(said, camera.liveness)
    if said.identity_token is None:
        causes.append("not_claimed")
    if seen.pattern_db > camera.liveness.most_pattern_db:
        causes.append("patterned")
    if is_nonce_used:
        causes.append("nonce_used")
    if challenge_fault is not None:
        causes.append(challenge_fault)
    others = [was for was in past if (was.kiosk, was.attempt) != (said.device, said.attempt)]
    if seen.likeness and is_alike(
        seen.likeness, (was.likeness for was in others), camera.liveness.likeness_bits
    ):
        causes.append("shown_before")
    if is_out_of_reach(said, fixes, camera.place):
        causes.append("wristband_away")
    forged = proof_fault(said, camera.key)
    if forged is not None:
        causes.append(forged)
    if forged is not None or (verdict == "match" and causes):
        verdict = "inconclusive"
    attempt = Attempt(
        org=one.org,
        kiosk=said.device,
        subject=enrolled.subject,
        attempt=said.attempt,
        challenge_time_ms=said.challenge_time_ms,
        response_time_ms=said.response_time_ms,
        received_ms=one.received_at_us // _US_PER_MS,
        verdict=verdict,
        capture=capture,
        causes=tuple(causes),
    )
    return attempt, shown


def _face(seen: Seen, enrolled: Enrolled, thresholds: Thresholds) -> tuple[Verdict, list[str]]:
    if seen.cause is not None or seen.template is None:
        return "inconclusive", [seen.cause or "no_face"]
    if not len(enrolled.templates):
        return "inconclusive", ["other_engine"]
    verdict = verdict_of(nearest(seen.template, enrolled.templates), thresholds)
    causes: dict[Verdict, list[str]] = {
        "match": [], "no_match": ["another_face"], "inconclusive": ["unsure"],
    }  # fmt: skip
    return verdict, causes[verdict]
