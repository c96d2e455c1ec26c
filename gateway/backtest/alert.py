"""What a detector says."""

import msgspec


class Alert(msgspec.Struct):
    """What an officer was told: one episode.

    Attributes:
        rule: Which rule.
        subject: About whom, by pseudonym.
        fence: About which fence, for the place rules.
        begin_ms: Since when it holds, by fix time.
        at_ms: When the officer was told.
        is_withdrawn: Late data showed that it was none, and the detector said so.
        end_ms: Until when it held; None: it still does.
        episode: Its identity.
        org: Organisation of the device.
        device: Whose reports decided.
        target: Fence, pair, site, check-in or whatever it is about.
        members: Whom an alert without a subject is about, where it says so.
    """

    rule: str
    subject: str
    fence: str | None
    begin_ms: int
    at_ms: int
    is_withdrawn: bool = False
    end_ms: int | None = None
    episode: str = ""
    org: str = ""
    device: str = ""
    target: str = ""
    members: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """About whom it is: a person, else an organisation."""
        return self.subject or self.org
