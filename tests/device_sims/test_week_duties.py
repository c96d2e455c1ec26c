"""The labels of duties, batteries and cells: each is true by what truly happens."""

import itertools
import math
from collections import Counter

from device_sims.field.calendar_week import clock_s, day_of
from tests.device_sims.week_setting import (
    START_S,
    UNTIL_S,
    WEEK,
    bands,
    labels,
    labels_of,
    second,
    society,
    span_of,
    subject,
)


def test_absences_are_labelled_by_where_the_person_truly_is():
    seen = Counter()
    for number, band in enumerate(bands()):
        for absence in band.storyline.absences(WEEK):
            mine = [x for x in labels() if x.target == absence.absence]
            seen.update((absence.deed.note, bool(mine)) for _ in [0])
            rule = "leave_place" if absence.kind == "leave" else "route"
            for label in (x for x in mine if x.rule == rule):
                begin_s, end_s = span_of(label)
                middle = band.place((begin_s + end_s) / 2).xy
                assert absence.beyond_m(middle) > 0.0
                assert absence.area_valid[0] <= begin_s + 1
                assert end_s <= absence.area_valid[1] + 31
            for label in (x for x in mine if x.rule == "leave_overdue"):
                assert abs(second(label.begin_time) - absence.valid[1]) < 0.01
                at = band.place(second(label.end_time) - 120.0).xy
                assert society().population.territory.depth_m(at) < 0.0
            assert subject(number) == absence.subject
    wrong = {"overstays an approved leave", "goes to another town than approved",
             "leaves the approved route"}  # fmt: skip
    assert {note for note, told in seen if told} <= wrong
    assert {note for note, told in seen if not told}.isdisjoint(wrong)
    assert any(told for _, told in seen)
    assert any("near miss" in note for note, _ in seen)


def test_batteries_are_critical_and_neglected_exactly_by_their_true_charge():
    for rule, below_pct, least_s in (
        ("critical_battery", 10.0, 0),
        ("charging_neglect", 30.0, 86_400),
    ):
        found = labels_of(rule)
        assert found
        for label in found:
            begin_s, end_s = span_of(label)
            charge = next(b for b in bands() if b.identity.device == label.device).charge
            assert end_s - begin_s >= least_s
            for share in (0.02, 0.5, 0.98):
                assert charge.level(begin_s + share * (end_s - begin_s))[0] <= below_pct + 0.5
            if begin_s > START_S + 600:
                assert charge.level(begin_s - 600.0)[0] > below_pct


def test_a_check_in_is_labelled_by_what_the_kiosk_saw_and_when():
    outcomes = Counter()
    for band in bands():
        for check in band.storyline.check_ins(WEEK):
            told = check.label_span()
            outcomes[check.outcome] += 1
            attempt = check.attempts[0] if check.attempts else None
            begin_s, end_s = check.window
            if check.outcome in ("on_time", "just_in_time"):
                assert told is None
                assert attempt.verdict == "match"
                assert begin_s <= attempt.time_ms / 1_000 < end_s
            elif check.outcome == "missed":
                assert attempt is None
                assert told[0] == "checkin_missed"
            elif check.outcome == "late":
                assert 0.0 < attempt.time_ms / 1_000 - end_s <= 1_800.0
            elif check.outcome == "place":
                resident = society().population.residents[int(check.duty[3:]) - 1]
                own = society().office_site(resident.wearer.subject.office)
                assert attempt.kiosk != own.kiosk
            else:
                assert told[0] == f"checkin_{check.outcome}"
            if check.deed is not None:
                site = next(s for s in society().sites if s.kiosk == attempt.kiosk)
                at = check.deed.journey.at(attempt.time_ms / 1_000).xy
                assert math.dist(at, site.circle.centre) < 1.0
    assert {"on_time", "missed", "late"} <= set(outcomes)


def test_an_outage_of_a_cell_holds_back_whoever_is_in_it_and_nobody_else():
    cells = [o for day in range(day_of(START_S), day_of(UNTIL_S)) for o in society().outages(day)]
    assert cells
    touched = 0
    for outage in cells:
        begin_s, end_s = outage.span
        assert 2_000.0 < end_s - begin_s < 3_100.0
        for band in bands():
            inside = outage.area.covers(band.place(begin_s + 60.0).xy)
            spell = band.spell(begin_s + 60.0)
            assert spell is not None or not inside
            if inside:
                assert spell.end_s >= end_s
                touched += 1
        told = [x for x in labels_of("outage") if x.target == outage.cell]
        count = sum(outage.area.covers(band.place(begin_s).xy) for band in bands())
        if count > 4:
            assert len(told) == 1
    assert touched


def test_night_hours_are_those_of_the_county():
    assert clock_s(day_of(START_S), 22.0) - START_S == 22 * 3_600


def test_who_is_not_told_apart_tries_again_and_a_replay_shows_the_picture_before():
    tried = replayed = 0
    for band in bands():
        checks = band.storyline.check_ins(WEEK)
        for before, check in itertools.pairwise((None, *checks)):
            if check.outcome == "inconclusive":
                tried += 1
                assert 3 <= len(check.attempts) <= 4
                assert len({one.picture for one in check.attempts}) == len(check.attempts)
            elif check.outcome == "replay":
                replayed += 1
                assert check.attempts[0].picture == before.attempts[0].picture
    assert tried
    assert replayed
