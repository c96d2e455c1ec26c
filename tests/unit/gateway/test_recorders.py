"""Officers' recorders: what they say of themselves, and what the engine tells of it."""

import json

import msgspec
import pytest

from firmware_protocols.message import Report
from gateway.columns import Party, columns_from_reports
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.errors import DirectoryError
from gateway.intake.recorder_state import with_recorder_state
from tests.unit.gateway.engine_world import T0_MS, directory_json, text

RECORDER, PHONE, OFFICER, OTHER = "kr-1", "ph-1", "officer-1", "officer-2"
START = text(T0_MS - 10**9)
HANDED_S = 7_200
"""When the recorder passes to the other officer."""

TASK_S = (600, 6_000)


def held(device, officer, from_s=None, to_s=None):
    return {
        "device": device,
        "holder_kind": "officer",
        "holder": officer,
        "valid_from": START if from_s is None else text(T0_MS + from_s * 1_000),
        "valid_to": None if to_s is None else text(T0_MS + to_s * 1_000),
    }


def directory(**change):
    body = json.loads(directory_json()) | {"orders": []}
    for device, kind in ((RECORDER, "recorder"), (PHONE, "phone")):
        body["devices"].append(
            {"device": device, "org": "county", "kind": kind, "expected_interval_s": 30}
        )
    body["bindings"] += [
        held(RECORDER, OFFICER, to_s=HANDED_S),
        held(RECORDER, OTHER, from_s=HANDED_S),
        held(PHONE, OFFICER),
    ]
    body["recorder_tasks"] = [
        {
            "device": RECORDER,
            "valid_from": text(T0_MS + TASK_S[0] * 1_000),
            "valid_to": text(T0_MS + TASK_S[1] * 1_000),
        }
    ]
    return compile_directory(json.dumps(body | change).encode())


@pytest.fixture
def engine():
    now = directory()
    out = Engine(now)
    out.set_directory(now, T0_MS)
    return out


def report(second, *alarms, **said):
    given = {"kind": "fix", "longitude_deg": 119.9, "latitude_deg": 28.4, "datum": "WGS84"} | said
    return Report(
        device=RECORDER,
        fix_time_ms=T0_MS + second * 1_000,
        boot=1,
        seq=second,
        alarms=alarms,
        battery_pct=80,
        **given,
    )


def feed(engine, reports, *, device=RECORDER, officer=OFFICER, at_s=None):
    """Return what is told of reports; they come a second after they were made, or at `at_s`."""
    found = []
    for one in reports:
        at_ms = one.fix_time_ms + 1_000 if at_s is None else T0_MS + at_s * 1_000
        batch = columns_from_reports([one], [0], [at_ms * 1_000])
        parties = [Party("county", device, "officer", officer)]
        batch = batch.take(engine.fresh(batch, parties))
        found += engine.step(batch, parties, at_ms)
        if engine.tick_due(at_ms):
            found += engine.tick(at_ms)
    return found


def told(outcomes):
    return [(one.rule, one.change) for one in outcomes]


def test_an_officers_sos_is_told_at_once_and_names_nobody_who_is_supervised(engine):
    raised = feed(engine, [report(0, "sos")])
    assert told(raised) == [("sos", "raised")]
    assert (raised[0].subject, raised[0].device, raised[0].org) == ("", RECORDER, "county")
    assert raised[0].evidence["officer"] == OFFICER


def test_where_an_officer_is_stays_out_of_the_engine(engine):
    raised = feed(engine, [report(0, "sos")])[0]
    assert "longitude_deg" not in msgspec.json.encode(raised).decode()
    assert (engine.history.recent(0, T0_MS)["lon_e7"] < -(10**9)).all()


def test_it_is_no_nuisance_of_anybody_watched(engine):
    feed(engine, [report(60 * k, "storage_low", "not_recording") for k in range(4)])
    assert all(one.alerts == 0 for one in engine.nuisance(T0_MS + 10**6).values())


