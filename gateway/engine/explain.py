"""What an outcome says to a person, in whole sentences, from its own record alone."""

from typing import Final

from gateway.engine.account import Account, clock, duration
from gateway.engine.outcome import Change
from gateway.engine.rule import Rule
from gateway.engine.words import Words

_MS_PER_S: Final = 1_000

_ENDED_BY: Final = {
    "reports": Words("设备报告显示情况已结束", "the device's reports say so"),
    "fence": Words("围栏失效", "the fence is no longer in force"),
    "order": Words("电子定位决定终止", "the positioning order has ended"),
    "binding": Words("设备解除佩戴", "the device is no longer bound to the person"),
    "date": Words("期限已到", "the date has come"),
    "directory": Words("登记信息已变更", "what is registered has changed"),
    "checkin": Words("本人已通过信息化核查", "the person has passed a check-in"),
}
_LATE: Final = Words(
    "此结论由迟到的数据得出，并非实时发现。",
    "It was found by data that came late, not as it happened.",
)
_BACKLOG: Final = Words(
    "所依据的报告由设备补传。", "The reports that it rests on were held back by the device."
)
_BY_A_PERSON: Final = Words(
    "此类告警不会自行关闭，须由人员核实。",
    "An alert of this kind never closes itself: a person must verify it.",
)


def explain(
    rule: Rule,
    change: Change,
    account: Account,
    *,
    late: bool,
    backlog: bool,
    ended_by: str | None,
) -> Words:
    """Return what happened to an episode, Chinese and English.

    Args:
        rule: Whose episode.
        change: What happened to it.
        account: The outcome's record.
        late: It was found by late data.
        backlog: The deciding reports were held back by the device.
        ended_by: What ended a cleared episode; None where that is not known.
    """
    if change == "raised":
        said = [_raised(rule, account)]
        said += [_LATE] if late else []
        said += [_BACKLOG] if backlog else []
    elif change == "cleared":
        said = [_cleared(rule, account, ended_by)]
        said += [_LATE] if late else []
    elif change == "amended":
        said = [_amended(rule, account)]
    else:
        said = [_superseded(rule, account)]
    if not rule.closes and change != "superseded":
        said.append(_BY_A_PERSON)
    return Words("".join(one.zh for one in said), " ".join(one.en for one in said))


def _raised(rule: Rule, account: Account) -> Words:
    begin, certain = clock(account.begin_ms), clock(account.confirmed_ms)
    observed, span, bar = _observed(rule, account), account.span(), _bar(rule, account)
    title = rule.title
    zh = f"{title.zh}：{observed.zh}。开始于北京时间{begin}"
    en = f"{_capital(title.en)}: {observed.en}. It began at {begin} (Beijing)"
    if account.confirmed_ms > account.begin_ms:
        zh += f"，{certain}判定，历时{span.zh}"
        en += f" and was certain at {certain}, {span.en} later"
    return Words(f"{zh}{bar.zh}。", f"{en}{bar.en}.")


def _bar(rule: Rule, account: Account) -> Words:
    """Return what persistence the alert needed."""
    reports, lasting_s = _set(rule.raise_reports, account), _set(rule.raise_s, account)
    zh, en = [], []
    if reports > 1:
        zh.append(f"连续{reports}次报告")
        en.append(f"{reports} reports in a row")
    if lasting_s > 0:
        length = duration(lasting_s)
        zh.append(f"持续{length.zh}")
        en.append(f"{length.en}")
    if not zh:
        return Words("", "")
    return Words(f"（须{'且'.join(zh)}）", f" (needed: {' and '.join(en)})")


def _cleared(rule: Rule, account: Account, ended_by: str | None) -> Words:
    title = rule.title
    end_ms = account.end_ms if account.end_ms is not None else account.begin_ms
    begin, end = clock(account.begin_ms), clock(end_ms)
    lasted = duration((end_ms - account.begin_ms) // _MS_PER_S)
    why = _ENDED_BY.get(ended_by or "", Words("", ""))
    if ended_by == "reports" and rule.ended is not None:
        why = rule.ended
    return Words(
        f"{title.zh}：情况已于北京时间{end}结束，始于{begin}，持续{lasted.zh}"
        f"{f'；结束原因：{why.zh}' if why.zh else ''}。",
        f"{_capital(title.en)}: ended at {end} (Beijing), having begun at {begin} and lasted "
        f"{lasted.en}{f'; ended because {why.en}' if why.en else ''}.",
    )


def _amended(rule: Rule, account: Account) -> Words:
    title, begin = rule.title, clock(account.begin_ms)
    zh, en = "尚未结束", "it has not ended"
    if account.end_ms is not None:
        zh, en = f"结束于{clock(account.end_ms)}", f"it ended at {clock(account.end_ms)}"
    return Words(
        f"{title.zh}：根据迟到的数据更正时间，现开始于北京时间{begin}，{zh}。原记录予以保留。",
        f"{_capital(title.en)}: its times are corrected by late data. It now begins at {begin} "
        f"(Beijing); {en}. The earlier record is kept.",
    )


def _superseded(rule: Rule, account: Account) -> Words:
    title, begin = rule.title, clock(account.begin_ms)
    return Words(
        f"{title.zh}：迟到的数据与始于北京时间{begin}的告警不符，该告警撤回，其自动效果一并撤销。"
        "原记录予以保留。",
        f"{_capital(title.en)}: late data contradicts the alert that began at {begin} (Beijing). "
        "The alert is withdrawn, its automatic effects are reversed, the earlier record is kept.",
    )


def _observed(rule: Rule, account: Account) -> Words:
    try:
        return rule.explain(account)
    except KeyError:
        # An alert must go out even where its record lacks a number, as when time alone decided.
        return rule.title


def _set(limit: str | int, account: Account) -> int:
    """Return a limit that is a number or the name of a parameter; 0 when it is not on record."""
    if isinstance(limit, int):
        return limit
    try:
        return int(account.parameter(limit))
    except KeyError:
        return 0


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
