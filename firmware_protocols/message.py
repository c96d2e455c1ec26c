"""What every codec decodes to: one record type per kind, SI units, UTC, absent means absent.

Three clocks are kept apart: `fix_time_ms` is the device's claim of when the position or the state
held, `sent_time_ms` its claim of when it sent the message, and `received_at` (the platform's own)
is in no record, for a library has no clock. The names are those of `guitu decode` and of
`docs/protocols/`.
"""

from typing import Any, Literal

import msgspec

Datum = Literal["WGS84", "GCJ02", "BD09"]
ReportKind = Literal["fix", "status", "vitals"]


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of telemetry: a position, a device state without one, or vital signs alone.

    Attributes:
        device: Device id: the pseudonymous one where the codec runs under a topic, the terminal's
            own number where the frame carries it; empty when nobody says.
        kind: "fix" has a position, "status" has none, "vitals" has only vital signs.
        fix_time_ms: The device's claim of when, milliseconds since 1970 UTC.
        boot: Device boot counter; (device, boot, seq) names a report for ever.
        seq: Sequence number within the boot; for protocols without one see `identity`.
        sent_time_ms: The device's claim of when it sent this, milliseconds since 1970 UTC.
        valid: False when the device itself says that the position is not a current fix.
        longitude_deg: Longitude in `datum`, degrees, x.
        latitude_deg: Latitude in `datum`, degrees, y.
        datum: Datum of the position.
        accuracy_m: Radius of the 68 % error circle, metres.
        altitude_m: Height, metres, as the device gives it.
        speed_mps: Ground speed, metres per second.
        heading_deg: Course over ground, degrees clockwise from north, 0 <= heading < 360.
        satellites: Satellites used.
        battery_pct: Charge, percent.
        alarms: Names from `firmware_protocols.alarm.ALARM_BITS`.
        backlog: The device says that it held this report back.
        skin_contact: The wristband touches skin.
        heart_rate_bpm: Beats per minute.
        systolic_mmhg: Blood pressure, mm Hg.
        diastolic_mmhg: Blood pressure, mm Hg.
        spo2_pct: Oxygen saturation, percent.
        skin_temperature_c: Degrees Celsius at the wrist.
        body_temperature_c: Degrees Celsius, as the device computes it.
        steps: Step counter.
        extra: What has no field above: values that JSON can carry; unknown bytes as hex.
    """

    device: str
    kind: ReportKind
    fix_time_ms: int
    boot: int
    seq: int
    sent_time_ms: int | None = None
    valid: bool = True
    longitude_deg: float | None = None
    latitude_deg: float | None = None
    datum: Datum | None = None
    accuracy_m: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    satellites: int | None = None
    battery_pct: int | None = None
    alarms: tuple[str, ...] = ()
    backlog: bool = False
    skin_contact: bool | None = None
    heart_rate_bpm: int | None = None
    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    spo2_pct: int | None = None
    skin_temperature_c: float | None = None
    body_temperature_c: float | None = None
    steps: int | None = None
    extra: dict[str, Any] = {}


class _Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every other record has."""

    device: str
    extra: dict[str, Any] = {}


class Login(_Said, frozen=True, kw_only=True, tag_field="kind", tag="login"):
    """A terminal says who it is.

    Attributes:
        step: "register" asks for an authentication code, "authenticate" shows it, "login" is the
            one step of protocols without a code.
        terminal: The number that it is known by on the wire (phone, IMEI, watch id).
        auth_code: Code that it shows.
        imei: 15 digits.
        iccid: Of its SIM, 19 or 20 digits.
        maker: Manufacturer id.
        model: Model.
        serial: Manufacturer's terminal id.
        firmware: Software version.
        utc_offset_min: Its clock's offset from UTC, minutes.
    """

    step: Literal["register", "authenticate", "login"]
    terminal: str
    auth_code: str | None = None
    imei: str | None = None
    iccid: str | None = None
    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    utc_offset_min: int | None = None


