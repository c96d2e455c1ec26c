"""The case alarm: case opened. Closed by a person only."""

from typing import Final

from gateway.engine.rule import Rule
from gateway.engine.rules.alarm_bit import tamper_rule
from gateway.engine.words import Words

CASE: Final[Rule] = tamper_rule(
    "case",
    Words("设备外壳被打开", "case opened"),
    Words("设备上报外壳被打开", "the device reported that its housing was opened"),
)
