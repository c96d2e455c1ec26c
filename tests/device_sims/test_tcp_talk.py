"""What terminals say and hear, with the platform's own dialogue opposite."""

import pytest

from device_sims.tcp.talk import Said
from device_sims.terminal import PROTOCOLS, terminal_of
from firmware_protocols.command import Command
from firmware_protocols.message import Heartbeat, Login, Logout, Reply
from tests.device_sims.platform_side import Pair, fix

EACH = [terminal_of(nth, 31 + nth) for nth in range(4)]  # both editions of JT/T 808
each = pytest.mark.parametrize("terminal", EACH, ids=lambda t: f"{t.protocol}-{t.version}")
ACKNOWLEDGING = [terminal for terminal in EACH if terminal.protocol != "watch"]
JT808, GT06, WATCH = EACH[:3]
INTERVAL = Command(id="c-1", name="set_interval", interval_s=60)
LOCATE = Command(id="c-2", name="locate")
RESTART = Command(id="c-3", name="restart")


@pytest.fixture
def pair(request):
    made = Pair(request.param)
    made.connect()
    return made


def on(*terminals):
    return pytest.mark.parametrize(
        "pair", terminals, indirect=True, ids=lambda t: f"{t.protocol}-{t.version}"
    )


@on(*EACH)
def test_a_terminal_is_let_in(pair):
    assert pair.talk.is_admitted
    assert pair.dialogue.admission is not None


@on(*EACH)
def test_a_terminal_reports_where_it_is(pair):
    pair.say(fix(1))
    (report,) = pair.reports()
    said = (report.fix_time_ms, report.longitude_deg, report.latitude_deg, report.valid)
    assert said == (fix(1).fix_time_ms, 119.9, 28.4, True)
    assert report.alarms == ()
    assert not report.backlog


@on(*EACH)
def test_what_was_held_back_says_so(pair):
    pair.say(fix(1, backlog=True))
    assert [report.backlog for report in pair.reports()] == [True]


@on(*EACH)
def test_a_report_without_a_position_has_none_that_is_valid(pair):
    nowhere = dict.fromkeys(("longitude_deg", "latitude_deg", "datum", "speed_mps", "heading_deg"))
    pair.say(fix(1, kind="status", **nowhere))
    (report,) = pair.reports()
    assert (report.fix_time_ms, report.valid) == (fix(1).fix_time_ms, False)


@on(*EACH)
def test_sos_and_low_battery_are_told_together_and_urgent(pair):
    pair.say(fix(1, alarms=("sos", "low_battery", "charging")))
    assert {"sos", "low_battery"} <= set(pair.reports()[0].alarms)
    assert pair.turns[-1].is_urgent


@on(JT808)
def test_the_wristband_of_jt808_tells_of_its_strap(pair):
    pair.say(fix(1, alarms=("strap", "charging")))
    assert pair.reports()[0].alarms == ("strap", "charging")


@on(*ACKNOWLEDGING)
def test_a_report_is_let_go_when_it_is_committed_and_not_before(pair):
    pair.is_committing = False
    for seq in (1, 2):
        assert pair.say(fix(seq)).kept == ()
    pair.up(pair.talk.beat())
    assert pair.kept == []
    pair.commit()
    assert pair.kept == [1, 2]


@on(*(t for t in EACH if t.protocol == "jt808"))
def test_a_batch_in_parts_is_let_go_when_the_last_part_is_acknowledged(pair):
    reports = [fix(seq, backlog=True) for seq in range(pair.talk.message_reports)]
    pair.is_committing = False
    pair.say(*reports)
    replies = pair.waiting.split(b"\x7e\x7e")
    assert len(replies) > 1
    pair.down(b"\x7e\x7e".join(replies[:-1]) + b"\x7e")
    assert pair.kept == []
    pair.down(b"\x7e" + replies[-1])
    assert pair.kept == [report.seq for report in reports]
    assert [r.fix_time_ms for r in pair.reports()] == [r.fix_time_ms for r in reports]


@on(*EACH)
def test_a_report_that_comes_again_is_the_same_one(pair):
    pair.is_committing = False  # the link breaks before it is acknowledged
    for report in (fix(1, alarms=("sos",)), fix(2, backlog=True), fix(3)):
        pair.say(report)
        pair.connect()
        pair.say(report)
    names = [report.seq for report in pair.reports()]
    assert len(names) == 6
    assert names[::2] == names[1::2]


@on(JT808)
def test_a_code_that_is_right_no_more_leads_to_a_new_registration(pair):
    pair.talk._auth_code = "of another gateway"
    pair.connect()
    assert not pair.talk.is_admitted
    assert pair.heard[-1].is_refusal
    pair.connect()
    assert pair.talk.is_admitted


@on(JT808)
def test_the_code_is_shown_again_without_a_registration(pair):
    pair.turns.clear()
    pair.connect()
    steps = [m.step for turn in pair.turns for m in turn.messages if isinstance(m, Login)]
    assert steps == ["authenticate"]


