"""The slow obvious fold: one row at a time, one subject at a time."""

from dataclasses import dataclass


@dataclass
class ScalarFold:
    raise_reports: int
    raise_ms: int
    clear_reports: int
    clear_ms: int
    sign: int = 0
    count: int = 0
    begin_ms: int = 0
    active: bool = False

    def feed(self, time_ms: int, decision: int) -> tuple[bool, int] | None:
        if decision == 0:
            return None
        if decision != self.sign:
            self.sign, self.count, self.begin_ms = decision, 0, time_ms
        self.count += 1
        lasted_ms = time_ms - self.begin_ms
        if decision > 0:
            long_enough = self.count >= self.raise_reports and lasted_ms >= self.raise_ms
        else:
            long_enough = self.count >= self.clear_reports and lasted_ms >= self.clear_ms
        if long_enough and self.active != (decision > 0):
            self.active = decision > 0
            return self.active, self.begin_ms
        return None
