"""Storms, silences and outages as a gateway tells them, and who is told of them."""

from datetime import datetime, timedelta
from typing import Any

from tests.server.alert_world import told
from tests.server.events import outcome
from tests.server.travelling import Travel

PLACELESS = {"fence": None, "fence_version": None}


def anchor(travel: Travel) -> datetime:
    """When what is told began, yesterday: far from noon in Beijing, where groups end."""
    return travel.clock.now.replace(hour=14, minute=0, second=0) - timedelta(days=1)


def event(travel: Travel, name: str, **given: Any) -> dict[str, Any]:
    """One outcome, an inclusion unless told otherwise; begun `ago` minutes before the anchor."""
    change = given.pop("change", "raised")
    begin = anchor(travel) - timedelta(minutes=given.pop("ago", 5))
    values = {"episode": name, "rule": "inclusion", "severity": "major"} | PLACELESS
    values |= {"begin_time": begin.isoformat(), "category": "violation"} | given
    made = outcome(change, **values)
    return made if values.get("subject") != "" else {k: made[k] for k in made if k != "subject"}


def silence(travel: Travel, name: str, **given: Any) -> dict[str, Any]:
    return event(travel, name, rule="silence", category="device", **given)


def outage(travel: Travel, name: str = "outage-1", **given: Any) -> dict[str, Any]:
    values = {"rule": "outage", "category": "device", "subject": "", "device": ""}
    return event(travel, name, **(values | given))


def ended(travel: Travel, of: dict[str, Any]) -> dict[str, Any]:
    """What clears an outcome's condition, now."""
    data = of["data"] | {"end_time": travel.clock.now.isoformat()}
    cleared = outcome(**data | {"change": "cleared"})
    return cleared if "subject" in of else {k: cleared[k] for k in cleared if k != "subject"}


def add_subjects(travel: Travel, count: int) -> list[str]:
    """People of the office, by pseudonym."""
    names = [f"s-more{number}" for number in range(count)]
    travel.site.rows(
        "INSERT INTO subject SELECT (jsonb_populate_record(s, jsonb_build_object('id', n))).*"
        " FROM subject s, unnest(%s::text[]) n WHERE s.id = 's-4k2m9q'",
        (names,),
    )
    return names


def told_of_alerts(travel: Travel) -> list[str]:
    return [kind for kind, _ in told(travel)]


def group_ids(travel: Travel) -> dict[str, str | None]:
    rows = travel.site.rows("SELECT id, group_id FROM alert")
    return {row["id"]: row["group_id"] for row in rows}


def held(travel: Travel) -> dict[str, tuple[str, str]]:
    """What is held, as what and by which."""
    rows = travel.site.rows("SELECT * FROM alert WHERE held_as IS NOT NULL")
    return {row["id"]: (row["held_as"], row["held_by"]) for row in rows}
