"""Every active indicator is moved by a real fact, through the interface."""

from datetime import timedelta

import pytest

from server.law.days import ZONE
from server.scoring.policy_file import default
from tests.server.conftest import TOKEN, http, post_outcomes
from tests.server.events import outcome
from tests.server.measure_work import DETAILS, OF, PERSON, Work
from tests.server.travelling import travel_of

BY_HAND = (
    *("risk_lowered", "residence_kept", "employment_started", "employment_kept"),
    *("schooling_kept", "training_completed", "certificate_earned", "restitution_paid"),
    *("neighbourhood_commended", "conflict_settled", "peer_help", "full_attendance"),
    *("commitment_signed", "volunteer_hour", "public_service_hour", "education_hour"),
)
BY_ALERT = {
    "exclusion": "unapproved_outing",
    "strap": "device_removal",
    "low_battery": "low_battery_neglect",
    "no_contact": "forbidden_contact",
    "gathering": "gathering",
    "checkin_missed": "check_unanswered",
}
BY_DUTY = {
    ("periodic_report", "done"): "report_kept",
    ("change", "done"): "change_reported",
    ("talks", "done"): "talk_kept",
    ("written_report", "missed"): "report_missed",
    ("education", "done"): "education_hour",
    ("education", "missed"): "education_missed",
    ("community_work", "done"): "public_service_hour",
    ("community_work", "missed"): "public_service_missed",
}
BY_FINDING = {
    "prohibition": "prohibition_breached",
    "visitors": "visitor_rule_breached",
    "moving": "moved_without_leave",
    "absence": "whereabouts_unknown",
    "merit": "merit",
}
BY_DEED = {"check_answered", "check_unanswered", "leave_returned", "leave_overdue", "plan_kept"}
BY_DECISION = {
    *("admonition", "warning", "police_penalty", "praise"),
    *("assessment_good", "assessment_unqualified"),
}


def test_every_active_indicator_is_moved_below():
    policy = default()
    active = {one.id for one in policy.indicators.values() if one.inactive is None}
    moved = {*BY_HAND, *BY_ALERT.values(), *BY_DUTY.values(), *BY_FINDING.values()}
    assert moved | BY_DEED | BY_DECISION == active


@pytest.fixture
async def work(site):
    async with travel_of(site) as travel:
        yield Work(travel)


async def moved(work):
    """What each account of the person holds; each is on the side that its indicator says."""
    await work.done("of-1", f"{OF}/facts/gathering")
    rows = work.travel.site.rows(
        "SELECT account, sum(points_milli)::bigint AS points FROM score_entry"
        " WHERE subject_id = %s AND indicator <> 'opening' GROUP BY account",
        (PERSON,),
    )
    held = {row["account"]: row["points"] for row in rows}
    for account, points in held.items():
        assert points * default().indicators[account].points > 0, account
    explained = await work.get(f"{OF}/score")
    assert {one["account"] for one in explained["facts"]} == set(held)
    return set(held)


async def test_what_an_officer_enters_moves_its_indicator(work):
    body = {"occurred_at": work.ago(minutes=5), "quantity": 1, "note": "有证明材料"}
    for kind in BY_HAND:
        await work.done("of-1", f"{OF}/facts", body | {"indicator": kind})
    assert await moved(work) == set(BY_HAND)


async def test_an_alert_moves_its_indicator_once_it_is_confirmed(work):
    async with http(work.travel.app) as gateway:
        gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        await post_outcomes(gateway, [outcome(rule=rule, episode=rule) for rule in BY_ALERT])
    assert await moved(work) == set()
    for rule in BY_ALERT:
        body = {"verdict": "confirmed", "note": "本人承认"}
        await work.done("of-1", f"/api/v1/alerts/{rule}/resolve", body, version=1)
    assert await moved(work) == set(BY_ALERT.values())


async def test_what_an_officer_notes_of_duties_moves_its_indicator(work):
    for kind, how in BY_DUTY:
        entry: dict[str, object] = {"subject": PERSON, "outcome": how}
        if how == "done" and kind in ("education", "community_work"):
            entry["minutes"] = 90
        await work.done("of-1", "/api/v1/duties/records", {"kind": kind, "entries": [entry]})
    before = work.travel.site.one("SELECT count(*) FROM fact")
    assert await moved(work) == set(BY_DUTY.values())
    # All of it was taken with the records; gathering found nothing more.
    assert work.travel.site.one("SELECT count(*) FROM fact") == before == len(BY_DUTY)


