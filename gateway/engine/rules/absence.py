"""The words of an approved absence (请假外出), from an alert's own record."""

from gateway.engine.account import Account
from gateway.engine.rules.placed import between
from gateway.engine.words import Words


def absence_words(account: Account, zh: str, en: str) -> list[Words]:
    """Return which absence the record names and when it was approved for; empty without one."""
    leave = account.said("leave")
    if leave is None:
        return []
    approved = between(account.said("leave_begin_ms"), account.said("leave_end_ms"))
    return [Words(f"{zh}（{leave}）为{approved.zh}", f"{en} ({leave}) {approved.en}")]
