"""What of a protected person's reports may be kept."""

import pytest

from gateway.directory.snapshot import compile_directory
from gateway.intake.lawfulness import Lawfulness
from gateway.intake.refusal import Refusal
from tests.unit.gateway.engine_world import T0_MS
from tests.unit.gateway.pair_world import BAND, PROTECTED, body, pair, seen

ENDED_MS = T0_MS + 600_000


def kept(report, *orders):
    directory = compile_directory(body(orders=orders))
    binding = directory.binding_at(BAND, report.fix_time_ms)
    return Lawfulness(directory).kept_of(report, binding, "wristband")


def test_a_no_contact_order_is_ground_for_the_places_of_whom_it_protects():
    report = seen(PROTECTED, 599, 0.0)
    assert kept(report, pair("nc-1", "s-0", PROTECTED, to_ms=ENDED_MS)) == report


@pytest.mark.parametrize(
    "orders",
    [
        (),
        (pair("nc-1", "s-0", PROTECTED, to_ms=ENDED_MS),),
        (pair("nc-2", "s-1", "s-0"),),
    ],
    ids=["none", "ended", "of others"],
)
def test_without_one_the_places_of_a_protected_person_are_refused(orders):
    with pytest.raises(Refusal) as refused:
        kept(seen(PROTECTED, 600, 0.0), *orders)
    assert (refused.value.reason, refused.value.keep_bytes) == ("no_order", False)


def test_without_one_the_alarms_of_a_protected_person_are_kept_alone():
    report = kept(seen(PROTECTED, 0, 0.0, alarms=("sos",)))
    assert report.alarms == ("sos",)
    assert report.longitude_deg is None
