"""What one rule set finds and another does not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from gateway.backtest.alert import Alert

_EVER_MS: Final = 1 << 62
_COMPARED: Final = ("begin_ms", "end_ms", "at_ms", "is_withdrawn")

_Key = tuple[str, str, str, str, str]


class Changed(msgspec.Struct):
    """An alert that both rule sets tell, and not alike."""

    a: Alert
    b: Alert

    @property
    def differs_in(self) -> list[str]:
        """Return the members of Alert that differ."""
        return [name for name in _COMPARED if getattr(self.a, name) != getattr(self.b, name)]


class Difference(msgspec.Struct):
    """What distinguishes the alerts of two rule sets.

    Attributes:
        only_a: Told by the first alone, in order of telling.
        only_b: Told by the second alone.
        changed: Told by both with other times, or withdrawn by one.
        same: How many are alike.
    """

    only_a: list[Alert]
    only_b: list[Alert]
    changed: list[Changed]
    same: int


def difference(a: Mapping[str, Alert], b: Mapping[str, Alert]) -> Difference:
    """Return how two rule sets differ.

    Alerts are one when they are one episode, or when they are of one rule about one subject, device
    and target, and overlap.

    Args:
        a: Alerts of the first by episode.
        b: Alerts of the second.
    """
    pairs = [(alert, b[episode]) for episode, alert in a.items() if episode in b]
    left_a = [alert for episode, alert in a.items() if episode not in b]
    left_b = [alert for episode, alert in b.items() if episode not in a]
    pairs += _overlapping(left_a, left_b)
    paired_a = {one.episode for one, _ in pairs}
    paired_b = {other.episode for _, other in pairs}
    changed = [found for pair in pairs if (found := Changed(*pair)).differs_in]
    return Difference(
        _in_order(alert for alert in left_a if alert.episode not in paired_a),
        _in_order(alert for alert in left_b if alert.episode not in paired_b),
        sorted(changed, key=lambda one: (one.a.at_ms, one.a.rule, one.a.episode)),
        len(pairs) - len(changed),
    )


def _overlapping(a: list[Alert], b: list[Alert]) -> list[tuple[Alert, Alert]]:
    of_key: dict[_Key, list[Alert]] = defaultdict(list)
    for alert in sorted(b, key=lambda one: one.begin_ms):
        of_key[_key(alert)].append(alert)
    pairs = []
    for alert in sorted(a, key=lambda one: one.begin_ms):
        others = of_key[_key(alert)]
        for other in others:
            if other.begin_ms <= _end(alert) and alert.begin_ms <= _end(other):
                pairs.append((alert, other))
                others.remove(other)
                break
    return pairs


def _key(alert: Alert) -> _Key:
    return alert.rule, alert.org, alert.subject, alert.device, alert.target


def _end(alert: Alert) -> int:
    return _EVER_MS if alert.end_ms is None else alert.end_ms


def _in_order(alerts: Iterable[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda one: (one.at_ms, one.rule, one.episode))