def test_a_recorder_that_does_not_record_on_its_task_is_told_after_ten_minutes(engine):
    rows = [report(60 * k, "not_recording") for k in range(30)]
    raised = feed(engine, rows)
    assert told(raised) == [("recording_gap", "raised")]
    assert raised[0].begin_ms == T0_MS + TASK_S[0] * 1_000
    assert raised[0].evidence["confirmed_ms"] == T0_MS + (TASK_S[0] + 600) * 1_000
    assert "任务时段内执法记录仪（持有人officer-1）已10分钟未录制" in raised[0].explanation.zh
    ended = feed(engine, [report(1_800)])
    assert told(ended) == [("recording_gap", "cleared")]


def test_the_end_of_a_task_ends_its_gap(engine):
    feed(engine, [report(60 * k, "not_recording") for k in range(10, 30)])
    ended = feed(engine, [report(TASK_S[1], "not_recording")])
    assert told(ended) == [("recording_gap", "cleared")]


def test_off_its_task_a_recorder_need_not_record(engine):
    rows = [report(60 * k, "not_recording") for k in range(9)]
    assert feed(engine, rows) == []
    assert feed(engine, [report(TASK_S[1] + 60 * k, "not_recording") for k in range(15)]) == []


def test_a_pause_on_a_task_is_none(engine):
    rows = [report(600 + 60 * k, *([] if k % 8 == 0 else ["not_recording"])) for k in range(40)]
    assert feed(engine, rows) == []


def test_a_recorder_that_is_nearly_full_is_told_until_it_was_emptied(engine):
    raised = feed(engine, [report(60 * k, "storage_low") for k in range(3)])
    assert told(raised) == [("storage_low", "raised")]
    assert "不高于10%" in raised[0].explanation.zh
    ended = feed(engine, [report(300 + 60 * k) for k in range(3)])
    assert told(ended) == [("storage_low", "cleared")]


def test_an_alert_outlasts_a_change_of_hands_and_ends_with_the_last_binding(engine):
    feed(engine, [report(60 * k, "storage_low") for k in range(3)])
    low = report(HANDED_S + 60, "storage_low")
    assert feed(engine, [low], officer=OTHER) == []
    body = json.loads(directory().body)
    body["bindings"][-2]["valid_to"] = text(T0_MS + (HANDED_S + 100) * 1_000)
    at_ms = T0_MS + (HANDED_S + 200) * 1_000
    engine.set_directory(compile_directory(json.dumps(body).encode()), at_ms)
    assert [(one.rule, one.change, one.evidence["ended_by"]) for one in engine.tick(at_ms)] == [
        ("storage_low", "cleared", "binding")
    ]


def test_an_officers_phone_is_not_judged(engine):
    one = msgspec.structs.replace(report(0, "sos"), device=PHONE)
    assert feed(engine, [one], device=PHONE) == []


@pytest.mark.parametrize(
    ("extra", "names"),
    [
        ({}, ()),
        ({"recording": "idle"}, ("not_recording",)),
        ({"recording": "video"}, ()),
        ({"recording": "audio"}, ()),
        ({"storage_free_bytes": 10, "storage_size_bytes": 100}, ("storage_low",)),
        ({"storage_free_bytes": 11, "storage_size_bytes": 100}, ()),
        ({"storage_free_bytes": 0, "storage_size_bytes": 0}, ()),
        ({"storage_free_bytes": 5}, ()),
    ],
)
def test_what_a_recorder_says_of_itself_becomes_alarms(extra, names):
    found = with_recorder_state(report(0, "sos", extra=extra), 10)
    assert found.alarms == ("sos", *names)
    assert with_recorder_state(found, 10) == found


@pytest.mark.parametrize("device", ["wb-0", "nobody"])
def test_only_a_recorder_has_tasks_to_record(device):
    task = {"device": device, "valid_from": START, "valid_to": text(T0_MS)}
    with pytest.raises(DirectoryError, match=r"recorder_tasks\[0\].device"):
        directory(recorder_tasks=[task])
