"""One attempt to check in (信息化核查): what a kiosk or phone says of a face check."""

from typing import Literal

import msgspec

Verdict = Literal["match", "no_match", "inconclusive"]


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """One attempt; milliseconds since 1970 UTC.

    Attributes:
        org: Organisation of the kiosk.
        kiosk: Where it was made.
        subject: Pseudonym of whom it was to be.
        attempt: Its id, given by the kiosk.
        challenge_time_ms: When it was asked for, as the kiosk says.
        response_time_ms: When it was made, as the kiosk says: its time.
        received_ms: When it came, our clock; decides nothing.
        verdict: What the comparison said.
        capture: Digest of what the camera took; empty: none was kept.
        causes: Why it is no match, in the words of docs/faces.md; decides nothing more.
    """

    org: str
    kiosk: str
    subject: str
    attempt: str
    challenge_time_ms: int
    response_time_ms: int
    received_ms: int
    verdict: Verdict
    capture: bytes
    causes: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, int, str, str, str, str, bytes]:
        """What attempts are sorted by; equal for a repeated delivery of the same attempt."""
        return (
            self.response_time_ms,
            self.challenge_time_ms,
            self.attempt,
            self.kiosk,
            self.subject,
            self.verdict,
            self.capture,
        )
