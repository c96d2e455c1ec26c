"""A small synthetic county for the browser tests, valid around the moment of the run."""

from datetime import UTC, datetime, timedelta
from typing import Any

COUNTY = "county-a"
OFFICE = "office-1"
PASSWORD = "correct horse battery 9"
OFFICERS = {"officer-1": "王警官", "officer-2": "李警官"}
SUPERVISORS = {"supervisor-1": "郑队长", "supervisor-2": "吴队长"}
AUDITOR = "auditor-1"
ADMIN = "admin-1"
SECURITY = "security-1"
HEAD = "head-1"
PROCURATOR = "procurator-1"
ENROLLING = "officer-3"
"""Nobody else's test signs in with it: from its test on a code is asked for."""
SCHOOL = (119.93, 28.42)
"""Centre of the exclusion circle, degrees."""

SUBJECTS = {
    "s-aaaaaa": ("张志强", "wb-000001", (119.93, 28.42)),
    "s-bbbbbb": ("李秀英", "wb-000002", (119.85, 28.36)),
    "s-cccccc": ("陈小龙", "wb-000003", (119.82, 28.44)),
    "s-eeeeee": ("刘洋", "wb-000005", (119.82, 28.4)),
    "s-ffffff": ("赵敏", "wb-000006", (120.02, 28.5)),
    "s-gggggg": ("周杰", "wb-000007", (120.05, 28.3)),
    "s-dddddd": ("黄丽", "wb-000004", (119.96, 28.34)),
}
"""Id: name, wristband, and where the first fix is, degrees. The
first fix of s-gggggg is old; s-eeeeee has no alerts."""

TRACKED = [subject for subject in SUBJECTS if subject != "s-dddddd"]
"""Those who are under an order."""

PHONE = ("ph-0001", "officer-1", (119.88, 28.46))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _orgs() -> list[dict[str, Any]]:
    return [
        {
            "org": COUNTY,
            "parent": None,
            "level": "county",
            "name_zh": "青溪县",
            "name_en": "Qingxi County",
            "boundary": _box(119.7, 28.25, 120.1, 28.55),
        },
        {
            "org": OFFICE,
            "parent": COUNTY,
            "level": "office",
            "name_zh": "城关司法所",
            "name_en": "Chengguan Office",
            "boundary": _box(119.78, 28.3, 119.92, 28.48),
        },
    ]


def _accounts() -> list[dict[str, Any]]:
    roles = [
        *((login, "officer", name) for login, name in OFFICERS.items()),
        *((login, "supervisor", name) for login, name in SUPERVISORS.items()),
        (ENROLLING, "officer", "赵警官"),
        (AUDITOR, "auditor", "孙审计"),
        (ADMIN, "admin", "周管理"),
        (SECURITY, "security", "钱保密"),
        (HEAD, "head", "李局长"),
        (PROCURATOR, "procurator", "冯检察官"),
    ]
    return [
        {"login": login, "org": COUNTY, "role": role, "name": name, "password": PASSWORD}
        for login, role, name in roles
    ]


def _bound(device: str, holder_kind: str, holder: str, since: str) -> dict[str, Any]:
    return {
        "device": device,
        "holder_kind": holder_kind,
        "holder": holder,
        "valid_from": since,
        "valid_to": None,
    }


def _order(number: int, subject: str, now: datetime) -> dict[str, Any]:
    return {
        "order": f"eo-{number}",
        "subject": subject,
        "ground": 2,
        "approved_by": "李局长",
        "approved_at": _stamp(now - timedelta(days=11)),
        "valid_from": _stamp(now - timedelta(days=10)),
        "valid_to": _stamp(now + timedelta(days=30, hours=12)),
    }


def registry() -> dict[str, Any]:
    """Return the county as a file of docs/wire/registry-v1.md; s-dddddd has no order."""
    now = datetime.now(UTC)
    since = _stamp(now - timedelta(days=10))
    devices = [device for _, device, _ in SUBJECTS.values()]
    return {
        "format": "guitu-registry/1",
        "orgs": _orgs(),
        "officers": _accounts(),
        "subjects": [
            {
                "subject": subject,
                "org": OFFICE,
                "name": name,
                "category": "probation",
                "is_minor": False,
                "term_from": f"{now.year - 1}-01-01",
                "term_to": f"{now.year + 1}-06-01",
                "public_credit": 820,
            }
            for subject, (name, _, _) in SUBJECTS.items()
        ],
        "devices": [
            {"device": device, "org": OFFICE, "kind": kind, "expected_interval_s": 60}
            for device, kind in [*((each, "wristband") for each in devices), (PHONE[0], "phone")]
        ],
        "bindings": [
            *(_bound(SUBJECTS[subject][1], "subject", subject, since) for subject in TRACKED),
            _bound(PHONE[0], "officer", PHONE[1], since),
        ],
        "orders": [_order(number, subject, now) for number, subject in enumerate(TRACKED, start=1)],
        "fences": [
            {
                "fence": "f-school",
                "org": COUNTY,
                "name": "城关小学",
                "use": "exclusion",
                "datum": "WGS84",
                "geometry": {"type": "Point", "coordinates": list(SCHOOL)},
                "radius_m": 300.0,
                "subjects": ["s-aaaaaa"],
                "valid_from": since,
            }
        ],
    }
