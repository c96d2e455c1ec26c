"""Rebuilt from the ledger, a score is what was stored: any history, any person, any date."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.reviews import objection_store
from server.rounds import Rounds
from server.scoring.closing import CLOSES
from server.scoring.explaining import Explained, as_of
from server.scoring.explanation import explain
from server.scoring.policy_file import default
from server.scoring.posting import Fact, record_fact, void_fact
from server.scoring.schedule import Schedule
from server.scoring.score import OPENING, Cell, fold, month_number, month_of
from server.scoring.standing import scores
from server.scoring.targets import Standing, targets
from tests.server.measure_work import PERSON
from tests.server.travelling import travel_of

POLICY = default()
NUMBERS = itertools.count(1)
KINDS = (
    *("report_missed", "low_battery_neglect", "check_unanswered", "unapproved_outing"),
    *("public_service_hour", "risk_lowered", "peer_help"),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fact"), st.sampled_from(KINDS), st.integers(0, 200)),
        st.tuples(st.just("object"), st.integers(0, 9), st.none()),
        st.tuples(st.just("answer"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("void"), st.integers(0, 9), st.none()),
    ),
    min_size=4,
    max_size=12,
)


@dataclass
class Person:
    """One drawn history: its facts in the order of arrival, and what was shown after each step."""

    id: str
    facts: list[Fact] = field(default_factory=list)
    objected: dict[str, str] = field(default_factory=dict)
    shown: list[tuple[datetime, int]] = field(default_factory=list)


def newcomer(site) -> Person:
    person = Person(f"s-history-{next(NUMBERS)}")
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)"
        " SELECT %s, org_id, name, category, false, term_from, term_to FROM subject WHERE id = %s",
        (person.id, PERSON),
    )
    return person


async def take(connection, person, step):
    """Do one step, as far as there is something to do it to."""
    name, what, how = step
    if name == "fact":
        fact = Fact(
            id=f"{person.id}-{len(person.facts)}",
            org_id="office-1",
            subject_id=person.id,
            indicator=what,
            occurred_at=datetime.now(UTC) - timedelta(days=how, minutes=len(person.facts) + 1),
            quantity=Decimal(3 if what.endswith("_hour") else 1),
            evidence={"history": person.id},
            confirmed_by="of-1",
            note="",
        )
        person.facts.append(fact)
        await record_fact(connection, fact)
    elif person.facts:
        fact = person.facts[what % len(person.facts)]
        await (object_to if name == "object" else settle)(connection, person, fact.id, step)


async def object_to(connection, person, fact_id, _step):
    row = {"id": f"rv-{fact_id}", "org_id": "office-1", "subject_id": person.id}
    row |= {"fact_id": fact_id, "alert_id": None, "words": "与事实不符", "by": "person"}
    if await objection_store.file(connection, row | {"at": datetime.now(UTC)}):
        person.objected[fact_id] = row["id"]


async def settle(connection, person, fact_id, step):
    is_reversed = step[0] == "void" or step[2]
    if step[0] == "answer" and person.objected.pop(fact_id, None) is not None:
        state, verdict = ("reversed", "false") if is_reversed else ("upheld", None)
        await connection.execute(
            "UPDATE fact_review SET state = %s, verdict = %s, decision = '已核实',"
            " decided_by = 'su-1', decided_at = now(), settled_at = now() WHERE id = %s",
            (state, verdict, f"rv-{fact_id}"),
        )
    elif step[0] == "answer":
        return
    if is_reversed:
        await void_fact(connection, fact_id, because="history", author="su-1", evidence={})


async def read(database, person, **moment) -> int | None:
    async with database.work() as connection:
        found = await scores(connection, [person.id], now=datetime.now(UTC), **moment)
        explained = None
        if found:
            explained = await explain(connection, person.id, now=datetime.now(UTC), **moment)
    score = found.get(person.id)
    if explained is not None:
        assert explained["score"] == score.described()
    return None if score is None else score.total


def plainly(person, fallen, at) -> int:
    """The slow obvious fold over the facts that stand, caps and weights by the policy's words."""
    cells = [Cell("management", OPENING, month_number(datetime.now(UTC)), POLICY.start)]
    by_account: dict[str, list[Fact]] = {}
    for fact in person.facts:
        if fact.id not in fallen:
            by_account.setdefault(POLICY.of_fact[fact.indicator].id, []).append(fact)
    for account, facts in by_account.items():
        standing = [Standing(one.id, one.occurred_at, one.quantity) for one in facts]
        wanted = targets(standing, POLICY.indicators[account])
        cells += [
            Cell("management", account, month_number(one.occurred_at), wanted[one.id])
            for one in facts
            if one.occurred_at <= at
        ]
    score = fold(cells, month_number(at), POLICY)
    assert score is not None
    return score.total