@each
def test_a_stranger_is_not_let_in(terminal):
    pair = Pair(terminal)
    pair.is_known = False
    pair.connect()
    assert not pair.talk.is_admitted
    assert [heard.is_refusal for heard in pair.heard] == [True] * (terminal.protocol == "jt808")


def obey(pair, command, *, ok=True):
    sent = pair.dialogue.command(command)
    pair.down(sent.data)
    wanted = pair.heard[-1].command
    pair.up(pair.talk.reply(Reply(device="tm-1", to=wanted.id, ok=ok)))
    replies = [m for turn in pair.turns for m in turn.messages if isinstance(m, Reply)]
    return wanted, [reply.ok for reply in replies if reply.to == sent.key]


@on(*EACH)
def test_an_interval_is_understood_and_answered(pair):
    wanted, answers = obey(pair, INTERVAL)
    assert (wanted.name, wanted.interval_s) == ("set_interval", 60)
    assert answers == [True]


@on(*EACH)
def test_commands_of_two_connections_are_not_taken_for_one(pair):
    first, _ = obey(pair, INTERVAL)
    pair.connect()
    second, _ = obey(pair, INTERVAL)
    assert first.id != second.id


@on(*ACKNOWLEDGING)
def test_what_a_terminal_cannot_do_it_refuses(pair):
    assert obey(pair, RESTART, ok=False)[1] == [False]


@on(WATCH)
def test_a_watch_says_nothing_to_a_word_that_it_does_not_know(pair):
    assert obey(pair, RESTART, ok=False)[1] == []


@on(GT06, WATCH)
def test_a_locate_is_answered_in_words(pair):
    wanted, answers = obey(pair, LOCATE)
    assert (wanted.name, answers) == ("locate", [True])


@on(JT808)
def test_a_locate_is_answered_by_the_position(pair):
    wanted, answers = obey(pair, LOCATE)
    assert (wanted.name, answers) == ("locate", [])
    pair.say(fix(1))
    replies = [m for turn in pair.turns for m in turn.messages if isinstance(m, Reply)]
    assert [reply.to for reply in replies] == [f"8201:{int(wanted.id.rsplit('-')[-1])}"]
    assert pair.kept == [1]
    assert len(pair.reports()) == 1


@on(WATCH)
def test_a_watch_lets_a_position_go_when_it_is_written(pair):
    assert pair.say(fix(1)).kept == ((5, 1),)
    assert pair.kept == []


@on(WATCH)
def test_a_watch_has_one_alarm_under_way(pair):
    pair.is_committing = False
    pair.say(fix(1, alarms=("sos",)))
    pair.say(fix(2))
    assert pair.say(fix(3, alarms=("sos",))) == Said(data=b"")
    pair.commit()
    assert pair.kept == [1, 3]
    assert [r.extra["message"] for r in pair.reports()] == ["AL", "UD", "AL"]


@on(WATCH)
def test_an_alarm_that_is_sent_twice_does_not_let_the_next_one_go(pair):
    pair.is_committing = False
    pair.say(fix(1, alarms=("sos",)))
    pair.say(fix(1, alarms=("sos",)))
    pair.say(fix(2))
    pair.say(fix(3, alarms=("sos",)))
    pair.is_committing = True
    pair.down(pair.waiting)  # two replies, both to the first
    assert 3 not in pair.kept


@on(WATCH)
def test_while_an_alarm_holds_positions_go_on_with_its_bit(pair):
    pair.say(fix(1, alarms=("sos",)))
    pair.say(fix(2, alarms=("sos",)))
    assert [(r.extra["message"], r.alarms) for r in pair.reports()] == [
        ("AL", ("sos",)),
        ("UD", ("sos",)),
    ]


@on(*EACH)
def test_a_sign_of_life_and_a_good_bye_are_understood(pair):
    pair.say(fix(1))
    pair.turns.clear()
    pair.up(pair.talk.beat())
    pair.up(pair.talk.leave())
    said = [type(message) for turn in pair.turns for message in turn.messages]
    assert said == [Heartbeat] + [Logout] * (pair.terminal.protocol == "jt808")


@on(*EACH)
def test_garbage_from_the_platform_is_passed_over(pair):
    pair.down(b"\x00]garbage\r\n\x7e\x7e")
    pair.is_committing = False
    pair.say(fix(1, alarms=("sos",)))
    pair.is_committing = True
    pair.down(pair.waiting)
    assert pair.kept == [1]


def test_the_protocols_come_in_turn_with_numbers_of_their_own():
    made = [terminal_of(nth, nth + 1) for nth in range(30)]
    assert [terminal.protocol for terminal in made[:6]] == [*PROTOCOLS, *PROTOCOLS]
    assert len({terminal.number for terminal in made}) == 30
    assert {terminal.version for terminal in made if terminal.protocol == "jt808"} == {None, 1}
