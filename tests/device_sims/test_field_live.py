"""The field as a scenario: a registry that the server takes, devices, and labels in order."""

import itertools
from datetime import UTC, datetime

from device_sims.field.live import field_feeds, live_labels
from device_sims.field.population import Population
from device_sims.field.registry import field_registry
from device_sims.field.society import Society
from server.registry.schemas import RegistryFile

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
START_S = NOW.timestamp()
SEED, SIZE = 78, 12


def society():
    return Society(Population(SEED, SIZE))


def registry():
    return field_registry(SEED, residents=SIZE, now=NOW)


def test_the_server_takes_the_registry():
    taken = RegistryFile.model_validate(registry())
    assert len(taken.subjects) == len(taken.orders) == SIZE
    uses = {fence.use for fence in taken.fences}
    assert {"inclusion", "exclusion", "curfew", "leave", "route"} <= uses
    assert taken.no_contact
    assert taken.sites
    assert taken.leaves


def test_every_device_that_plays_is_in_the_registry_and_bound():
    feeds = field_feeds(society(), start_ms=round(START_S * 1_000), boot=7)
    rows = registry()
    known = {(row["device"], row["org"], row["kind"]) for row in rows["devices"]}
    assert {(f.identity.device, f.identity.org, f.identity.kind) for f in feeds} <= known
    assert {row["device"] for row in rows["bindings"]} == {row["device"] for row in rows["devices"]}


def test_devices_report_from_the_start_on_once_a_minute():
    feed = field_feeds(society(), start_ms=round(START_S * 1_000), boot=7)[0]
    first = [one.moment_ms / 1_000 - START_S for one in itertools.islice(feed.emissions(), 5)]
    assert 0 <= first[0] < 60
    assert first[4] - first[0] <= 240


def test_labels_come_by_begin_and_name_no_check_in():
    told = list(itertools.takewhile(lambda one: one[0] < START_S + 86_400, labels()))
    begins = [begin_s for begin_s, _ in told]
    assert begins
    assert begins == sorted(begins)
    assert begins[0] >= START_S
    assert not any(label.rule.startswith("checkin_") for _, label in told)


def labels():
    return live_labels(society(), START_S)
