"""The demonstration county as a registry file."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from device_sims.cast import Cast, Subject, Wearer, org_of
from device_sims.dice import Dice
from device_sims.registry_file import (
    FORMAT,
    Row,
    binding_row,
    device_row,
    fence_row,
    order_row,
    org_rows,
    stamp,
)
from device_sims.territory import COUNTY, OFFICES, office_id

WRISTBAND_INTERVAL_S: Final = 60
PHONE_INTERVAL_S: Final = 300
RECORDER_INTERVAL_S: Final = 60
TERMINAL_INTERVAL_S: Final = 60
KIOSK_INTERVAL_S: Final = 3_600
SUPERVISOR: Final = f"{COUNTY}-supervisor"

CHECK_IN_DAYS: Final = "check-in-days"
CHECK_INS_PER_OFFICE: Final = 3
_CHECK_IN_GRACE_S: Final = 3_600
_CHECK_IN_SINCE_DAYS: Final = 60


def registry(
    seed: int,
    *,
    subjects: int = 550,
    wearing: int = 30,
    terminals: int = 0,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Return the county in the format of docs/wire/registry-v1.md.

    Ids, names and places follow from the seed alone, dates from `now` too. Officers come without
    passwords.

    Args:
        seed: Seed of the county; `guitu sim run county` wants the same.
        subjects: People under supervision.
        wearing: How many of them are under a positioning order with a wristband.
        terminals: How many more are under one with a terminal that speaks TCP.
        now: Orders and bindings are in force at this time; None: at the time of the call.

    Raises:
        ScenarioError: The numbers do not go together.
    """
    now = now or datetime.now(UTC)
    cast = Cast(seed, subjects=subjects, wearing=wearing + terminals, terminals=terminals)
    since = {wearer.device: _order_begin(cast.seed, wearer, now) for wearer in cast.wearers}
    return {
        "format": FORMAT,
        "orgs": org_rows(cast.territory),
        "officers": _officer_rows(cast),
        "subjects": [subject_row(cast.seed, subject, now.date()) for subject in cast.subjects],
        "devices": _device_rows(cast),
        "bindings": _binding_rows(cast, since, now),
        "orders": _order_rows(cast, since),
        "fences": _fence_rows(cast, since, now),
        "schedules": [_CHECK_IN_SCHEDULE],
        "checkins": _check_in_rows(cast, now),
    }


def _order_begin(seed: int, wearer: Wearer, now: datetime) -> datetime:
    dice = Dice(seed, "order", wearer.subject.index)
    return now - timedelta(days=dice.integer(0, 3, 40), hours=dice.integer(1, 0, 8))


def subject_row(seed: int, subject: Subject, today: date) -> Row:
    """Return a person under supervision, with a term that `today` is in."""
    dice = Dice(seed, "term", subject.index)
    begin = today - timedelta(days=dice.integer(0, 60, 500))
    return {
        "subject": subject.subject,
        "org": org_of(subject),
        "name": subject.name,
        "category": subject.category,
        "is_minor": subject.is_minor,
        "term_from": begin.isoformat(),
        "term_to": (today + timedelta(days=dice.integer(1, 100, 900))).isoformat(),
        "public_credit": subject.public_credit,
    }


def _officer_rows(cast: Cast) -> list[Row]:
    chief = Dice(cast.seed, "supervisor").integer(0, 1, 9)
    supervisor = {
        "login": SUPERVISOR,
        "org": COUNTY,
        "role": "supervisor",
        "name": f"{'赵钱孙李周吴郑王冯陈'[chief]}大队长",
    }
    officers = [
        {"login": officer.login, "org": org_of(officer), "role": "officer", "name": officer.name}
        for officer in cast.officers
    ]
    return [supervisor, *officers]


def _device_rows(cast: Cast) -> list[Row]:
    rows = [
        device_row(
            wearer.device,
            org_of(wearer.subject),
            "wristband",
            WRISTBAND_INTERVAL_S,
            wearer.terminal,
        )
        for wearer in cast.wearers
    ]
    for officer in cast.officers:
        rows.append(device_row(officer.phone, org_of(officer), "phone", PHONE_INTERVAL_S))
        if officer.recorder:
            org = org_of(officer)
            rows.append(device_row(officer.recorder, org, "recorder", RECORDER_INTERVAL_S))
        if officer.terminal:
            org = org_of(officer)
            rows.append(device_row(officer.terminal, org, "terminal", TERMINAL_INTERVAL_S))
    rows += [
        device_row(_kiosk_of(office), office_id(office), "kiosk", KIOSK_INTERVAL_S)
        for office in range(len(OFFICES))
    ]
    return rows


def _binding_rows(cast: Cast, since: dict[str, datetime], now: datetime) -> list[Row]:
    worn = [
        binding_row(wearer.device, "subject", wearer.subject.subject, since[wearer.device])
        for wearer in cast.wearers
    ]
    carried_since = now - timedelta(days=60)
    carried = [
        binding_row(device, "officer", officer.login, carried_since)
        for officer in cast.officers
        for device in (officer.phone, officer.recorder, officer.terminal)
        if device is not None
    ]
    return [*worn, *carried]


def _order_rows(cast: Cast, since: dict[str, datetime]) -> list[Row]:
    return [
        order_row(
            wearer.subject.index + 1,
            wearer.subject.subject,
            Dice(cast.seed, "order", wearer.subject.index),
            since[wearer.device],
        )
        for wearer in cast.wearers
    ]


def _fence_rows(cast: Cast, since: dict[str, datetime], now: datetime) -> list[Row]:
    wearers = cast.wearers
    begin = min(since.values(), default=now)
    everybody = [wearer.subject.subject for wearer in wearers]
    rows = [fence_row(cast.territory, cast.county_fence, COUNTY, everybody, begin)]
    for wearer in wearers:
        own = [fence for fence in wearer.fences if fence is not cast.county_fence]
        org, valid_from = org_of(wearer.subject), since[wearer.device]
        whom = [wearer.subject.subject]
        rows += [fence_row(cast.territory, fence, org, whom, valid_from) for fence in own]
    return rows


_CHECK_IN_SCHEDULE: Final[Row] = {
    "schedule": CHECK_IN_DAYS,
    "org": COUNTY,
    "zone": "Asia/Shanghai",
    "windows": [{"start": "08:30", "end": "11:00", "days": [1, 3, 5]}],
}


def _check_in_rows(cast: Cast, now: datetime) -> list[Row]:
    """Return the duties of a few adults of each office who wear nothing."""
    wearing = {wearer.subject.index for wearer in cast.wearers}
    free = [one for one in cast.subjects if one.index not in wearing and not one.is_minor]
    whose = [
        one
        for office in range(len(OFFICES))
        for one in [s for s in free if s.office == office][:CHECK_INS_PER_OFFICE]
    ]
    since = stamp(now - timedelta(days=_CHECK_IN_SINCE_DAYS))
    return [
        {
            "checkin": f"ci-{one.index + 1:06d}",
            "subject": one.subject,
            "schedule": CHECK_IN_DAYS,
            "kiosk": _kiosk_of(one.office),
            "grace_s": _CHECK_IN_GRACE_S,
            "valid_from": since,
        }
        for one in whose
    ]


def _kiosk_of(office: int) -> str:
    return f"kk-{office + 1:04d}"
