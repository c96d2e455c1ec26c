"""Columns and records say the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.columns import (
    PRESENT,
    REPORT_DTYPE,
    columns_of,
    kind_of,
    report_of,
    reports_of,
    set_kinds,
)
from firmware_protocols.message import Report
from tests.unit.firmware_protocols.wristband_reports import batches

EVERYTHING = Report(
    device="d",
    kind="fix",
    fix_time_ms=1_795_312_923_000,
    boot=2**32 - 1,
    seq=2**53 - 1,
    sent_time_ms=1_795_312_923_500,
    valid=False,
    longitude_deg=120.1551,
    latitude_deg=30.2741,
    datum="BD09",
    accuracy_m=8.1,
    altitude_m=12.2,
    speed_mps=1.3,
    heading_deg=90.4,
    satellites=11,
    battery_pct=87,
    alarms=("sos", "general"),
    backlog=True,
    skin_contact=False,
    heart_rate_bpm=71,
    systolic_mmhg=120,
    diastolic_mmhg=80,
    spo2_pct=98,
    skin_temperature_c=33.1,
    body_temperature_c=36.5,
    steps=4_000_000_000,
)


@given(batches())
def test_reports_come_back_from_their_columns(sent):
    assert reports_of(columns_of(sent), "wb-000001") == sent


def test_every_field_of_a_report_has_its_column():
    (row,) = columns_of([EVERYTHING])
    assert report_of(row, "d") == EVERYTHING
    assert row["present"] == sum(PRESENT.values())


def test_what_is_not_said_is_nan_or_minus_one_without_a_bit():
    (row,) = columns_of([Report(device="d", kind="status", fix_time_ms=1, boot=0, seq=0)])
    said = {"fix_time_ms", "boot", "seq", "alarms", "present", "kind", "valid", "backlog"}
    for name in set(REPORT_DTYPE.names) - said:
        assert np.isnan(row[name]) if REPORT_DTYPE[name].kind == "f" else row[name] == -1, name
    assert row["present"] == 0


def test_no_reports_are_no_rows():
    assert columns_of([]).shape == (0,)
    assert reports_of(columns_of([]), "d") == []


def test_an_alarm_that_has_no_bit_has_no_column():
    with pytest.raises(KeyError):
        columns_of([Report(device="d", kind="fix", fix_time_ms=1, boot=0, seq=0, alarms=("x",))])


@given(
    st.lists(
        st.tuples(
            st.integers(0, sum(PRESENT.values())), st.sampled_from([0, *ALARM_BITS.values()])
        ),
        min_size=1,
        max_size=20,
    )
)
def test_kinds_of_rows_are_those_of_single_reports(said):
    rows = columns_of([EVERYTHING] * len(said))
    rows["present"] = [present for present, _ in said]
    rows["alarms"] = [alarms for _, alarms in said]
    set_kinds(rows)
    assert [report.kind for report in reports_of(rows, "d")] == [kind_of(*pair) for pair in said]
