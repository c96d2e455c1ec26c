"""The answer to a message that is not taken."""


class Refusal(Exception):  # noqa: N818  # not an error of ours: the answer to a message
    """Why a message, or one report of it, is refused.

    Attributes:
        reason: Stable word for counting.
        keep_bytes: Its bytes may be kept in quarantine.
    """

    def __init__(self, reason: str, detail: str, *, keep_bytes: bool) -> None:
        super().__init__(detail)
        self.reason = reason
        self.keep_bytes = keep_bytes
