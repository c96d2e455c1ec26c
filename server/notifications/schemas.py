"""Bodies and answers of the notification calls, as docs/http-notifications.md says."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from server.notifications.channel import Kind
from server.notifications.message import Tells
from server.notifications.outbox import Severity
from server.notifications.template import Language
from server.schema import Strict, Words

DeliveryState = Literal["queued", "sending", "delivered", "dead"]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Languages = Annotated[list[Language], Field(min_length=1, max_length=2)]
Severities = Annotated[list[Severity], Field(min_length=1, max_length=3)]
Url = Annotated[
    SecretStr,
    Field(max_length=2_000, description="of http(s), or Apprise's own; never answered again"),
]
Secret = Annotated[
    SecretStr, Field(min_length=1, max_length=200, description="a robot's, to sign its requests")
]


class Quiet(Strict):
    """Hours by Beijing time in which only what is critical is told; over midnight as well."""

    begins: time
    ends: time

    @model_validator(mode="after")
    def _is_no_whole_day(self) -> "Quiet":
        if self.begins == self.ends:
            raise ValueError("a whole day cannot be quiet: enabled says whether a channel tells")
        if self.begins.tzinfo or self.ends.tzinfo:
            raise ValueError("hours are Beijing's: without an offset")
        return self


class NewChannel(Strict):
    """A channel as it is entered."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "robot",
                    "name": "城东司法所值班群",
                    "address": "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
                    "secret": "SEC0123456789abcdef",
                    "severities": ["critical", "major"],
                }
            ]
        },
    )

    kind: Kind
    name: Name
    org: Annotated[str | None, Field(max_length=40, description="none: the own")] = None
    login: Annotated[
        str | None, Field(max_length=40, description="whose; none: the organisation's")
    ] = None
    address: Url | None = None
    secret: Secret | None = None
    tells: Tells = "reference_only"
    languages: Languages = ["zh", "en"]
    severities: Severities = ["critical", "major", "minor"]
    quiet: Annotated[
        Quiet | None,
        Field(description="absent: the policy's for a person's channel, none for an office's"),
    ] = None
    enabled: bool = True

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "NewChannel":
        if (self.kind == "terminal") != (self.address is None):
            raise ValueError("an address goes with every kind but terminal")
        if self.kind == "terminal" and self.login is None:
            raise ValueError("a terminal's channel is a person's: say whose login")
        if self.secret is not None and self.kind != "robot":
            raise ValueError("a secret goes with a robot; a webhook's is made here")
        _check_tells(self.kind, self.tells)
        return self


class ChannelChange(Strict):
    """What changes of a channel; what is absent stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: Name | None = None
    address: Url | None = None
    secret: Secret | None = None
    tells: Tells | None = None
    languages: Languages | None = None
    severities: Severities | None = None
    quiet: Quiet | None = None
    enabled: bool | None = None


class ChannelInfo(BaseModel):
    """A channel. Its address and secrets are shown to nobody."""

    id: str
    org: str
    login: str | None
    kind: Kind
    name: str
    address_shown: str
    tells: Tells
    languages: list[Language]
    severities: list[Severity]
    quiet: Quiet | None
    enabled: bool
    failure_count: Annotated[int, Field(description="failures in a row")]
    broken_until: Annotated[datetime | None, Field(description="it rests until then")]
    waiting: Annotated[int, Field(description="deliveries on their way")]
    dead: Annotated[int, Field(description="deliveries given up")]
    secret_count: Annotated[int, Field(description="secrets that sign a webhook now")]
    entered_by: str
    entered_at: datetime
    version: int


class ChannelPage(BaseModel):
    """A page of channels."""

    items: list[ChannelInfo]
    next_cursor: str | None


class NewSecret(BaseModel):
    """What signs a webhook from now on, shown this once; the ones before sign for a day yet."""

    id: str
    secret: str
    others_end_at: datetime


class TestSend(BaseModel):
    """The notification that tries a channel."""

    notification: int


class Delivery(BaseModel):
    """A notification on its way over one channel."""

    id: int
    notification: int
    channel: str
    channel_name: str
    org: str
    kind: str
    severity: Severity
    alert: str | None
    login: str | None
    state: DeliveryState
    attempts: int
    queued_at: datetime
    first_at: datetime | None
    next_at: datetime
    ended_at: datetime | None
    read_at: datetime | None
    detail: str
    message_key: Annotated[str | None, Field(description="what the receiver knows it by")]
    command: Annotated[str | None, Field(description="what a terminal was sent")]
    command_state: str | None


class DeliveryPage(BaseModel):
    """A page of deliveries, newest first."""

    items: list[Delivery]
    next_cursor: str | None


class NotificationInfo(BaseModel):
    """What a person was told, as it stands on the own desk: references only."""

    id: int
    kind: str
    severity: Severity
    alert: str | None
    org: str
    title: Words
    text: Words
    queued_at: datetime
    read_at: datetime | None


class NotificationPage(BaseModel):
    """A page of notifications, newest first."""

    items: list[NotificationInfo]
    next_cursor: str | None


class Unread(BaseModel):
    """How many notifications of a person are not read."""

    unread: int
    critical: int


class ReadThrough(Strict):
    """Up to which notification everything is read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"through": 1}]})

    through: Annotated[int, Field(ge=1)]


def _check_tells(kind: Kind, tells: Tells) -> None:
    if tells == "name" and kind != "terminal":
        raise ValueError("names are told on the site's own terminals only")
