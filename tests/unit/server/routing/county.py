"""A county with an office, and who is there."""

from datetime import UTC, datetime, timedelta

from server.law.policy import national
from server.rota.on_duty import Absence, OnDuty, by_login
from server.routing.deciding import Waiting
from server.routing.plan import Account, Load, World

T0 = datetime(2026, 11, 22, 4, tzinfo=UTC)
POLICY = national()
ABOVE = (("county-a", "county"), ("city-a", "city"), ("province-a", "province"))
CHAINS = {"office-1": (("office-1", "office"), *ABOVE), "county-a": ABOVE}
STAFF = {
    "office-1": ("li", "wang", "zhao"),
    "county-a": ("chen",),
    "city-a": ("sun",),
    "province-a": ("qian",),
}
SUPERVISORS = {"zhao"}


def minutes(number):
    return T0 + timedelta(minutes=number)


def duty(login, post="officer", org="office-1", until=480):
    return OnDuty(login, org, post, f"shift-{login}", minutes(until), None)


def world(*on_duty, away=(), gone=(), loads=None, staff=None, now=T0):
    staff = STAFF if staff is None else staff
    accounts = {
        login: Account(
            login, org, "supervisor" if login in SUPERVISORS else "officer", login not in gone
        )
        for org, logins in staff.items()
        for login in logins
    }
    standing = {}
    for one in on_duty:
        standing.setdefault(one.org_id, []).append(one)
        role = "supervisor" if one.post == "lead" else "officer"
        accounts.setdefault(one.login, Account(one.login, one.org_id, role, one.login not in gone))
    absences = by_login(Absence(login, minutes(-60), minutes(600), None) for login in away)
    loads = {login: Load(*load) for login, load in (loads or {}).items()}
    return World(now, CHAINS, standing, accounts, staff, absences, loads)


def waiting(**given):
    values = {
        "id": "episode-1",
        "org_id": "office-1",
        "severity": "critical",
        "phase": "open",
        "level": -1,
        "assigned_to": None,
        "assigned_at": None,
        "on_duty_until": None,
        "clock_phase": None,
        "escalate_at": None,
        "group_id": None,
    }
    return Waiting(**(values | given))


def after(alert, routed):
    """The alert as a look left it."""
    names = ("level", "assigned_to", "assigned_at", "on_duty_until", "clock_phase", "escalate_at")
    return waiting(
        severity=alert.severity,
        phase=alert.phase,
        org_id=alert.org_id,
        **{name: getattr(routed, name) for name in names},
    )
