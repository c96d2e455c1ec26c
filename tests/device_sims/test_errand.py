"""An officer whom a task sends."""

from device_sims.errand import way_of
from device_sims.obedience import Obedience
from firmware_protocols.command import Command

TASK = Command(id="t-1", name="task", text="派员")


def test_the_way_is_told_in_order_and_is_the_same_again():
    steps = way_of("ot-0001", "t-1")
    assert [step.name for step in steps] == ["accepted", "en_route", "on_site", "reported"]
    times_s = [step.after_s for step in steps]
    assert times_s == sorted(times_s)
    assert times_s[0] > 0
    assert steps == way_of("ot-0001", "t-1")
    assert steps != way_of("ot-0002", "t-1")


def test_a_terminal_takes_a_task_and_a_wristband_does_not():
    for takes_tasks in (True, False):
        obedience = Obedience("ot-0001", None, takes_tasks=takes_tasks)
        assert not obedience.knows(TASK)
        reply, _ = obedience.obey(TASK, 0)
        assert reply.ok is takes_tasks
        assert obedience.knows(TASK)
