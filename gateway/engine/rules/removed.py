"""The removed alarm: taken off the body. Closed by a person only."""

from typing import Final

from gateway.engine.rule import Rule
from gateway.engine.rules.alarm_bit import tamper_rule
from gateway.engine.words import Words

REMOVED: Final[Rule] = tamper_rule(
    "removed",
    Words("设备脱离佩戴者", "taken off the body"),
    Words("设备上报已脱离皮肤", "the device reported that it left the skin"),
)
