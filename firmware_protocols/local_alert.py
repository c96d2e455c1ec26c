"""An alert that a gateway tells a terminal on duty by itself, the same for every protocol."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]
_Words = Annotated[str, Meta(max_length=200)]


class AlertTitle(msgspec.Struct, frozen=True):
    """What the rule is called."""

    zh: _Words
    en: _Words


class LocalAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a terminal shows. No place: a broker may keep what it passes on.

    Attributes:
        id: The episode's, which is the alert's at the server: a repetition has the same.
        rule: Name of the rule.
        severity: How grave.
        title: What the rule is called.
        org: Organisation that it happened in.
        subject: Pseudonym; empty where it is about nobody.
        begin_time_ms: When it began, milliseconds since 1970 UTC.
        withdrawn: Late data contradict it: nobody needs to go. It is not answered.
    """

    id: _Id
    rule: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z")]
    severity: Literal["critical", "major", "minor"]
    title: AlertTitle
    org: _Id
    subject: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,40}\Z")]
    begin_time_ms: Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]
    withdrawn: bool = False