class Heartbeat(_Said, frozen=True, kw_only=True, tag_field="kind", tag="heartbeat"):
    """A sign of life that carries no time of its own; its alarms hold when it arrives."""

    battery_pct: int | None = None
    steps: int | None = None
    alarms: tuple[str, ...] = ()


class Logout(_Said, frozen=True, kw_only=True, tag_field="kind", tag="logout"):
    """The terminal takes its leave (JT/T 808 0x0003)."""


class Request(_Said, frozen=True, kw_only=True, tag_field="kind", tag="request"):
    """The terminal asks for something; `request` says for what ("time", "resend", ...)."""

    request: str


TaskStep = Literal["accepted", "declined", "en_route", "on_site", "reported"]
ReplyStep = TaskStep | Literal["seen"]
TaskFinding = Literal["founded", "unfounded", "inconclusive"]


class Reply(_Said, frozen=True, kw_only=True, tag_field="kind", tag="reply"):
    """The terminal answers a down-link.

    Attributes:
        to: Key of what it answers, as `firmware_protocols.dialogue.Sent.key` gave it.
        ok: Whether it did it; None when the answer does not tell.
        text: Its words.
        step: How far the person is whom a task sends; "seen": the person has seen an alert.
        finding: What that person's report speaks for.
        media: Recordings that go with it: ids of the terminal's own, or DEVICE/RECORDING.
    """

    to: str
    ok: bool | None = None
    text: str | None = None
    step: ReplyStep | None = None
    finding: TaskFinding | None = None
    media: tuple[str, ...] = ()


class CheckIn(_Said, frozen=True, kw_only=True, tag_field="kind", tag="checkin"):
    """One attempt to check in at a kiosk (信息化核查, Art. 26).

    Attributes:
        attempt: Id of the attempt, unique for the kiosk.
        identity_token: Claimed identity, a token that only its office can resolve; None: nobody
            said who comes.
        challenge_time_ms: When the kiosk asked, milliseconds since 1970 UTC, kiosk's clock.
        response_time_ms: When the person had answered, likewise.
        image: JPEG; None when an embedding is sent instead.
        embedding: Face embedding of the kiosk's model.
        embedding_model: Which model made it.
        liveness: What the kiosk saw, by name of the check.
        longitude_deg: Where the kiosk stands, degrees in `datum`.
        latitude_deg: Likewise.
        datum: Datum of the position.
    """

    attempt: str
    identity_token: str | None
    challenge_time_ms: int
    response_time_ms: int
    image: bytes | None = None
    embedding: tuple[float, ...] | None = None
    embedding_model: str | None = None
    liveness: dict[str, Any] = {}
    longitude_deg: float | None = None
    latitude_deg: float | None = None
    datum: Datum | None = None


class Media(_Said, frozen=True, kw_only=True, tag_field="kind", tag="media"):
    """A recording that the device holds or sends: its entry in the media index.

    Attributes:
        media: Id of the recording on the device.
        media_type: "image", "audio" or "video".
        begin_time_ms: Device's claim, milliseconds since 1970 UTC.
        end_time_ms: Likewise.
        sha256: Hex digest of the file.
        size_bytes: Of the file.
        officer: Officer's id.
        case: Case reference.
        payload: The recording itself where the protocol carries it.
    """

    media: str
    media_type: Literal["image", "audio", "video", "other"]
    begin_time_ms: int | None = None
    end_time_ms: int | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    officer: str | None = None
    case: str | None = None
    payload: bytes | None = None


class Unknown(_Said, frozen=True, kw_only=True, tag_field="kind", tag="unknown"):
    """A sound frame whose meaning nobody here knows; every byte of it is kept.

    Attributes:
        message: The frame's own type ("0x5501", "TKQ2", ...).
        payload: The frame's body.
    """

    message: str
    payload: bytes


Message = Report | Login | Heartbeat | Logout | Request | Reply | CheckIn | Media | Unknown
