"""Histories of findings and measures: counters and grounds are as the acts say."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.errors import Refusal
from server.law.days import ZONE
from server.measures.finding import Finding
from server.measures.grounds import GROUNDS, allowed_grounds
from server.measures.kinds import KINDS
from server.measures.ladder import Past, ladder_of
from server.measures.lifecycle import Measure, next_state
from tests.oracles.ladder import Noted, days_away, is_over_a_month, recount, served_before
from tests.unit.server.measures.cases import situation

LOGINS = ("office-1", "office-2", "county-1", "county-2", "county-3")
DRAWN = st.integers(0, 1000)
KINDS_OF_BREACH = ("absence", "reporting", "education", "prohibition", "other")


@dataclass
class Case:
    """A measure with what the ladder reads of it."""

    measure: Measure
    past: Past
    ground: str
    finding: Finding
    decided_acts: tuple[Noted, ...] = ()
    objection: str | None = None
    log: list[str] = field(default_factory=list)


class LadderMachine(RuleBasedStateMachine):
    """One person of a category, five officers, a clock that only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 1, 31, 22, 30, tzinfo=ZONE)
        self.findings: list[tuple[Finding, str]] = []
        self.cases: list[Case] = []
        self.acts: list[Noted] = []

    def note(self, act: str, case: Case, **body) -> None:
        self.acts.append(Noted(act, case.past.measure_id, self.now, body))

    def weigh(self, finding: Finding, now: datetime | None = None):
        decided = [c.past for c in self.cases if c.measure.state in {"decided", "annulled"}]
        return situation(finding, past=decided, now=now or self.now)

    def step(self, case: Case, step: str, login: str) -> bool:
        answer = next_state(case.measure, step, login, self.now)
        if isinstance(answer, Refusal):
            assert answer.allowed_zh
            assert answer.zh
            return False
        case.measure = replace(case.measure, state=answer)
        return True

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule(
        kind=st.sampled_from(KINDS_OF_BREACH),
        gravity=st.sampled_from(["minor", "serious", "grave"]),
        away=st.one_of(st.none(), st.integers(0, 40)),
        educated=st.booleans(),
        login=st.sampled_from(LOGINS),
    )
    def something_is_found(self, kind, gravity, away, educated, login):
        begin = self.now - timedelta(days=away or 0, minutes=1)
        end = None if away is None or kind != "absence" else self.now
        name = f"f-{len(self.findings)}"
        found = Finding(name, kind, gravity, begin, end, was_educated=educated)
        self.findings.append((found, login))

    @precondition(lambda self: self.findings)
    @rule(drawn=DRAWN, ground=st.sampled_from(GROUNDS), login=st.sampled_from(LOGINS))
    def a_measure_is_proposed(self, drawn, ground, login):
        found, verifier = self.findings[drawn % len(self.findings)]
        allowed = allowed_grounds(self.weigh(found))
        assert (ground in allowed) == ground.holds(self.weigh(found))
        if allowed:
            ground = allowed[drawn % len(allowed)]
        if not ground.holds(self.weigh(found)) or ground.asks is None:
            return
        measure = Measure(ground.measure, "proposed", login, frozenset({verifier}))
        past = Past(f"m-{len(self.cases)}", ground.measure, self.now)
        self.cases.append(Case(measure, past, ground.key, found))

    @precondition(lambda self: self.cases)
    @rule(drawn=DRAWN, login=st.sampled_from(LOGINS), grants=st.booleans())
    def the_county_decides(self, drawn, login, grants):
        case = self.cases[drawn % len(self.cases)]
        ground = next(one for one in GROUNDS if one.key == case.ground)
        if grants and not ground.holds(self.weigh(case.finding)):
            return
        if not self.step(case, "decide" if grants else "refuse", login):
            return
        case.measure = replace(case.measure, decided_by=login)
        if grants:
            case.past = replace(case.past, decided_at=self.now)
            case.decided_acts = tuple(self.acts)
            self.note("measure.decided", case, kind=case.measure.kind)

    @precondition(lambda self: self.cases)
    @rule(drawn=DRAWN, login=st.sampled_from(LOGINS))
    def the_person_is_heard_and_served(self, drawn, login):
        case = self.cases[drawn % len(self.cases)]
        if self.step(case, "hear", login):
            case.measure = replace(case.measure, is_heard=True)
        elif self.step(case, "serve", login):
            has_window = KINDS[case.measure.kind].may_be_objected
            until = self.now + timedelta(days=30) if has_window else None
            case.measure = replace(case.measure, served_at=self.now, objectable_until=until)
            case.past = replace(case.past, served_at=self.now)
            self.note("measure.served", case)

    @precondition(lambda self: self.cases)
    @rule(drawn=DRAWN, login=st.sampled_from(LOGINS), upholds=st.booleans())
    def an_objection_is_filed_and_answered(self, drawn, login, upholds):
        case = self.cases[drawn % len(self.cases)]
        if not case.measure.objected:
            if self.step(case, "object", "the-person"):
                case.measure = replace(case.measure, objected=True)
            return
        assert isinstance(next_state(case.measure, "annul", login, self.now), Refusal)
        if not self.step(case, "answer", login):
            return
        case.measure = replace(case.measure, objected=False)
        if upholds:
            self.annulled(case, login)

    @precondition(lambda self: self.cases)
    @rule(drawn=DRAWN, login=st.sampled_from(LOGINS))
    def a_measure_is_taken_back(self, drawn, login):
        self.annulled(self.cases[drawn % len(self.cases)], login)

    def annulled(self, case: Case, login: str) -> None:
        if self.step(case, "annul", login):
            assert login not in {case.measure.proposed_by, case.measure.decided_by}
            case.past = replace(case.past, is_annulled=True)
            self.note("measure.annulled", case)

    @precondition(lambda self: self.cases)
    @rule(drawn=DRAWN, grants=st.booleans())
    def another_body_rules(self, drawn, grants):
        case = self.cases[drawn % len(self.cases)]
        if self.step(case, "rule", "office-1"):
            case.measure = replace(case.measure, is_ruled=True)
            imposed = self.now if grants else None
            case.past = replace(case.past, imposed_time=imposed, is_denied=not grants)
            outcome = "granted" if grants else "denied"
            self.note("measure.ruled", case, about="proposal", outcome=outcome)

    @invariant()
    def counters_are_what_the_acts_say(self):
        ladder = ladder_of(c.past for c in self.cases if c.past.measure_id in self.decided())
        counts = (ladder.admonitions, ladder.warnings, ladder.police_penalties)
        assert counts == recount(self.acts)

    def decided(self):
        return {act.ref for act in self.acts if act.kind == "measure.decided"}

    @invariant()
    def nothing_stands_without_its_ground_and_two_persons(self):
        for case in self.cases:
            if case.past.measure_id not in self.decided():
                continue
            measure, found, at = case.measure, case.finding, case.past.decided_at
            assert measure.decided_by not in {measure.proposed_by, *measure.verified_by}
            assert measure.is_heard or KINDS[measure.kind].weight == 0
            end = found.end_time or at
            if case.ground == "measures-34.1":
                assert days_away(found.begin_time, end) <= 10
            if case.ground == "measures-35.2":
                assert days_away(found.begin_time, end) > 10
            if case.ground == "measures-46.2":
                assert is_over_a_month(found.begin_time, end)
            before = case.decided_acts
            if case.ground == "measures-35.5":
                assert served_before(before, "admonition", found.begin_time) >= 2
            if case.ground == "measures-46.4":
                assert served_before(before, "warning", found.begin_time) >= 2


TestLadder = pytest.mark.article("law-28", "measures-35", "measures-46")(LadderMachine.TestCase)
TestLadder.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
