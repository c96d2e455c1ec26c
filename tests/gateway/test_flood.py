"""A flood of backlog is held at the broker; an SOS goes past it (invariant 11)."""

from tests.gateway.life import running, until
from tests.gateway.place import journal_of, report, topic

HELD = 100


def raised(settings) -> list[str]:
    with journal_of(settings) as journal:
        return [outcome.rule for _, outcome in journal.outcomes(0, 10_000)]


async def test_an_sos_is_read_while_the_flood_is_held_back(settings, anybody):
    flooded = settings.model_copy(update={"held_messages_max": HELD})
    async with running(flooded) as here:
        collector = here.gateway._collector
        async with here.gateway._pipeline_turn:  # nothing is committed meanwhile
            anybody.publish_all(topic("wb-1"), [report(n) for n in range(3 * HELD)])
            await until(lambda: collector._paused, "the flood is held back")
            sos = report(9_000, alarms=["sos"])
            anybody.publish_all(topic("wb-1", channel="up-urgent"), [sos])
            await until(lambda: collector.held == HELD + 1, "the SOS is read")
            assert collector._paused
        await here.until_kept(3 * HELD + 1)
    assert "sos" in raised(flooded)
