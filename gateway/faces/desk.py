"""The desk of face checks: attempts from the store through the workers into the journal."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from gateway.attempt import Attempt
from gateway.directory.snapshot import Directory
from gateway.engine.memory import LastFix
from gateway.faces.camera import AS_SHIPPED, Camera
from gateway.faces.challenging import Asked, ChallengeDesk, challenge_fault
from gateway.faces.engine import DlibEngine, Template
from gateway.faces.gallery import Identification, identify
from gateway.faces.judging import Seen, judge, of_embedding
from gateway.faces.proof import FORGED
from gateway.faces.shown import Shown
from gateway.faces.vault import FILING_THRESHOLD, Enrolled, Past, Vault
from gateway.faces.workers import Workers
from gateway.metrics import Metrics

log = logging.getLogger("guitu.gateway.faces")

PAST_US: Final = 90 * 86_400 * 1_000_000
"""A picture that was shown in the last 90 days is known again; a proposal."""

_TEMPLATE_NUMBERS: Final = 128
_IDLE_S: Final = 60.0
_US_PER_MS: Final = 1_000


class FaceDesk:
    """Judges what waits, oldest first, as many at once as there are workers."""

    def __init__(
        self,
        vault: Vault,
        *,
        workers: int,
        keep_s: int,
        record: Callable[[list[Attempt]], Awaitable[None]],
        publish: Callable[[str, bytes], object],
        directory: Callable[[], Directory | None],
        whereabouts: Callable[[str], Awaitable[Sequence[LastFix]]],
        metrics: Metrics,
        clock_us: Callable[[], int],
        cameras: Mapping[str, Camera],
    ) -> None:
        """Judge what the vault holds.

        Args:
            vault: Templates and attempts.
            workers: Processes that look at pictures.
            keep_s: How long a picture is kept that a person has to look at; 0: not at all.
            record: Brings attempts into the journal; what it returns from is durable.
            publish: Tells a kiosk, by topic and payload.
            directory: The one in force.
            whereabouts: Tells where the wristbands of a person were last.
            metrics: The gateway's metrics.
            clock_us: Our clock.
            cameras: What decides at which kiosk, where it was calibrated.
        """
        self._vault = vault
        self._workers = Workers(workers)
        self._most = workers
        self._keep_us = keep_s * 1_000_000
        self._record = record
        self._directory = directory
        self._whereabouts = whereabouts
        self._metrics = metrics
        self._clock_us = clock_us
        self._cameras = cameras
        self._new = asyncio.Event()
        self._turn = asyncio.Lock()
        """Pictures are looked at beside each other; of what came before each is judged alone."""
        self._challenges = ChallengeDesk(vault, cameras=cameras, publish=publish, clock_us=clock_us)

    def wake(self, asked: Sequence[Asked] = ()) -> None:
        """Tell that attempts wait, or that kiosks ask for challenges."""
        self._challenges.take(asked)
        self._new.set()

    async def run(self) -> None:
        """Judge, and give out challenges, until cancelled."""
        await asyncio.gather(self._judge_on(), self._challenges.run())

    async def _judge_on(self) -> None:
        try:
            while True:
                self._new.clear()
                await self._judge_all()
                await asyncio.to_thread(self._forget_who_left)
                try:
                    async with asyncio.timeout(_IDLE_S):
                        await self._new.wait()
                except TimeoutError:
                    continue
        finally:
            self._workers.close()

    async def _judge_all(self) -> None:
        while waiting := await asyncio.to_thread(self._vault.waiting, self._most):
            self._metrics.faces_waiting.set(await asyncio.to_thread(self._vault.waiting_count))
            await asyncio.gather(*(self._judge(number, one) for number, one in waiting))
        self._metrics.faces_waiting.set(0)

    async def _judge(self, number: int, one: Shown) -> None:
        began_s = time.perf_counter()
        said = one.said
        camera = self._cameras.get(said.device, AS_SHIPPED)
        enrolled, seen = await self._who(one, camera)
        if enrolled is None or seen is None:
            # Whose it was to be nobody knows: no person's record, and nothing of it stays.
            what = "unrecognised" if said.identity_token is None else "unknown_token"
            self._metrics.face_checks.labels(what).inc()
            log.warning("checkin_%s kiosk=%s", what, said.device)
            await asyncio.to_thread(self._vault.settle, number, one, None, seen=None, keep_us=0)
            return
        async with self._turn:
            attempt = await self._decide(number, one, enrolled, seen, camera)
        self._metrics.face_checks.labels(attempt.verdict).inc()
        self._metrics.face_seconds.observe(time.perf_counter() - began_s)

    async def _decide(
        self, number: int, one: Shown, enrolled: Enrolled, seen: Seen, camera: Camera
    ) -> Attempt:
        """Return the verdict of an attempt, once it is in the journal."""
        said, vault = one.said, self._vault
        since_us = one.received_at_us - PAST_US
        past = await asyncio.to_thread(vault.past, enrolled.subject, since_us)
        nonce = str(said.extra.get("nonce", ""))
        is_used = await asyncio.to_thread(vault.has_nonce, nonce, said.device, said.attempt)
        issued = await asyncio.to_thread(vault.issued, nonce)
        fixes = () if camera.place is None else await self._whereabouts(enrolled.subject)
        attempt, shown = judge(
            one, seen, enrolled, past, camera,
            is_nonce_used=is_used, challenge_fault=challenge_fault(one, issued, camera),
            fixes=fixes,
        )  # fmt: skip
        if FORGED.intersection(attempt.causes):
            log.warning("checkin_forged kiosk=%s attempt=%s", said.device, said.attempt)
            # Its nonce is still the kiosk's to answer.
            one = replace(one, said=replace(said, extra={}))
        await self._record([attempt])
        await self._settle(number, one, attempt, shown)
        return attempt

    async def _who(self, one: Shown, camera: Camera) -> tuple[Enrolled | None, Seen | None]:
        """Return whose attempt it is, and what it shows; None: nobody's that we know."""
        token, engine = one.said.identity_token, DlibEngine.name
        if token is not None:
            enrolled = await asyncio.to_thread(self._vault.enrolled, token, engine)
            if enrolled is None or enrolled.org != one.org:
                return None, None
            return enrolled, await self._seen(one, camera)
        if camera.identification is None:
            return None, None
        seen = await self._seen(one, camera)
        if seen.template is None:
            return None, None
        found = await asyncio.to_thread(
            self._identified, one.org, seen.template, camera.identification
        )
        return found, seen

    def _identified(self, org: str, face: Template, bounds: Identification) -> Enrolled | None:
        gallery = self._vault.gallery(org, DlibEngine.name)
        index = identify(face, gallery, bounds)
        return None if index is None else Enrolled(gallery.subjects[index], org, gallery.of(index))

    async def _seen(self, one: Shown, camera: Camera) -> Seen:
        if one.said.image is None:
            return of_embedding(one.said, DlibEngine.name, _TEMPLATE_NUMBERS)
        return await self._workers.see(one.said.image, camera.gates)

    async def _settle(self, number: int, one: Shown, attempt: Attempt, shown: Past) -> None:
        keep_us = 0
        if attempt.verdict != "match" and self._keep_us:
            keep_us = self._clock_us() + self._keep_us
        await asyncio.to_thread(
            self._vault.settle, number, one, attempt.subject, seen=shown, keep_us=keep_us
        )

    def _forget_who_left(self) -> None:
        """Destroy the faces of whom nothing binds to us any more, and what was kept long enough."""
        now_us, directory = self._clock_us(), self._directory()
        self._vault.expire(now_us, now_us - PAST_US)
        if directory is None:
            return
        bound = _bound(directory, now_us // _US_PER_MS)
        for subject in self._vault.subjects():
            if subject not in bound:
                count = self._vault.forget(subject)
                # Also of whom nothing was told yet: who enrolled them has to see it.
                log.warning("faces_forgotten subject=%s templates=%d", subject, count)
        people = self._vault.people()
        self._metrics.face_people.set(people)
        if people >= FILING_THRESHOLD:
            log.warning("faces_to_be_filed people=%d threshold=%d", people, FILING_THRESHOLD)


def _bound(directory: Directory, now_ms: int) -> set[str]:
    """Return who is supervised: by class, or with none told by order or device; or has a duty."""
    lasting = {
        subject
        for held in (directory.subjects, directory.checkins)
        for subject, rows in held.items()
        if any(row.valid_to_ms > now_ms for row in rows)
    }
    unclassed = {
        subject
        for subject, spans in directory.orders.items()
        if any(valid_to_ms > now_ms for _, valid_to_ms in spans)
    } | {
        row.holder
        for rows in directory.bindings.values()
        for row in rows
        if row.holder_kind == "subject" and row.valid_to_ms > now_ms
    }
    return lasting | (unclassed - directory.subjects.keys())
