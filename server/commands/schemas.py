"""Commands as docs/http.md and docs/wire/commands-v1.md say."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from server.commands.lifecycle import Name, Progress, Reported, State
from server.schema import Strict

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]

MOST_EVENTS = 1_000

EnteredName = Literal[
    "set_interval",
    "locate",
    "text",
    "restart",
    "power_off",
    "factory_reset",
    "close_link",
    "close_radio",
]
"""What a person enters; a task comes with its alert (docs/http-dispatch.md)."""


class NewCommand(Strict):
    """A command as a person enters it."""

    name: EnteredName
    interval_s: Annotated[int, Field(ge=1, le=65_535)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = None
    purpose: Annotated[str, Field(min_length=4, max_length=200, pattern=r"\S")]
    valid_for_s: Annotated[int, Field(ge=60, le=86_400)] = 3_600

    @model_validator(mode="after")
    def _has_what_its_name_needs(self) -> "NewCommand":
        for field, owner in (("interval_s", "set_interval"), ("text", "text")):
            is_given = getattr(self, field) is not None
            if is_given is not (self.name == owner):
                verb = "does not go with" if is_given else "is wanted by"
                raise ValueError(f"{field} {verb} {self.name}")
        return self


class PersonRef(BaseModel):
    """An account and the name of its person."""

    login: str
    name: str


class CommandStep(BaseModel):
    """One state and who said so: a person, a gateway, or (neither) the server."""

    step: State
    by: PersonRef | None
    gateway: str | None
    detail: str
    at: datetime


class Command(BaseModel):
    """A command as people see it."""

    id: str
    version: int
    org: str
    device: str
    name: Name
    interval_s: int | None
    text: str | None
    purpose: str
    state: State
    state_at: datetime
    detail: str
    requested_by: PersonRef
    requested_at: datetime
    approved_by: PersonRef | None
    approved_at: datetime | None
    expires_at: datetime


class CommandWithSteps(Command):
    """A command and every state that it was in, oldest first."""

    steps: list[CommandStep]


class CommandPage(BaseModel):
    """A page of commands, newest first."""

    items: list[Command]
    next_cursor: str | None


class GatewayTask(BaseModel):
    """Where a task sends and by when; no place: its text says where, or somebody tells."""

    datum: Literal["WGS84"] = "WGS84"
    longitude_deg: float | None
    latitude_deg: float | None
    due_at: datetime


class GatewayCommand(BaseModel):
    """A command as a gateway gets it."""

    command: str
    device: str
    name: Name
    interval_s: int | None
    text: str | None
    task: GatewayTask | None
    approved_by: list[str]
    expires_at: datetime


class GatewayCommands(BaseModel):
    """What waits for a gateway's devices, oldest first."""

    commands: list[GatewayCommand]


class CommandEvent(BaseModel):
    """What became of a command, by the gateway's clock.

    `finding`: what a report speaks for; `media`: its recordings, DEVICE/RECORDING.
    """

    command: _Id
    state: Literal[Reported, Progress]
    at: AwareDatetime
    finding: Literal["founded", "unfounded", "inconclusive"] | None = None
    media: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}/[A-Za-z0-9_-]{1,40}$")]],
        Field(max_length=20),
    ] = []
    detail: Annotated[str, Field(max_length=10_000)] = ""


class CommandEvents(BaseModel):
    """A gateway's report."""

    events: Annotated[list[CommandEvent], Field(max_length=MOST_EVENTS)]


class CommandsTaken(BaseModel):
    """How many events of a report were news."""

    changed: int
