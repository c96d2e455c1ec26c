"""The strap alarm: strap cut or opened. Closed by a person only."""

from typing import Final

from gateway.engine.rule import Rule
from gateway.engine.rules.alarm_bit import tamper_rule
from gateway.engine.words import Words

STRAP: Final[Rule] = tamper_rule(
    "strap",
    Words("表带被剪断或打开", "strap cut or opened"),
    Words("设备上报表带断开", "the device reported that its strap was cut or opened"),
)
