"""From proposal to service, objection and annulment: what may follow what, and who may do it.

Pure: the measure as it stands, the step, who takes it and when; the answer is the next state, or
why not. A decided measure is never edited: what was wrong is taken back by a reversing act.

    proposed -> withdrawn | refused | decided -> annulled
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from server.errors import Refusal
from server.law.articles import article
from server.law.text import Text
from server.measures.kinds import KINDS, MeasureKind

State = Literal["proposed", "withdrawn", "refused", "decided", "annulled"]
Step = Literal[
    "amend",
    "hear",
    "withdraw",
    "decide",
    "refuse",
    "serve",
    "object",
    "answer",
    "ask_arrest",
    "rule",
    "annul",
]
STATES: Final[Mapping[State, Text]] = MappingProxyType(
    {
        "proposed": Text("已提出", "proposed"),
        "withdrawn": Text("已撤回", "withdrawn"),
        "refused": Text("不予批准", "refused"),
        "decided": Text("已决定", "decided"),
        "annulled": Text("已撤销", "annulled"),
    }
)
_FROM: Final[Mapping[Step, State]] = MappingProxyType(
    {
        "amend": "proposed",
        "hear": "proposed",
        "withdraw": "proposed",
        "decide": "proposed",
        "refuse": "proposed",
        "serve": "decided",
        "object": "decided",
        "answer": "decided",
        "ask_arrest": "decided",
        "rule": "decided",
        "annul": "decided",
    }
)
_TO: Final[Mapping[Step, State]] = MappingProxyType(
    {"withdraw": "withdrawn", "decide": "decided", "refuse": "refused", "annul": "annulled"}
)

_DONE: Final = Text("无需再次办理", "nothing: it is done")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as its steps read it.

    Attributes:
        proposed_by: Login.
        verified_by: Logins that verified what it rests on.
        is_heard: The person's own words stand in it, or why there are none.
        decided_by: Login of the county.
        objectable_until: End of the window of objection, known once it was served.
        objected: Whether an objection waits for its answer.
        is_ruled: The body to which it was proposed decided.
        is_granted: That body ruled as proposed.
        is_arrest_asked: The court was asked to arrest.
    """

    kind: MeasureKind
    state: State
    proposed_by: str
    verified_by: frozenset[str]
    is_heard: bool = False
    decided_by: str | None = None
    served_at: datetime | None = None
    objectable_until: datetime | None = None
    objected: bool = False
    is_ruled: bool = False
    is_granted: bool = False
    is_arrest_asked: bool = False


def next_state(measure: Measure, step: Step, login: str, now: datetime) -> State | Refusal:
    """Return the state after a step, or why it may not be taken.

    Args:
        measure: As it stands.
        step: What is to happen.
        login: Who does it; that the person has the power is another rule.
        now: When, aware.
    """
    if measure.state != _FROM[step]:
        return _wrong_state(measure, step)
    refusal = _refusal(measure, step, login, now)
    return refusal or _TO.get(step, measure.state)


def _refusal(measure: Measure, step: Step, login: str, now: datetime) -> Refusal | None:
    if step in {"decide", "refuse"}:
        return _decision_refusal(measure, step, login)
    if step == "serve" and measure.served_at is not None:
        return _refused("served_once", measure, Text("已经送达", "it was served"))
    if step == "object":
        return _objection_refusal(measure, now)
    if step in {"answer", "annul"}:
        return _reversal_refusal(measure, step, login)
    if step in {"rule", "ask_arrest"}:
        return _ruling_refusal(measure, step)
    return None


def _decision_refusal(measure: Measure, step: Step, login: str) -> Refusal | None:
    another = _second_person(login, {measure.proposed_by, *measure.verified_by})
    if another is not None:
        return another
    if step == "decide" and KINDS[measure.kind].is_penalty and not measure.is_heard:
        return _refused(
            "not_heard",
            measure,
            Text("尚未听取本人陈述申辩", "the person was not heard"),
            Text(
                "先记录本人陈述，或者说明下落不明、拒绝陈述的情况",
                "note the person's own words first, or why there are none",
            ),
        )
    return None


