"""What the gateway counts, with units; served at /metrics."""

from collections.abc import Mapping
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_US_PER_S: Final = 1_000_000


class Progress(Protocol):
    """What a stream of the uplink says of itself; see UplinkStream."""

    @property
    def name(self) -> str:
        """Which stream."""

    confirmed_seq: int | None
    oldest_at_us: int | None
    quarantined: int


class Alerts(Protocol):
    """What an organisation's alerts of the last 24 hours say; see Nuisance of the engine."""

    @property
    def per_subject_day(self) -> float | None:
        """Alerts per watched person and day; None while nobody was watched."""

    @property
    def is_over_budget(self) -> bool:
        """Whether that is above the nuisance budget."""


class Metrics:
    """The gateway's metrics in a registry of their own."""

    def __init__(self) -> None:
        """Register every metric."""
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "guitu_gateway_messages", "Messages taken from the broker", registry=self.registry
        )
        self.reports = Counter(
            "guitu_gateway_reports", "Reports committed to the journal", registry=self.registry
        )
        self.refused = Counter(
            "guitu_gateway_refused",
            "Messages and reports refused, by reason",
            ["reason"],
            registry=self.registry,
        )
        self.outcomes = Counter(
            "guitu_gateway_outcomes",
            "Outcomes found, by rule and change",
            ["rule", "change"],
            registry=self.registry,
        )
        self.batch_seconds = Histogram(
            "guitu_gateway_batch_seconds",
            "Decode, evaluate and commit of one batch",
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0),
            registry=self.registry,
        )
        self.held = Gauge(
            "guitu_gateway_held_messages", "Messages not yet committed", registry=self.registry
        )
        self.delayed = Counter(
            "guitu_gateway_delayed",
            "Messages that had to wait: over the rate of their device or organisation",
            registry=self.registry,
        )
        self.over_rate = Gauge(
            "guitu_gateway_over_rate_messages",
            "Messages over a rate that wait, unacknowledged",
            registry=self.registry,
        )
        self.journal_seq = Gauge(
            "guitu_gateway_journal_entries", "Newest journal entry", registry=self.registry
        )
        self.directory_version = Gauge(
            "guitu_gateway_directory_version", "Directory in force", registry=self.registry
        )
        self.directory_refused = Counter(
            "guitu_gateway_directory_refused", "Directories refused", registry=self.registry
        )
        self.sessions_forgotten = Counter(
            "guitu_gateway_sessions_forgotten",
            "Times that the broker had lost our session",
            registry=self.registry,
        )
        self._count_faces()
        self._count_nuisance()
        self._count_uplink()
        self._count_terminals()
        self._count_commands()

    def _count_faces(self) -> None:
        self.face_checks = Counter(
            "guitu_gateway_face_checks",
            "Attempts judged, by verdict; unknown_token, unrecognised: nobody's",
            ["verdict"],
            registry=self.registry,
        )
        self.face_seconds = Histogram(
            "guitu_gateway_face_check_seconds",
            "From the store of attempts to the journal",
            buckets=(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
            registry=self.registry,
        )
        self.faces_waiting = Gauge(
            "guitu_gateway_face_checks_waiting",
            "Attempts without a verdict",
            registry=self.registry,
        )
        self.face_people = Gauge(
            "guitu_gateway_face_people", "People whose templates are kept", registry=self.registry
        )

    def _count_nuisance(self) -> None:
        self.alerts_per_day = Gauge(
            "guitu_gateway_alerts_per_subject_day",
            "Alerts raised per watched person and day over the last 24 h, care and notices apart",
            ["org"],
            registry=self.registry,
        )
        self.over_budget = Gauge(
            "guitu_gateway_over_nuisance_budget",
            "1: more alerts per watched person and day than the nuisance budget",
            ["org"],
            registry=self.registry,
        )

    def show_nuisance(self, by_org: Mapping[str, Alerts]) -> None:
        """Show the alerts of the last 24 hours by organisation."""
        self.alerts_per_day.clear()
        self.over_budget.clear()
        for org, one in by_org.items():
            if one.per_subject_day is not None:
                self.alerts_per_day.labels(org).set(one.per_subject_day)
            self.over_budget.labels(org).set(one.is_over_budget)

    def _count_uplink(self) -> None:
        self.confirmed_seq = Gauge(
            "guitu_gateway_confirmed_entries",
            "Newest entry that the server has, by stream",
            ["stream"],
            registry=self.registry,
        )
        self.lag_entries = Gauge(
            "guitu_gateway_uplink_lag_entries",
            "Journal entries that the server has not confirmed, by stream",
            ["stream"],
            registry=self.registry,
        )
        self.oldest_seconds = Gauge(
            "guitu_gateway_uplink_oldest_seconds",
            "Age of the oldest entry that waits for the server, by stream; 0 when none does",
            ["stream"],
            registry=self.registry,
        )
        self.uplink_quarantined = Gauge(
            "guitu_gateway_uplink_quarantined",
            "Rows or events that the server refused one by one since the start, by stream",
            ["stream"],
            registry=self.registry,
        )

        self.recovery_differs = Gauge(
            "guitu_gateway_recovery_differs",
            "1: the journal, replayed at the start, gave other outcomes than it records",
            registry=self.registry,
        )
        self.archived_seq = Gauge(
            "guitu_gateway_archived_entries",
            "Newest entry that the server's archive has",
            registry=self.registry,
        )
        self.archive_refused = Gauge(
            "guitu_gateway_archive_refused_entries",
            "Entries that the archive refused since the start; it went on behind them",
            registry=self.registry,
        )

    def show_uplink(self, stream: Progress, *, newest_seq: int, now_us: int) -> None:
        """Show how far a stream has come: entries, and the age of the oldest that waits."""
        confirmed_seq, oldest_us = stream.confirmed_seq or 0, stream.oldest_at_us
        age_s = 0.0 if oldest_us is None else max(0, now_us - oldest_us) / _US_PER_S
        self.confirmed_seq.labels(stream.name).set(confirmed_seq)
        self.lag_entries.labels(stream.name).set(max(0, newest_seq - confirmed_seq))
        self.oldest_seconds.labels(stream.name).set(age_s)
        self.uplink_quarantined.labels(stream.name).set(stream.quarantined)

    def _count_terminals(self) -> None:
        self.signals = Counter(
            "guitu_gateway_signals",
            "Messages that leave no row (logins, bare heartbeats), by kind",
            ["kind"],
            registry=self.registry,
        )
        self.tcp_sessions = Gauge(
            "guitu_gateway_tcp_sessions",
            "Open connections of terminals, by protocol",
            ["protocol"],
            registry=self.registry,
        )
        self.tcp_refused = Counter(
            "guitu_gateway_tcp_refused",
            "Connections, and frames before a login, that were refused, by reason",
            ["protocol", "reason"],
            registry=self.registry,
        )
        self.tcp_closed = Counter(
            "guitu_gateway_tcp_closed",
            "Connections that ended, by reason; `peer`: the terminal hung up",
            ["protocol", "reason"],
            registry=self.registry,
        )
        self.tcp_duplicates = Counter(
            "guitu_gateway_tcp_duplicates",
            "Terminals that came in while an older connection of theirs was open",
            ["protocol"],
            registry=self.registry,
        )

    def _count_commands(self) -> None:
        self.commands = Counter(
            "guitu_gateway_commands",
            "States that commands reached here",
            ["state"],
            registry=self.registry,
        )
        self.commands_open = Gauge(
            "guitu_gateway_commands_open",
            "Commands that wait for their device or its answer",
            registry=self.registry,
        )
        self.local_alerts = Counter(
            "guitu_gateway_local_alerts",
            "Terminals on duty that were told of an alert by the gateway itself, or have seen it",
            ["change"],
            registry=self.registry,
        )
        self.local_waiting = Gauge(
            "guitu_gateway_local_alerts_waiting",
            "Alerts that the server has not confirmed and nobody has seen on a terminal",
            registry=self.registry,
        )
