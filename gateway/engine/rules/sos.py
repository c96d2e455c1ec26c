"""SOS: the person asks for help."""

from typing import Final

from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.rules.alarm_bit import alarm_judge, alarm_words
from gateway.engine.words import Words

SOS: Final = Rule(
    name="sos",
    severity="critical",
    category="care",
    title=Words("紧急求助", "SOS"),
    explain=alarm_words(Words("设备上报了求助信号", "the device reported a call for help")),
    judge=alarm_judge("sos"),
    closes=False,
    kinds=EVERY_KIND,
)
