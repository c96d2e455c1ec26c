"""Posts facts: an account's lines become what its standing facts say, whatever came first.

A fact that comes late, or falls, changes what others count under a cap: their lines are reversed
and posted again. Lines are only ever appended.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from server.db import Connection
from server.scoring import ledger_store
from server.scoring.kinds import NUMBER_OF, PUBLIC_CREDIT
from server.scoring.policy import MILLI, Indicator, Policy, points_of
from server.scoring.schedule import Schedule, schedule_of
from server.scoring.score import BEIJING, OPENING, month_number, opening_points, public_points
from server.scoring.targets import Standing, public_targets, targets
from server.signing.canonical import canonical

REVERSAL: Final = "reversal"
"""The indicator of a line that takes another one back; its account is the other one's."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A confirmed fact, ready to be written.

    Attributes:
        id: Deterministic, so that a repeat does nothing.
        indicator: The kind of fact; a kind that no indicator of the policy reads moves no points.
        record_sha256: Of the frozen record that proves it, in hex; None: there is none.
    """

    id: str
    org_id: str
    subject_id: str
    indicator: str
    occurred_at: datetime
    quantity: Decimal
    evidence: dict[str, Any]
    confirmed_by: str
    note: str
    record_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why lines are written: by whom, and because of which fact."""

    author: str
    fact_id: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Settling:
    """What the lines of one account are written by; no indicator: of the public part."""

    policy: Policy
    indicator: Indicator | None
    cause: Cause


async def record_fact(connection: Connection, fact: Fact) -> bool:
    """Write a fact and the lines that follow from it; False when it stood already.

    A minor's facts move no points.
    """
    await ledger_store.lock_ledger(connection, fact.org_id)
    row = asdict(fact)
    taken = await ledger_store.take_fact(connection, row)
    if not taken["is_new"]:
        return False
    if taken["is_minor"] is not False:
        return True
    sha256 = fact.record_sha256
    cause = Cause(fact.confirmed_by, fact.id, {"record_sha256": sha256} if sha256 else {})
    await _settle(connection, row, cause)
    await _pack(connection, row, 1)
    return True


async def void_fact(
    connection: Connection, fact_id: str, *, because: str, author: str, evidence: Mapping[str, Any]
) -> bool:
    """Take back what a fact moved, from when it had counted; False when it fell before.

    Others that a cap had kept out count now. A score of an earlier day is then the right one.

    Args:
        connection: In a scope that has the person's file.
        fact_id: A fact that is there.
        because: What it fell by, such as `review rv-1`.
        author: Who decided it.
        evidence: Kept with the reversing lines.
    """
    found = await ledger_store.fact(connection, fact_id)
    if found is None:
        return False
    await ledger_store.lock_ledger(connection, found["org_id"])
    row = {"fact_id": fact_id, "org_id": found["org_id"], "subject_id": found["subject_id"]}
    row |= {"because": because, "by_login": author}
    if not await ledger_store.insert_void(connection, row):
        return False
    known = await ledger_store.subjects(connection, [found["subject_id"]])
    if any(one["is_minor"] for one in known.values()):
        return False
    moved = await _settle(connection, found, Cause(author, fact_id, evidence))
    await _pack(connection, found, -1)
    return moved


async def open_ledgers(
    connection: Connection, openings: Sequence[tuple[str, str, Decimal | None]], *, author: str
) -> None:
    """Open the ledgers of subjects that have none: (subject, org, public credit of 0 to 1000)."""
    known = await ledger_store.openings(connection, [subject for subject, _, _ in openings])
    opened = {row["subject_id"] for row in known}
    by_org: dict[str, list[tuple[str, Decimal | None]]] = {}
    for subject_id, org_id, credit in openings:
        if subject_id not in opened:
            by_org.setdefault(org_id, []).append((subject_id, credit))
    # In the order of the names: two imports cannot wait for each other.
    for org_id, people in sorted(by_org.items()):
        await ledger_store.lock_ledger(connection, org_id)
        schedule = await schedule_of(connection, org_id)
        policy = schedule.at(month_number(datetime.now(BEIJING)))
        entries = [
            entry
            for subject_id, credit in people
            for entry in _opening_entries(subject_id, credit, policy, author)
        ]
        await ledger_store.append(connection, org_id, entries)


async def _settle(connection: Connection, fact: Mapping[str, Any], cause: Cause) -> bool:
    """Make the lines of the fact's account what its standing facts say; return whether any moved.

    The ledger's lock is held.
    """
    org_id, subject_id = fact["org_id"], fact["subject_id"]
    schedule = await schedule_of(connection, org_id)
    policy = schedule.at(month_number(fact["occurred_at"]))
    indicator = policy.of_fact.get(fact["indicator"])
    is_public = fact["indicator"] == PUBLIC_CREDIT
    if indicator is None and not is_public:
        return False
    opening, head = await ledger_store.opened(connection, org_id, subject_id)
    if not opening:
        await open_ledgers(connection, [(subject_id, org_id, None)], author=cause.author)
        opening, head = await ledger_store.opened(connection, org_id, subject_id)
    kinds = indicator.facts if indicator else (PUBLIC_CREDIT,)
    facts, entries = await ledger_store.standing(connection, subject_id, kinds)
    if indicator is None:
        wanted = _public_wanted(facts, opening, schedule)
    else:
        facts = [
            one for one in facts
            if schedule.at(month_number(one["occurred_at"])).version == policy.version
        ]  # fmt: skip
        opened = min(month_number(row["effective_at"]) for row in opening)
        wanted = targets([_standing(one) for one in facts], indicator, opened)
    ours = [one for one in entries if _is_ours(one, fact, wanted)]
    lines = _lines(ours, facts, wanted, _Settling(policy, indicator, cause))
    await ledger_store.append(
        connection, org_id, [line | {"subject_id": subject_id} for line in lines], head=head
    )
    return bool(lines)


