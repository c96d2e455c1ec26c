"""Firmware fault: against an oracle, and in cases."""

import pytest

from firmware_protocols.alarm import ALARM_BITS
from gateway.engine.rules.firmware_fault import FIRMWARE_FAULT
from tests.oracles.condition import firmware_fault
from tests.unit.gateway.rules.reporting import explained, judge, law, report

test_it_agrees_with_the_oracle_however_rows_are_cut = law(FIRMWARE_FAULT, firmware_fault)


@pytest.mark.parametrize("alarm", ["gnss_fault", "antenna_cut", "power_off", "sim_changed"])
def test_what_a_device_says_of_itself_is_told(alarm):
    found = judge(FIRMWARE_FAULT, [report(0), report(60, alarms=[alarm])])
    assert found.decisions() == [-1, 1]
    assert found.facts() == {"fault_bits": ALARM_BITS[alarm]}


@pytest.mark.parametrize("alarm", ["power_cut", "undervoltage", "charging", "sos", "vibration"])
def test_what_taking_it_off_its_charger_or_a_person_does_is_no_fault(alarm):
    assert judge(FIRMWARE_FAULT, [report(0, alarms=[alarm])]).decisions() == [-1]


def test_words_name_every_fault():
    words = explained(FIRMWARE_FAULT, [report(0, alarms=["sos", "antenna_cut", "sim_changed"])])
    assert words.zh == "设备自报：天线断开、通信卡被更换"
    assert words.en == "the device reports: antenna cut, SIM card changed"
