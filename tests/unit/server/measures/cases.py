"""Situations to weigh, with a day that is easy to count from."""

from datetime import date, datetime, timedelta

from server.law.days import ZONE, LegalCalendar
from server.law.policy import national
from server.measures.conditions import Situation
from server.measures.finding import Finding
from server.measures.ladder import Past

CALENDAR = LegalCalendar()
POLICY = national()
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)


def finding(kind, **given):
    values = {"finding_id": "f-1", "kind": kind, "gravity": "minor", "begin_time": BEGIN}
    return Finding(**(values | given))


def past(kind, *, days_before=10, served=True, **given):
    decided = BEGIN - timedelta(days=days_before)
    served_at = decided + timedelta(hours=1) if served else None
    name = f"m-{kind}-{days_before}"
    return Past(name, kind, decided, **({"served_at": served_at} | given))


def situation(*findings, category="probation", past=(), now=None, **given):
    values = {
        "since": date(2025, 1, 1),
        "last_breach": None,
        "conditions": frozenset(),
        "policy": POLICY,
        "calendar": CALENDAR,
    }
    return Situation(
        category=category,
        findings=findings,
        past=tuple(past),
        now=now or BEGIN + timedelta(days=1),
        **(values | given),
    )
