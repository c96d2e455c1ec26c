"""The table of what is counted; one registry per app, so that two apps never share a figure."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """Counters of one server process, served at /metrics. No label holds personal data."""

    def __init__(self) -> None:
        """Register every metric."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "guitu_http_requests",
            "Requests by route template, method and status class.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.sign_ins = Counter(
            "guitu_sign_ins",
            "Sign-ins by result (passed, wrong, locked).",
            ("result",),
            registry=self.registry,
        )
        self.rows_failed = Counter(
            "guitu_rows_failed",
            "Rows whose settling failed when they fell due, by work; they are tried again.",
            ("work",),
            registry=self.registry,
        )
        self.refused_at_gate = Counter(
            "guitu_http_refused",
            "Requests refused unseen, by reason (address, session: too many; size; cross_site).",
            ("reason",),
            registry=self.registry,
        )
        self._count_ingest()
        self._count_alerts()
        self._count_notifications()
        self.live_clients = Gauge(
            "guitu_live_clients", "Open live streams.", registry=self.registry
        )
        self.live_resets = Counter(
            "guitu_live_resets",
            "Live streams that were told to fetch the snapshots again.",
            registry=self.registry,
        )
        self.live_connected = Gauge(
            "guitu_live_connected",
            "1 while the live feed hears the database.",
            registry=self.registry,
        )

    def _count_alerts(self) -> None:
        self.alerts_routed = Counter(
            "guitu_alerts_routed",
            "Alerts that went to somebody, by why; nobody: the whole way up was empty.",
            ("because",),
            registry=self.registry,
        )
        self.alerts_not_routed = Counter(
            "guitu_alerts_not_routed",
            "Looks at an alert that failed; it is looked at again, the others went on.",
            registry=self.registry,
        )

    def _count_notifications(self) -> None:
        self.notifications = Counter(
            "guitu_notifications",
            "Deliveries by kind of channel and result (delivered, failed, dead).",
            ("kind", "result"),
            registry=self.registry,
        )
        self.notifications_dead = Counter(
            "guitu_notifications_dead",
            "Deliveries that were given up.",
            registry=self.registry,
        )
        self.notification_handoff_seconds = Histogram(
            "guitu_notification_handoff_seconds",
            "Time from the outbox to the first attempt.",
            registry=self.registry,
        )

    def _count_ingest(self) -> None:
        self.ingested = Counter(
            "guitu_ingest_batches",
            "Up-link batches by stream and result (taken, repeated, gap, invalid).",
            ("stream", "result"),
            registry=self.registry,
        )
        self.rows = Counter(
            "guitu_ingest_rows", "New rows taken, by stream.", ("stream",), registry=self.registry
        )
        self.ingest_seconds = Histogram(
            "guitu_ingest_seconds",
            "Time of one up-link transaction.",
            ("stream",),
            registry=self.registry,
        )
        self.quarantined = Counter(
            "guitu_ingest_quarantined",
            "Rows and events refused one by one, by stream and reason.",
            ("stream", "reason"),
            registry=self.registry,
        )
        self.behind_entries = Gauge(
            "guitu_ingest_behind_entries",
            "Journal entries that a gateway had beyond its last batch, as it said.",
            ("gateway", "stream"),
            registry=self.registry,
        )
        self.oldest_seconds = Gauge(
            "guitu_ingest_oldest_seconds",
            "Age of the oldest entry of a gateway's last batch, by the gateway's clock.",
            ("gateway", "stream"),
            registry=self.registry,
        )
        self.upkeep_rows = Counter(
            "guitu_upkeep_rows",
            "Positions merged late, retired or stripped after their order; hours counted.",
            ("work",),
            registry=self.registry,
        )
        self.stripped = Counter(
            "guitu_positions_stripped",
            "Positions of subjects without an order in force, stored without their place.",
            registry=self.registry,
        )
