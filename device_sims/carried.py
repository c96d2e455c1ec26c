"""What officers carry: a phone with OwnTracks, a terminal, and in duty hours a recorder."""

import itertools
from collections.abc import Iterator
from typing import Final

import msgspec

from device_sims.battery import Battery
from device_sims.cast import Cast, Officer, org_of
from device_sims.coverage import Spell
from device_sims.dice import Dice
from device_sims.feed import Emission, Identity, due_times_ms, fix_report
from device_sims.gnss import Gnss
from device_sims.recording import Recording
from device_sims.routine import DAY_S, HOUR_S, LOCAL_OFFSET_S

_MS_PER_S: Final = 1_000
_DUTY_H: Final = (7.5, 18.5)


class Carried:
    """The feed of a phone, a terminal or a recorder."""

    def __init__(
        self,
        cast: Cast,
        officer: Officer,
        identity: Identity,
        *,
        start_ms: int,
        interval_ms: int,
        boot: int,
    ) -> None:
        """Take who carries it and how often it reports."""
        self.identity = identity
        self._officer = officer
        self._ground = cast.territory.ground
        self._start_ms = start_ms
        self._interval_ms = interval_ms
        self._gnss = Gnss(cast.seed, identity.device)
        self._battery = Battery(cast.seed, identity.device)
        self._phase_ms = Dice(cast.seed, identity.device).integer(0, 0, interval_ms - 1)
        self._recording = Recording(cast.seed, identity.device)
        self._boot = boot
        self.schedule = None

    def spell(self, time_s: float) -> Spell | None:
        """Return None: what officers carry stays connected."""
        del time_s
        return None

    def emissions(self) -> Iterator[Emission]:
        """Yield the reports, in order of fix time, without end."""
        seq = itertools.count()
        for time_ms in due_times_ms(self._start_ms, self._interval_ms, self._phase_ms):
            if self.identity.kind == "recorder" and not _is_on_duty(time_ms):
                continue
            truth = self._officer.routine.at(time_ms / _MS_PER_S)
            seen = self._gnss.observe(time_ms, truth)
            if seen is None and self.identity.kind == "phone":
                continue
            report = fix_report(
                self.identity,
                self._ground,
                time_ms=time_ms,
                boot=self._boot,
                seq=next(seq),
                truth=truth,
                seen=seen,
                battery_pct=round(self._battery.level(time_ms / _MS_PER_S)[0]),
            )
            if self.identity.kind == "recorder":
                state = self._recording.state(time_ms / _MS_PER_S)
                report = msgspec.structs.replace(report, extra=state)
            yield Emission(report)


def carried_by(
    cast: Cast, officer: Officer, *, start_ms: int, interval_ms: int, boot: int
) -> Iterator[Carried]:
    """Yield the feeds of what an officer carries."""
    org = org_of(officer)
    devices: list[tuple[str | None, str]] = [
        (officer.phone, "phone"),
        (officer.recorder, "recorder"),
    ]
    devices.append((officer.terminal, "terminal"))
    for device, kind in devices:
        if device is not None:
            identity = Identity(device, org, kind)
            yield Carried(
                cast, officer, identity, start_ms=start_ms, interval_ms=interval_ms, boot=boot
            )


def _is_on_duty(time_ms: int) -> bool:
    hour = (time_ms / _MS_PER_S + LOCAL_OFFSET_S) % DAY_S / HOUR_S
    return _DUTY_H[0] <= hour < _DUTY_H[1]