def _public_wanted(
    facts: Sequence[Mapping[str, Any]], opening: Sequence[Mapping[str, Any]], schedule: Schedule
) -> dict[str, int]:
    first = next((row for row in opening if row["part"] == "public"), None)
    figures = []
    for one in facts:
        policy = schedule.at(month_number(one["occurred_at"]))
        points = int(public_points(one["quantity"], policy) * MILLI)
        figures.append((_standing(one), points))
    if first is None:
        return public_targets(figures, None)
    later = [one for one in figures if one[0].occurred_at > first["effective_at"]]
    older = {one[0].id: 0 for one in figures if one[0].occurred_at <= first["effective_at"]}
    return older | public_targets(later, first["points_milli"])


def _is_ours(entry: Mapping[str, Any], fact: Mapping[str, Any], wanted: Mapping[str, int]) -> bool:
    """Return whether a line is of the facts that are settled, or of the one that fell."""
    return entry["fact_id"] in wanted or entry["fact_id"] == fact["id"]


def _lines(
    entries: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]],
    wanted: Mapping[str, int],
    by: _Settling,
) -> list[dict[str, Any]]:
    account = by.indicator.id if by.indicator else PUBLIC_CREDIT
    lines, kept = [], set()
    for entry in entries:
        is_older = entry["policy_version"] in by.policy.takes_over
        is_right = wanted.get(entry["fact_id"]) == entry["points_milli"]
        if entry["fact_id"] in wanted and (is_older or (is_right and entry["account"] == account)):
            kept.add(entry["fact_id"])
        else:
            lines.append(_reversal(entry, by))
    # The fact that is the cause comes last: the newest line is its own.
    rest = sorted(facts, key=lambda one: one["id"] == by.cause.fact_id)
    lines += [_line(one, wanted[one["id"]], by) for one in rest if one["id"] not in kept]
    return lines


def _line(fact: Mapping[str, Any], points: int, by: _Settling) -> dict[str, Any]:
    cause, indicator = by.cause, by.indicator
    evidence = {"fact": fact["id"], "quantity": format(fact["quantity"].normalize(), "f")}
    if fact["record_sha256"]:
        evidence["record_sha256"] = fact["record_sha256"]
    elif fact["id"] == cause.fact_id and cause.evidence.get("record_sha256"):
        evidence["record_sha256"] = cause.evidence["record_sha256"]
    else:
        text = canonical(fact["evidence"])
        evidence["evidence_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    if fact["id"] != cause.fact_id:
        evidence["recomputed_by"] = cause.fact_id
    return {
        "part": "management" if indicator else "public",
        "dimension": indicator.dimension if indicator else "public",
        "indicator": indicator.id if indicator else PUBLIC_CREDIT,
        "account": indicator.id if indicator else PUBLIC_CREDIT,
        "points": points_of(points),
        "effective_at": fact["occurred_at"],
        "fact_id": fact["id"],
        "policy_version": by.policy.version,
        "author": cause.author if fact["id"] != cause.fact_id else fact["confirmed_by"],
        "evidence": evidence,
        "reverses": None,
    }


def _reversal(entry: Mapping[str, Any], by: _Settling) -> dict[str, Any]:
    cause = by.cause
    kept = ("part", "dimension", "account", "effective_at", "fact_id")
    return {name: entry[name] for name in kept} | {
        "indicator": REVERSAL,
        "points": -entry["points"] + Decimal(0),
        "policy_version": by.policy.version,
        "author": cause.author,
        "evidence": dict(cause.evidence) | {"reverses": entry["id"], "because": cause.fact_id},
        "reverses": entry["id"],
    }


def _standing(fact: Mapping[str, Any]) -> Standing:
    return Standing(fact["id"], fact["occurred_at"], fact["quantity"])


async def _pack(connection: Connection, fact: Mapping[str, Any], sign: int) -> None:
    number = NUMBER_OF.get(fact["indicator"])
    if number is None:
        return
    local = fact["occurred_at"].astimezone(BEIJING)
    row = {"org_id": fact["org_id"], "subject_id": fact["subject_id"], "kind": number}
    row |= {"month": month_number(local), "day": local.day}
    await ledger_store.pack(connection, row | {"quantity": sign * int(fact["quantity"] * MILLI)})


def _opening_entries(
    subject_id: str, credit: Decimal | None, policy: Policy, author: str
) -> list[dict[str, Any]]:
    evidence = {"public": {"public_credit": str(credit)}, "management": {}}
    return [
        {
            "subject_id": subject_id,
            "part": part,
            "dimension": OPENING,
            "indicator": OPENING,
            "account": OPENING,
            "points": points,
            "effective_at": None,
            "fact_id": None,
            "policy_version": policy.version,
            "author": author,
            "evidence": evidence[part],
            "reverses": None,
        }
        for part, points in opening_points(credit, policy).items()
    ]
