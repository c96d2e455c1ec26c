"""With the server away the gateway tells terminals on duty by its own broker."""

import pytest

from gateway.verification import verify
from tests.gateway.duty import duty_body, tellings, terminal
from tests.gateway.life import process, running, until
from tests.gateway.place import give_directory, journal_of, make_settings, report, topic

STRAP = {"alarms": ["strap"]}


@pytest.fixture
def settings(broker, tmp_path):
    made = make_settings(tmp_path, broker, local_alert_s=0.3)
    give_directory(made, duty_body())
    return made


def cut_strap(anybody, seq=1) -> None:
    anybody.publish_all(topic("wb-1", channel="up-urgent"), [report(seq, **STRAP)])


def changes(settings) -> list[tuple[str, str]]:
    return [(one.device, one.change) for one in tellings(settings)]


async def test_a_cut_strap_reaches_who_is_on_duty_and_is_seen(settings, broker, anybody):
    with terminal(broker, "ot-1") as on_duty, terminal(broker, "ot-2") as off_duty:
        async with running(settings) as gateway:
            cut_strap(anybody)
            alert = await on_duty.alert()
            assert (alert["rule"], alert["subject"]) == ("strap", "s-1")
            await until(lambda: changes(settings) == [("ot-1", "told")], "it is recorded")
            on_duty.see(alert["id"])
            await gateway.until(lambda s: not s["local_alerts_waiting"], "it is seen")
            await until(lambda: ("ot-1", "seen") in changes(settings), "that is recorded")
        assert off_duty.is_quiet
    with journal_of(settings) as journal:
        assert verify(journal, settings.data_dir).fault is None


async def test_what_nobody_has_seen_is_told_again_under_the_same_id(settings, broker, anybody):
    with terminal(broker, "ot-1") as on_duty:
        async with running(settings):
            cut_strap(anybody)
            first, second = await on_duty.alert(), await on_duty.alert()
    assert first == second
    assert changes(settings) == [("ot-1", "told")]


@pytest.mark.slow
async def test_a_killed_gateway_tells_it_again_and_what_was_seen_no_more(settings, broker, anybody):
    with terminal(broker, "ot-1") as on_duty:
        with process(settings) as gateway:
            await gateway.until_ready()
            cut_strap(anybody)
            told = await on_duty.alert()
            gateway.kill()
        with process(settings) as gateway:
            again = await on_duty.alert()
            assert again == told
            on_duty.see(told["id"])
            await until(lambda: ("ot-1", "seen") in changes(settings), "that is recorded")
            gateway.kill()
        with process(settings) as gateway:
            await gateway.until_ready()
            anybody.publish_all(
                topic("wb-1", channel="up-urgent"), [report(2, alarms=["strap", "sos"])]
            )
            assert (await on_duty.alert())["rule"] == "sos"
    assert changes(settings).count(("ot-1", "seen")) == 1