async def test_what_the_clock_or_the_person_says_alone_moves_nothing(work):
    await work.done("of-1", f"{OF}/duties")
    await work.travel.move(days=40)
    await work.done("person", "/api/v1/me/reports", {"kind": "periodic_report", "result": "正常"})
    assert work.travel.site.one("SELECT count(*) FROM duty_record") > 1
    assert await moved(work) == set()


async def test_a_finding_moves_its_indicator_once_it_is_established(work):
    for kind in BY_FINDING:
        gravity = None if kind == "merit" else "minor"
        await work.find(kind, gravity)
    await work.find("reporting", has_proper_reason=True)
    assert await moved(work) == set(BY_FINDING.values())


async def test_checks_leaves_and_reviews_of_the_plan_move_their_indicators(work):
    work.travel.site.add_account("of-2", "office-1", "officer")
    for result in ("as_expected", "unreachable"):
        check = await work.done(
            "of-1", f"{OF}/checks", {"method": "visit", "purpose": "核实是否在家"}
        )
        body = {"result": result, "note": "上门"}
        await work.done("of-1", f"/api/v1/checks/{check['id']}/result", body, version=1)
    plan = {"basis": "交通肇事，悔罪态度好", "measures": ["每月个别谈话"]}
    made = await work.done("of-1", f"{OF}/plans", plan)
    review = {"outcome": "kept", "note": "方案执行良好"}
    await work.done("of-1", f"{OF}/plans/{made['version']}/reviews", review)
    for late in (0, 3):
        await came_back(work, late)
    assert await moved(work) == BY_DEED


async def came_back(work, late):
    begin = work.travel.clock.now + timedelta(days=4)
    asked = {"subject": PERSON, "ground": "family", "reason": "探望住院的父亲"}
    asked |= {"destination": "杭州市上城区", "from_time": begin.isoformat()}
    asked |= {"to_time": (begin + timedelta(days=1)).isoformat()}
    proof = [{"title": "证明"}]
    leave = await work.done("of-1", "/api/v1/leaves", {**asked, "proof": proof})
    path = f"/api/v1/leaves/{leave['id']}"
    approved = await work.done("of-2", f"{path}/approval", {}, version=leave["version"])
    await work.travel.move(days=4.5 + late)
    body = {"returned_time": work.travel.clock.now.isoformat(), "note": "已返回"}
    version = (await work.get(path, "of-1"))["version"]
    assert version >= approved["version"]
    await work.done("of-1", f"{path}/return", body, version=version)


async def test_decisions_move_their_indicators_when_the_objection_window_is_over(work):
    body = {"kind": "praise", "ground": "measures-33.1", "reasons": "六个月来表现良好"}
    conditions = ["remorse", "lawful", "obedient", "educated"]
    praise = await work.done("of-1", f"{OF}/measures", body | {"conditions": conditions})
    decision = {"outcome": "decided", "reasons": "符合条件", "details": DETAILS}
    praised = (await work.step("su-1", praise, "decision", decision)).json()
    await work.served(praised)
    admonished = await work.decided("admonition", "measures-34.2", await work.find())
    served = await work.served(admonished)
    assert "admonition" not in await moved(work)
    await work.travel.move(days=20)
    for kind, ground in (("warning", "measures-35.6"), ("police_penalty", "measures-36.1")):
        found = await work.find("other", "serious", was_educated=True)
        measure = await work.decided(kind, ground, found)
        if kind == "police_penalty":
            ruling = {"by_body": "青溪县公安局", "outcome": "granted", "about": "proposal"}
            ruling |= {"happened_time": work.ago(minutes=0), "number": "青公（2026）3号"}
            answer = await work.step("of-1", measure, "rulings", ruling)
            assert answer.status_code == 200, answer.text
        else:
            await work.served(measure)
    for grade in ("good", "unqualified"):
        await assessed(work, grade)
    await work.travel.move(days=60)
    assert await moved(work) == BY_DECISION | {"report_missed"}
    reversal = work.travel.site.one("SELECT count(*) FROM fact_void")
    assert reversal == 0
    assert served["objectable_until"] is not None


async def assessed(work, grade):
    await work.travel.move(days=100)
    today = work.travel.clock.now.astimezone(ZONE).date()
    body = {"period_from": str(today - timedelta(days=92)), "period_to": str(today)}
    body |= {"grade": grade, "reasons": "按季度考核，情况属实"}
    made = await work.done("of-1", f"{OF}/assessments", body)
    path = f"/api/v1/assessments/{made['id']}"
    decided = await work.done("su-1", f"{path}/decision", {"outcome": "confirmed"}, version=1)
    await work.done("of-1", f"{path}/notice", version=decided["version"])
