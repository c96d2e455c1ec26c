"""The alarm list that other programs read is the one of the codecs."""

import json
from pathlib import Path

from firmware_protocols.alarm import ALARM_BITS

GOLDEN = Path(__file__).parents[2] / "vectors" / "uplink" / "alarms.json"


def test_golden_list_names_every_bit_in_order():
    names = json.loads(GOLDEN.read_text())["alarms"]
    assert {name: 1 << bit for bit, name in enumerate(names)} == ALARM_BITS


def test_masks_stay_exact_in_a_browser():
    assert sum(ALARM_BITS.values()) < 2**53
