"""Challenges of the gateway's own: what a person is to do before a kiosk, once, and in time."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

from firmware_protocols.kiosk.challenge import Challenge, encode_challenge
from firmware_protocols.kiosk.wire import ChallengeKind
from firmware_protocols.topics import Topic, device_topic
from gateway.faces.camera import AS_SHIPPED, Camera
from gateway.faces.shown import Shown
from gateway.faces.vault import Issued, Vault

log = logging.getLogger("guitu.gateway.faces")

ChallengeFault = Literal["not_challenged", "challenge_over", "other_challenge"]

_KINDS: Final[tuple[ChallengeKind, ...]] = get_args(ChallengeKind)
_NONCE_BYTES: Final = 16
_WAITING_MAX: Final = 200
_US_PER_S: Final = 1_000_000
_US_PER_MS: Final = 1_000


class Asked(NamedTuple):
    """A request for a challenge: the topic that it came by, and its id."""

    topic: Topic
    ask: str


class ChallengeDesk:
    """Answers kiosks that ask for a challenge; each is in the vault before the kiosk hears it."""

    def __init__(
        self,
        vault: Vault,
        *,
        cameras: Mapping[str, Camera],
        publish: Callable[[str, bytes], object],
        clock_us: Callable[[], int],
    ) -> None:
        """Answer by `publish`, which is called with topic and payload."""
        self._vault = vault
        self._cameras = cameras
        self._publish = publish
        self._clock_us = clock_us
        self._waiting: asyncio.Queue[Asked] = asyncio.Queue(_WAITING_MAX)

    def take(self, asked: Sequence[Asked]) -> None:
        """Take requests; what comes beyond the bound is dropped, and the kiosk asks again."""
        for one in asked:
            if self._waiting.full():
                log.warning("challenge_dropped kiosk=%s", one.topic.device)
            else:
                self._waiting.put_nowait(one)

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            one = await self._waiting.get()
            topic = one.topic
            limit_s = self._cameras.get(topic.device, AS_SHIPPED).challenge_s
            if limit_s is None:
                log.info("challenge_unwanted kiosk=%s", topic.device)
                continue
            nonce, kind = secrets.token_bytes(_NONCE_BYTES), secrets.choice(_KINDS)
            until_us = self._clock_us() + limit_s * _US_PER_S
            issued = Issued(topic.device, kind, until_us)
            await asyncio.to_thread(self._vault.issue, nonce.hex(), issued)
            made = Challenge(one.ask, nonce, kind, until_us // _US_PER_MS)
            down = device_topic(topic.org, topic.kind, topic.device, "down", topic.codec)
            self._publish(down, encode_challenge(made))


def challenge_fault(one: Shown, issued: Issued | None, camera: Camera) -> ChallengeFault | None:
    """Return why an attempt does not answer a challenge of ours; None: it does, or none is wanted.

    Args:
        one: The attempt.
        issued: The challenge of its nonce.
        camera: Says whether one is wanted.
    """
    if camera.challenge_s is None:
        return None
    if issued is None or issued.kiosk != one.said.device:
        return "not_challenged"
    if one.received_at_us > issued.until_us:
        return "challenge_over"
    return "other_challenge" if one.said.liveness.get("challenge") != issued.kind else None
