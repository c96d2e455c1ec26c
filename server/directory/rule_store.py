"""SQL of what the rules need to know; run as guitu_ingest in a gateway's scope.

What ended more than 30 days ago is left out, as in `store`. Schedules and sensitive periods of the
organisations above are among the answers, for what they set holds below.
"""

from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one
from server.directory.store import ORDERS_OF_THE_SCOPE

_NO_RULES: Final[dict[str, Any]] = {"version": "2026-11-01", "parameters": {}}

_SECTIONS: Final = {
    "subjects": """
      SELECT subject_id AS subject, org_id AS org, supervision_class AS class, colour, valid_from,
        valid_to
      FROM subject_version WHERE coalesce(valid_to, 'infinity') > now() - interval '30 days'
      ORDER BY subject_id, valid_from""",
    "leaves": """
      SELECT id AS leave, subject_id AS subject, kind, fence_id AS fence, valid_from, valid_to
      FROM leave WHERE valid_to > now() - interval '30 days' ORDER BY id""",
    "no_contact": """
      SELECT id AS pair, subject_id AS subject, other_id AS other, distance_m, valid_from, valid_to
      FROM no_contact WHERE coalesce(valid_to, 'infinity') > now() - interval '30 days'
      ORDER BY id""",
    "sites": """
      SELECT id AS site, kind, name, datum, longitude_deg, latitude_deg, radius_m, official,
        valid_from, valid_to
      FROM site WHERE coalesce(valid_to, 'infinity') > now() - interval '30 days' ORDER BY id""",
    "checkins": """
      SELECT id AS checkin, subject_id AS subject, schedule_id AS schedule, kiosk_id AS kiosk,
        grace_s, valid_from, valid_to
      FROM checkin_duty WHERE coalesce(valid_to, 'infinity') > now() - interval '30 days'
      ORDER BY id""",
    "periods": """
      SELECT id AS period, name, valid_from, valid_to, parameters, classes
      FROM directory_periods() WHERE valid_to > now() - interval '30 days'
      ORDER BY valid_from, id""",
    "planned_silences": """
      SELECT device_id AS device, valid_from, valid_to
      FROM planned_silence WHERE valid_to > now() - interval '30 days'
      ORDER BY device_id, valid_from""",
    # An order that another one continues does not lapse; of a binding the device is its name.
    "lapses": f"""
      SELECT lapse, kind, subject, valid_to FROM (
        SELECT o.id AS lapse, 'order' AS kind, o.subject_id AS subject,
          least(o.valid_to, o.lifted_at) AS valid_to
        FROM positioning_order o WHERE {ORDERS_OF_THE_SCOPE}
          AND NOT EXISTS (SELECT FROM positioning_order n
          WHERE n.subject_id = o.subject_id AND n.valid_from <= least(o.valid_to, o.lifted_at)
            AND least(n.valid_to, n.lifted_at) > least(o.valid_to, o.lifted_at))
        UNION ALL SELECT id, 'permit', subject_id, valid_to FROM permit
        UNION ALL SELECT id, 'leave', subject_id, valid_to FROM leave
        UNION ALL SELECT device_id, 'binding', holder_id, valid_to FROM binding
          WHERE holder_kind = 'subject' AND valid_to IS NOT NULL) AS ends
      WHERE valid_to > now() - interval '30 days' ORDER BY valid_to, lapse, kind""",  # noqa: S608 - a constant
}


async def rules(connection: Connection) -> dict[str, Any]:
    """Return the rule set in force, with all defaults where none was entered."""
    row = await fetch_one(connection, "SELECT version, body FROM rule_set_in_force()")
    return _NO_RULES if row is None else {"version": row["version"]} | row["body"]


async def schedules(connection: Connection) -> list[dict[str, Any]]:
    """Return the schedules of the scope and of those above it."""
    rows = await fetch_all(connection, "SELECT body FROM directory_schedules() ORDER BY id")
    return [row["body"] for row in rows]


async def rule_sections(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return every other section by name."""
    return {name: await fetch_all(connection, query) for name, query in _SECTIONS.items()}
