"""Silences of a device that comes back for a moment."""

from tests.unit.gateway.engine_world import T0_MS, feed, make_engine, make_report, standing


def test_a_gap_is_told_although_the_device_is_away_again():
    engine = make_engine(
        parameters={"silence_gap_s": 60, "silence_s": 120, "silence_return_s": 300}
    )
    feed(engine, [make_report(50)])
    feed(engine, [make_report(200)])
    found = []
    for s in range(210, 900, 10):
        at_ms = T0_MS + s * 1_000
        found += engine.tick(at_ms) if engine.tick_due(at_ms) else []
    told = [(o.change, o.begin_ms - T0_MS) for o in found if o.rule == "silence"]
    # Away again is told first; the gap before that when its time has come.
    assert told == [("raised", 200_000), ("raised", 50_000), ("cleared", 50_000)]
    feed(engine, [make_report(900)])
    assert standing(engine) == [
        ("silence", "s-0", "wb-0", 50_000, 200_000),
        ("silence", "s-0", "wb-0", 200_000, 900_000),
    ]
