"""What a gateway would refuse once the rows of a file are written; the caller then undoes them."""

from typing import Final

from server.db import Connection, fetch_all
from server.registry.checks import Faults
from server.registry.schemas import RegistryFile

# A schedule reaches those gateways only that it lies above or below.
_FENCE_SCHEDULE: Final = """
  SELECT f.id FROM fence f JOIN schedule s ON s.id = f.schedule_id
  JOIN org own ON own.id = f.org_id JOIN org other ON other.id = s.org_id
  WHERE f.id = ANY (%s)
    AND NOT (starts_with(own.path, other.path) OR starts_with(other.path, own.path))"""

_CHECKIN_SCHEDULE: Final = """
  SELECT c.id FROM checkin_duty c JOIN schedule s ON s.id = c.schedule_id
  JOIN org own ON own.id = c.org_id JOIN org other ON other.id = s.org_id
  WHERE c.id = ANY (%s)
    AND NOT (starts_with(own.path, other.path) OR starts_with(other.path, own.path))"""

_NO_KIOSK: Final = """
  SELECT c.id FROM checkin_duty c JOIN device d ON d.id = c.kiosk_id
  WHERE c.id = ANY (%s) AND d.kind <> 'kiosk'"""

_LEAVE_FENCE: Final = """
  SELECT l.id FROM leave l WHERE l.id = ANY (%s) AND l.fence_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM fence f WHERE f.id = l.fence_id
      AND f.use = CASE l.kind WHEN 'trip' THEN 'route' ELSE 'leave' END)"""

_LEAVES_AT_ONCE: Final = """
  SELECT l.id FROM leave l JOIN leave o ON o.subject_id = l.subject_id AND o.kind = l.kind
    AND o.id <> l.id AND o.valid_from < l.valid_to AND l.valid_from < o.valid_to
  WHERE l.id = ANY (%s)"""

_VERSIONS_AT_ONCE: Final = """
  SELECT v.subject_id AS id FROM subject_version v JOIN subject_version o
    ON o.subject_id = v.subject_id AND o.valid_from > v.valid_from
    AND o.valid_from < coalesce(v.valid_to, 'infinity')
  WHERE v.subject_id = ANY (%s)"""

_APART: Final = "belongs to an organisation that is neither above nor below this one's"
_CHECKS: Final = (
    ("fences", "fence", "schedule", _APART, _FENCE_SCHEDULE),
    ("checkins", "checkin", "schedule", _APART, _CHECKIN_SCHEDULE),
    ("checkins", "checkin", "kiosk", "is no kiosk", _NO_KIOSK),
    (
        *("leaves", "leave", "fence"),
        "a leave needs a fence of use leave, a trip one of use route",
        _LEAVE_FENCE,
    ),
    (
        *("leaves", "leave", "valid_from"),
        "overlaps another leave of that kind of the subject",
        _LEAVES_AT_ONCE,
    ),
    (
        *("subject_versions", "subject", "valid_from"),
        "the subject would have two versions at one time",
        _VERSIONS_AT_ONCE,
    ),
)


async def conflict_faults(connection: Connection, file: RegistryFile) -> Faults:
    """Return a fault for every entry of the file whose row does not go with others."""
    faults: Faults = []
    for section, key, member, text, query in _CHECKS:
        names = [getattr(entry, key) for entry in getattr(file, section)]
        if names:
            wrong = {row["id"] for row in await fetch_all(connection, query, (names,))}
            faults += [
                (f"/{section}/{index}/{member}", text)
                for index, name in enumerate(names)
                if name in wrong
            ]
    return faults
