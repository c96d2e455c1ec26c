"""Names of metrics end in their unit, as Prometheus has it."""

import pytest

import gateway.metrics
import server.metrics

UNITS = ("_seconds", "_bytes", "_total", "_ratio", "_entries", "_messages")
# Counts of things that are there now: the thing is the unit.
THINGS = {
    "guitu_live_clients",
    "guitu_live_connected",
    "guitu_gateway_directory_version",
    "guitu_gateway_alerts_per_subject_day",
    "guitu_gateway_over_nuisance_budget",
    "guitu_gateway_uplink_quarantined",
    "guitu_gateway_recovery_differs",
    "guitu_gateway_tcp_sessions",
    "guitu_gateway_commands_open",
    "guitu_gateway_local_alerts_waiting",
    "guitu_gateway_face_checks_waiting",
    "guitu_gateway_face_people",
}


def families(metrics):
    return [(one.name, one.type, one.documentation) for one in metrics.registry.collect()]


@pytest.mark.parametrize(
    "metrics", [server.metrics.Metrics, gateway.metrics.Metrics], ids=["server", "gateway"]
)
def test_every_metric_ends_in_its_unit_and_says_what_it_is(metrics):
    for name, kind, text in families(metrics()):
        assert name.startswith("guitu_")
        assert len(text) > 10, name
        # The client library adds `_total` to every counter itself.
        shown = f"{name}_total" if kind == "counter" else name
        assert shown.endswith(UNITS) or name in THINGS, shown
        if kind == "histogram":
            assert name.endswith(("_seconds", "_bytes")), name


def test_no_label_is_about_a_person():
    for metrics in (server.metrics.Metrics(), gateway.metrics.Metrics()):
        labels = {
            label
            for collector in metrics.registry._collector_to_names
            for label in getattr(collector, "_labelnames", ())
        }
        assert labels.isdisjoint(
            {"subject", "person", "login", "device", "path", "name", "address"}
        )