def _objection_refusal(measure: Measure, now: datetime) -> Refusal | None:
    rule = KINDS[measure.kind]
    if not rule.may_be_objected:
        return _refused(
            "decided_elsewhere",
            measure,
            Text("该事项由其他机关决定", "another body decides on this"),
            Text(
                "向作出决定的机关陈述申辩，或者向人民检察院反映",
                "speak before the body that decides, or turn to the procuratorate",
            ),
        )
    if measure.objected:
        return _refused(
            "objected_once", measure, Text("异议尚在处理", "an objection waits for its answer")
        )
    until = measure.objectable_until
    if until is None or now >= until:
        return _refused(
            "objection_window",
            measure,
            Text("不在提出异议的期限内", "outside the window of objection"),
            Text(
                "送达之后至期限届满之前；期满后可以向人民检察院反映",
                "from service to the end of the window; afterwards the procuratorate",
            ),
        )
    return None


def _reversal_refusal(measure: Measure, step: Step, login: str) -> Refusal | None:
    if step == "annul" and measure.is_granted and KINDS[measure.kind].ends_as is not None:
        return _refused(
            "ruling_stands",
            measure,
            Text("裁定、决定已经生效", "the ruling is in effect"),
            Text(
                "终止社区矫正；对裁定、决定的异议向作出的机关提出",
                "end the case; what is wrong with the ruling is for the body that made it",
            ),
        )
    if step == "annul" and measure.objected:
        return _refused(
            "answer_first",
            measure,
            Text("异议尚在处理", "an objection waits for its answer"),
            Text("先答复异议", "answer the objection"),
        )
    return _second_person(login, {measure.proposed_by, measure.decided_by})


def _ruling_refusal(measure: Measure, step: Step) -> Refusal | None:
    rule = KINDS[measure.kind]
    if rule.decided_by is None:
        return _refused(
            "decided_here",
            measure,
            Text("该措施由社区矫正机构自行决定", "the agency itself decides on this measure"),
            Text("只记录提请其他机关决定的事项", "only of what was proposed to another body"),
        )
    if measure.is_ruled:
        return _refused("ruled_once", measure, Text("已有处理结果", "its outcome is noted"))
    if step == "ask_arrest" and (
        measure.is_arrest_asked or measure.kind not in {"revoke_probation", "revoke_parole"}
    ):
        return _refused(
            "arrest",
            measure,
            Text("不能提请逮捕", "no arrest can be asked for here"),
            Text("提请撤销缓刑、假释时一次", "once, with a proposal of revocation"),
        )
    return None


def _second_person(login: str, others: set[str | None]) -> Refusal | None:
    if login not in others:
        return None
    return Refusal(
        "",
        "second_person",
        article("law-28").key,
        "提出、核实或者决定的人不得再作出该决定",
        "who proposed, verified or decided it may not do this",
        "由另一名有权人员办理",
        "another person with the power",
    )


def _wrong_state(measure: Measure, step: Step) -> Refusal:
    is_final = measure.state in {"decided", "annulled"} and step in {"amend", "hear", "decide"}
    wanted = STATES[_FROM[step]]
    return _refused(
        "decided_is_final" if is_final else "state",
        measure,
        Text(f"该措施{STATES[measure.state].zh}", f"the measure is {measure.state}"),
        Text("另行作出撤销决定", "a reversing act")
        if is_final
        else Text(f"该措施{wanted.zh}时", f"while it is {wanted.en}"),
    )


def _refused(rule: str, measure: Measure, said: Text, allowed: Text = _DONE) -> Refusal:
    of = KINDS[measure.kind].article
    return Refusal("", rule, of, said.zh, said.en, allowed.zh, allowed.en)
