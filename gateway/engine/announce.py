"""From changes of episodes to outcomes with ids and evidence."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import ALARM_BITS
from gateway.directory.snapshot import Directory
from gateway.engine.device import ALARM_RULES, TAMPER_RULES
from gateway.engine.episode import EpisodeChange
from gateway.engine.episodes import EpisodeBook
from gateway.engine.evidence import evidence_of, report_evidence
from gateway.engine.outcome import Outcome, episode_id, outcome_id
from gateway.engine.table import GrowingTable
from gateway.engine.wearers import Wearers

_MS_PER_DAY: Final = 86_400_000


class _Told(msgspec.Struct, array_like=True):
    revision: int
    begin_ms: int


class Announcer:
    """Names the changes; remembers how often it spoke of each episode."""

    def __init__(
        self, book: EpisodeBook, wearers: Wearers, reports: GrowingTable, places: GrowingTable
    ) -> None:
        """Read from the given parts of the engine's state."""
        self._book = book
        self._wearers = wearers
        self._reports = reports
        self._places = places
        self._told: dict[str, _Told] = {}

    def outcomes(self, changes: Sequence[EpisodeChange], directory: Directory) -> list[Outcome]:
        """Return the outcomes of changes, in their order."""
        return [self._outcome(change, directory) for change in changes]

    def late_findings(self, rows: dict[str, NDArray[Any]], directory: Directory) -> list[Outcome]:
        """Return what must alert from reports that are older than the retained history.

        Strap, case, removal and SOS always alert, once a day of fix time for each boot of a
        device; there is nothing left to judge the rest against.
        """
        found = []
        for rule in ALARM_RULES:
            for row in np.flatnonzero(rows["alarms"] & ALARM_BITS[rule]).tolist():
                wearer = self._wearers.rows[int(rows["wearer"][row])]
                time_ms = int(rows["fix_time_ms"][row])
                target = f"{wearer.device}/late/{rows['boot'][row]}"
                episode = episode_id(rule, wearer.subject, target, time_ms // _MS_PER_DAY)
                if episode in self._told:
                    continue
                self._told[episode] = _Told(1, int(rows["received_ms"][row]))
                found.append(
                    Outcome(
                        id=outcome_id(episode, "raised", time_ms, None, 0),
                        episode=episode,
                        change="raised",
                        rule=rule,
                        org=wearer.org,
                        subject=wearer.subject,
                        device=wearer.device,
                        fence=None,
                        fence_version=None,
                        begin_ms=time_ms,
                        end_ms=None,
                        late=True,
                        evidence=_versions(directory)
                        | {"reports": [report_evidence(rows, row, {})]},
                    )
                )
        return found

    def prune(self, cutoff_ms: int) -> None:
        """Forget episodes that began before `cutoff_ms` and no longer stand."""
        standing = {self._episode(slot, e.anchor_ms) for slot, e in self._book.all_episodes()}
        self._told = {
            episode: told
            for episode, told in self._told.items()
            if told.begin_ms >= cutoff_ms or episode in standing
        }

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {"told": self._told}

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._told = msgspec.convert(stored["told"], dict[str, _Told])

    def _episode(self, slot: int, anchor_ms: int) -> str:
        key = self._book.keys[slot]
        return episode_id(key.rule, key.subject, key.target, anchor_ms)

    def _outcome(self, change: EpisodeChange, directory: Directory) -> Outcome:
        key = self._book.keys[change.slot]
        episode = self._episode(change.slot, change.anchor_ms)
        told = self._told.setdefault(episode, _Told(0, change.begin_ms))
        revision = told.revision
        told.revision += 1
        wearers = self._wearers.of_subject(key.subject)
        fence = key.target if key.rule in ("exclusion", "inclusion") else None
        if fence is None:
            wearers = [w for w in wearers if self._wearers.rows[w].device == key.target]
        speaker = max(wearers, key=lambda w: int(self._wearers.received_ms[w]))
        evidence = _versions(directory) | {"parameters": _parameters(key.rule, directory)}
        if change.change == "cleared":
            evidence["ended_by"] = change.ended_by
        if change.change == "raised":
            evidence["reports"] = evidence_of(
                self._reports,
                self._places,
                wearers=wearers,
                place_slot=None if fence is None else change.slot,
                begin_ms=change.begin_ms,
                confirmed_ms=change.confirmed_ms,
            )
        return Outcome(
            id=outcome_id(episode, change.change, change.begin_ms, change.end_ms, revision),
            episode=episode,
            change=change.change,
            rule=key.rule,
            org=self._wearers.rows[speaker].org,
            subject=key.subject,
            device=self._wearers.rows[speaker].device,
            fence=fence,
            fence_version=directory.fence_version(key.subject, fence, change.begin_ms)
            if fence
            else None,
            begin_ms=change.begin_ms,
            end_ms=change.end_ms,
            late=change.late,
            evidence=evidence,
        )


def _versions(directory: Directory) -> dict[str, Any]:
    return {"rules_version": directory.rules_version, "directory_version": directory.version}


_PARAMETERS_OF: Final = {
    "exclusion": ("persistence_reports", "persistence_s", "violation_ppm", "accuracy_floor_m"),
    "inclusion": ("persistence_reports", "persistence_s", "violation_ppm", "accuracy_floor_m"),
    **dict.fromkeys(TAMPER_RULES, ("tamper_clear_s",)),
    "low_battery": ("low_battery_pct", "recovered_battery_pct"),
    "silence": ("silence_s", "silence_intervals"),
}


def _parameters(rule: str, directory: Directory) -> dict[str, Any]:
    return {name: getattr(directory.parameters, name) for name in _PARAMETERS_OF.get(rule, ())}
