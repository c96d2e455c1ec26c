"""The report's tables: by rule, and what two rule sets do not have in common."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from gateway.backtest.alert import Alert
from gateway.backtest.compare import Changed, Difference
from gateway.backtest.figures import Figures, RuleFigures, is_heard
from gateway.backtest.words import DIFFERS, both, duration, local_time, percent, rule_title
from gateway.engine.rules.catalogue import RULES

LISTED_MOST: Final = 200
"""Alerts of a list; the JSON output has them all."""

_COLUMNS: Final = (
    ("告警", "raised"),
    ("撤回", "superseded"),
    ("未结束", "open"),
    ("时延中位", "delay p50"),
    ("时延95%", "delay p95"),
)
_TRUE_COLUMNS: Final = (
    ("查全率", "recall"),
    ("准确率", "precision"),
    ("误报", "false"),
    ("重复", "repeats"),
)


def rule_table(sets: Sequence[Figures], *, has_labels: bool) -> str:
    """Return the table of every rule, with a row for each rule set."""
    columns = (*_COLUMNS, *(_TRUE_COLUMNS if has_labels else ()))
    names = [rule for rule in RULES if any(rule in each.rules for each in sets)]
    names += sorted({rule for each in sets for rule in each.rules} - RULES.keys())
    heads = "".join(f"<th>{both(*name)}</th>" for name in columns)
    body = "".join(
        _rule_rows(
            f"{rule_title(rule)}{'' if is_heard(rule) else '＊'}",
            [each.rules.get(rule) for each in sets],
            has_labels=has_labels,
        )
        for rule in names
    )
    foot = _rule_rows(both("合计", "sum"), [each.total for each in sets], has_labels=has_labels)
    note = both("＊ 关怀与提示：不计入合计与预算", "care and notices: not in the sum or the budget")
    return (
        f'<div class="scroll"><table><thead><tr><th class="text">{both("规则", "rule")}</th>'
        f"<th></th>{heads}</tr></thead><tbody>{body}</tbody><tfoot>{foot}</tfoot></table></div>"
        f"<p>{note}</p>"
    )


def difference_tables(found: Difference) -> str:
    """Return how many alerts of each rule differ, and which."""
    only_a, only_b = Counter(a.rule for a in found.only_a), Counter(b.rule for b in found.only_b)
    changed = Counter(pair.a.rule for pair in found.changed)
    names = sorted(
        {*only_a, *only_b, *changed}, key=lambda r: -(only_a[r] + only_b[r] + changed[r])
    )
    rows = "".join(
        f"<tr><th>{rule_title(rule)}</th><td>{only_a[rule]}</td><td>{only_b[rule]}</td>"
        f"<td>{changed[rule]}</td></tr>"
        for rule in names
    )
    heads = "".join(
        f"<th>{both(*name)}</th>"
        for name in (("只有A", "only A"), ("只有B", "only B"), ("有变化", "changed"))
    )
    same = both(f"另有{found.same}条完全相同。", f"{found.same} more are alike.")
    return (
        f'<table><thead><tr><th class="text">{both("规则", "rule")}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table><p>{same}</p>"
        + _alert_list("只有A告警", "Only under A", found.only_a)
        + _alert_list("只有B告警", "Only under B", found.only_b)
        + _changed_list(found.changed)
    )


def _rule_rows(title: str, figures: Sequence[RuleFigures | None], *, has_labels: bool) -> str:
    rows: list[str] = []
    for key, one in zip("ab", figures, strict=False):
        head = f'<th class="text" rowspan="{len(figures)}">{title}</th>' if not rows else ""
        badge = f'<td><span class="key {key}">{key.upper()}</span></td>'
        cells = "".join(f"<td>{cell}</td>" for cell in _values(one, has_labels=has_labels))
        rows.append(f"<tr>{head}{badge}{cells}</tr>")
    return "".join(rows)


def _values(one: RuleFigures | None, *, has_labels: bool) -> Iterator[str]:
    if one is None:
        yield from ["0", "0", "0", "–", "–"] + ["–"] * (4 if has_labels else 0)
        return
    yield from (str(one.raised), str(one.superseded), str(one.open))
    yield from (duration(one.delay_p50_s), duration(one.delay_p95_s))
    if has_labels:
        truth = one.truth
        if truth is None:
            yield from ["–"] * 4
        else:
            yield from (percent(truth.recall), percent(truth.precision))
            yield from (str(truth.false), str(truth.repeats))


def _alert_list(zh: str, en: str, alerts: Sequence[Alert]) -> str:
    rows = (
        f"<tr><th>{rule_title(one.rule)}</th><td class='text'>{escape(one.who)}</td>"
        f"<td class='text'>{escape(one.target)}</td>"
        f"<td class='text'>{local_time(one.begin_ms)}</td><td class='text'>{_end(one)}</td>"
        f"<td class='text'>{local_time(one.at_ms)}</td></tr>"
        for one in alerts[:LISTED_MOST]
    )
    heads = (
        ("规则", "rule"),
        ("对象", "subject"),
        ("关于", "about"),
        ("开始", "begin"),
        ("结束", "end"),
        ("告警", "told at"),
    )
    return _list(zh, en, heads, list(rows), len(alerts))


def _changed_list(pairs: Sequence[Changed]) -> str:
    rows = [
        f"<tr><th>{rule_title(pair.a.rule)}</th><td class='text'>{escape(pair.a.who)}</td>"
        f"<td class='text'>{both(*DIFFERS[name])}</td>"
        f"<td class='text'>{_shown(pair.a, name)}</td>"
        f"<td class='text'>{_shown(pair.b, name)}</td></tr>"
        for pair in pairs[:LISTED_MOST]
        for name in pair.differs_in
    ]
    heads = ("规则", "rule"), ("对象", "subject"), ("变化", "changed"), ("A", ""), ("B", "")
    return _list("有变化的告警", "Changed", heads, rows, len(pairs))


def _list(
    zh: str, en: str, heads: Sequence[tuple[str, str]], rows: Sequence[str], count: int
) -> str:
    if not count:
        return ""
    shown = min(count, LISTED_MOST)
    caption = both(f"{zh}：{count}条，列出{shown}条", f"{en}: {count}, {shown} of them listed")
    head = "".join(f'<th class="text">{both(*name)}</th>' for name in heads)
    return (
        f'<div class="scroll"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _shown(alert: Alert, name: str) -> str:
    if name == "is_withdrawn":
        return both("是", "yes") if alert.is_withdrawn else both("否", "no")
    if name == "end_ms":
        return _end(alert)
    return local_time(getattr(alert, name))


def _end(alert: Alert) -> str:
    return both("未结束", "open") if alert.end_ms is None else local_time(alert.end_ms)
