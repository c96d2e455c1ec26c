"""Rules that are one alarm bit of the device each, and how they are judged."""

from collections.abc import Callable

from gateway.engine.account import Account
from gateway.engine.rule import EVERY_KIND, Judge, Judged, Memory, Rule, decided
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words


def alarm_judge(alarm: str) -> Judge:
    """Return the judge of an alarm bit: set is a violation, not set is none."""

    def judge(stretch: Stretch, _: Memory) -> Judged:
        holds = stretch.has_alarm(alarm)
        return Judged(decided(holds, ~holds))

    return judge


def alarm_words(words: Words) -> Callable[[Account], Words]:
    """Return an explanation that needs no numbers."""
    return lambda _: words


def tamper_rule(alarm: str, title: Words, words: Words) -> Rule:
    """Return the rule of a tamper alarm (NIJ 1004.00, 5.4): critical, closed by a person only.

    Args:
        alarm: Name of the alarm and of the rule.
        title: Its name for people.
        words: What was observed.
    """
    return Rule(
        name=alarm,
        severity="critical",
        category="device",
        title=title,
        explain=alarm_words(words),
        judge=alarm_judge(alarm),
        parameters=("tamper_clear_s",),
        clear_s="tamper_clear_s",
        closes=False,
        kinds=EVERY_KIND,
    )
