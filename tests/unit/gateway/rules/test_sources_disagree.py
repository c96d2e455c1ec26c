"""Sources disagree: against an oracle, and in cases."""

from gateway.engine.rules.sources_disagree import SOURCES_DISAGREE
from tests.oracles.truth import sources_disagree
from tests.unit.gateway.rules.reporting import explained, judge, law, report

MINUTE_S = 60
WIFI = {"satellites": 0, "accuracy_m": 95}
SKY = {"satellites": 9, "accuracy_m": 5}

test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    SOURCES_DISAGREE, sources_disagree, parameters={"sources_drive_mps": 1}
)


def turns(*, away_m, count=6, every_s=MINUTE_S, wifi=WIFI, sky=SKY, **said):
    """Positions from satellites, drawn away, and from the network, at home, by turns."""
    sides = ({"east_m": float(away_m), **sky}, {"east_m": 0.0, **wifi})
    return [report(every_s * k, **said, **sides[k % 2]) for k in range(count)]


def decisions(rows, **options):
    return judge(SOURCES_DISAGREE, rows, **options).decisions()


def test_satellites_that_lie_where_the_network_does_not_disagree_at_every_change():
    assert decisions(turns(away_m=2_500)) == [0, 1, 1, 1, 1, 1]


def test_sources_within_both_circles_agree():
    assert decisions(turns(away_m=250)) == [0, -1, -1, -1, -1, -1]


def test_what_may_have_been_driven_between_agrees():
    assert decisions(turns(away_m=2_500, speed_mps=30)) == [0, -1, -1, -1, -1, -1]


def test_a_wide_circle_of_the_network_agrees():
    assert decisions(turns(away_m=2_500, wifi=WIFI | {"accuracy_m": 800})) == [0, *[-1] * 5]


def test_positions_of_one_source_are_not_compared():
    rows = [report(MINUTE_S * k, east_m=5_000.0 * (k % 2), **SKY) for k in range(6)]
    assert decisions(rows) == [0] * 6


def test_few_satellites_and_unknown_ones_cannot_tell():
    for satellites in (1, 3):
        assert decisions(turns(away_m=2_500, sky=SKY | {"satellites": satellites})) == [0] * 6
    assert decisions(turns(away_m=2_500, sky={"accuracy_m": 5})) == [0] * 6


def test_positions_that_are_far_apart_in_time_are_not_compared():
    assert decisions(turns(away_m=25_000, every_s=600)) == [0] * 6


def test_it_takes_three_changes_and_ten_minutes():
    assert SOURCES_DISAGREE.raise_reports == "sources_reports"
    assert SOURCES_DISAGREE.raise_s == "sources_s"


def test_words_blame_neither_alone():
    words = explained(SOURCES_DISAGREE, turns(away_m=2_500))
    assert "相距2.5公里" in words.zh
    assert "2.5 km apart" in words.en
    assert "a router has moved" in words.en
