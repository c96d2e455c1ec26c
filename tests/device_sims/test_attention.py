"""An officer before the terminal, when the gateway shows an alert by itself."""

from device_sims.attention import REMEMBERED, SEES_S, Attention


def test_an_alert_is_seen_after_a_persons_time_that_is_the_same_again():
    after_s = Attention("ot-0001").shown("a" * 32)
    assert SEES_S[0] <= after_s <= SEES_S[1]
    assert Attention("ot-0001").shown("a" * 32) == after_s
    assert Attention("ot-0002").shown("a" * 32) != after_s


def test_a_repetition_waits_for_the_person_and_is_answered_at_once_afterwards():
    attention = Attention("ot-0001")
    attention.shown("a")
    assert attention.shown("a") is None
    attention.saw("a")
    assert attention.shown("a") == 0.0


def test_what_is_long_gone_is_new_again():
    attention = Attention("ot-0001")
    for nth in range(REMEMBERED + 1):
        attention.shown(str(nth))
    assert attention.shown("0") is not None