@pytest.fixture
async def travel(site):
    async with travel_of(site) as travel:
        site.add_account("su-1", "county-a", "supervisor")
        yield travel


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
async def test_any_history_is_rebuilt_as_it_was_shown_and_as_it_is_known_now(travel, steps):
    database = travel.app.state.parts.database
    person = newcomer(travel.site)
    for step in steps:
        async with database.work() as connection:
            await take(connection, person, step)
        total = await read(database, person)
        if total is not None:
            person.shown.append((travel.site.one("SELECT clock_timestamp()"), total))
    for mark, total in person.shown:
        assert await read(database, person, at=mark, known_at=mark) == total
    if not person.shown:
        return
    for fact_id in list(person.objected):
        async with database.work() as connection:
            await settle(connection, person, fact_id, ("answer", 0, False))
    fallen = {row["fact_id"] for row in travel.site.rows("SELECT fact_id FROM fact_void")}
    now = datetime.now(UTC)
    assert await read(database, person) == plainly(person, fallen, now)
    rows = travel.site.rows(
        "SELECT max(effective_at) AS opened FROM score_entry"
        " WHERE subject_id = %s AND indicator = 'opening'",
        (person.id,),
    )
    later = [rows[0]["opened"] + timedelta(days=days) for days in (0, 40, 300)]
    for at in later:
        assert await read(database, person, at=at) == plainly(person, fallen, at)


async def test_a_month_closed_while_an_objection_waits_stays_what_it_was(travel):
    database = travel.app.state.parts.database
    people = [newcomer(travel.site) for _ in range(3)]
    for number, person in enumerate(people):
        async with database.work() as connection:
            for kind in KINDS[: number + 2]:
                await take(connection, person, ("fact", kind, 0))
            await object_to(connection, person, person.facts[0].id, None)
    _, end = month_of(datetime.now(UTC))
    travel.clock.now = end + timedelta(days=4)
    assert await Rounds(travel.app.state.parts, CLOSES, every_s=60.0).round() > 0
    closed_at = travel.site.one("SELECT clock_timestamp()")
    for person in people:
        async with database.work() as connection:
            await settle(connection, person, person.facts[0].id, ("answer", 0, False))
    at = end - timedelta(microseconds=1)
    for person in people:
        kept = travel.site.one(
            "SELECT management_milli + coalesce(public_milli, 0) FROM score_month"
            " WHERE subject_id = %s",
            (person.id,),
        )
        assert await read(database, person, at=at, known_at=closed_at) == kept
        assert await read(database, person, at=at) < kept


def ledger_of(drawn) -> list[dict]:
    """A ledger's lines as posting would have written them."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    lines = [{"indicator": OPENING, "account": OPENING, "points_milli": POLICY.start}]
    lines[0] |= {"id": 0, "effective_at": now - timedelta(days=400), "fact_id": None}
    facts: dict[str, list[Standing]] = {}
    for number, (kind, days) in enumerate(drawn):
        account = POLICY.of_fact[kind].id
        at = now - timedelta(days=days, minutes=number)
        facts.setdefault(account, []).append(Standing(str(number), at, Decimal(1)))
    for account, standing in facts.items():
        wanted = targets(
            standing, POLICY.indicators[account], month_number(lines[0]["effective_at"])
        )
        lines += [
            {"indicator": account, "account": account, "points_milli": wanted[one.id]}
            | {"id": len(lines) + place, "effective_at": one.occurred_at, "fact_id": one.id}
            | {"quantity": one.quantity}
            for place, one in enumerate(standing)
        ]
    shared = {"part": "management", "reverses": None, "recorded_at": now}
    return [line | shared | {"policy_version": POLICY.version} for line in lines]


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 300)), min_size=1, max_size=8),
    st.sets(st.integers(0, 7), max_size=5),
)
def test_no_objected_fact_counts_against_the_person(drawn, objected):
    lines, now = ledger_of(drawn), datetime(2026, 11, 20, tzinfo=UTC)
    appealed = frozenset(str(number) for number in objected if number < len(drawn))
    plain = as_of(lines, now, now, Schedule(()))
    frozen = as_of(lines, now, now, Schedule(()), appealed)
    total = total_of(frozen, frozen.left_out)
    assert frozen.left_out <= appealed
    assert total >= total_of(plain, frozenset())
    assert total >= total_of(plain, appealed)
    for one in appealed:
        assert total_of(plain, frozen.left_out ^ {one}) <= total
    named = sum(frozen.counted(line) for line in frozen.standing())
    # An account's month is weighed and rounded as one, a line by itself: thousandths apart.
    off = frozen.less(frozen.left_out).management - POLICY.start - named
    assert abs(off) <= len(lines) or clipped(frozen)


def total_of(explained: Explained, facts: frozenset[str]) -> int:
    score = explained.less(facts)
    assert score is not None
    return score.total


def clipped(explained: Explained) -> bool:
    """Whether a dimension is at one of its bounds, where not every point shows in the sum."""
    score = explained.score()
    assert score is not None
    return any(score.dimensions[one.id] in (one.least, one.most) for one in POLICY.dimensions)
