"""The report of a backtest as one HTML file, Chinese first: for who decides on the rules."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Final

from gateway.backtest.backtest import OWN, Backtest
from gateway.backtest.figures import Figures
from gateway.backtest.plots import Series, budget_plot, days_plot, delays_plot
from gateway.backtest.steps import GRID_MS
from gateway.backtest.tables import difference_tables, rule_table
from gateway.backtest.words import both, duration, local_time, percent

_COLOURS: Final = (("A", "#2563a8"), ("B", "#d97a1f"))
_MS_PER_S: Final = 1_000


def page_of(done: Backtest) -> str:
    """Return the report as HTML that needs nothing from outside."""
    sets = _sets(done)
    series = _COLOURS[: len(sets)]
    days = days_plot([each.days for each in sets], series)
    delays = delays_plot([each.delays_s for each in sets], series)
    budget = budget_plot([each.orgs for each in sets], series, done.window.budget)
    parts = [
        _head(done),
        _section("概况", "At a glance", _tiles(done, sets)),
        _section("每日告警", "Alerts per day", _figure(days, series, _DAYS)),
        _section("各规则", "By rule", rule_table(sets, has_labels=done.has_labels)),
        _section("告警快慢", "How soon", _figure(delays, series, _DELAYS)),
        _section("打扰与预算", "Nuisance and budget", _figure(budget, series, _BUDGET)),
    ]
    if done.difference is not None:
        parts.append(_section("差别", "Differences", difference_tables(done.difference)))
    parts.append(_section("怎样读这份报告", "How to read this", _notes(done)))
    style = files("gateway.backtest").joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>规则回放报告 Rule backtest</title><style>{style}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


_DAYS: Final = (
    "按告警发出的日期（北京时间）；不含关怀与提示。",
    "By the local day on which they were told; care and notices left out.",
)
_DELAYS: Final = (
    "横轴：从告警所说的开始到告警发出的时间；纵轴：在此时间内发出的告警占比。",
    "Across: time from an alert's begin to its telling; up: share of alerts told within it.",
)
_BUDGET: Final = (
    "各机构每人每天的打扰；虚线为预算，最多列出四十个机构。",
    "Nuisance of each organisation; the dashed line is the budget; at most forty are drawn.",
)


def _sets(done: Backtest) -> list[Figures]:
    return [done.a] if done.b is None else [done.a, done.b]


def _head(done: Backtest) -> str:
    window = f"{local_time(done.window.from_ms)} – {local_time(done.window.to_ms)}"
    names = "".join(
        f'<br><span class="key {key}">{key.upper()}</span> {_version(each)}'
        for key, each in zip("ab", _sets(done), strict=False)
    )
    return (
        '<header><h1>规则回放报告<span class="en">Rule backtest</span></h1>'
        f"<p>{window} {both('北京时间', 'UTC+8')}{names}</p></header>"
    )


def _version(figures: Figures) -> str:
    if figures.version == OWN:
        return both("当时生效的规则", "the rules that were in force")
    return f"{both('规则', 'rule set')} {escape(figures.version)}"


def _tiles(done: Backtest, sets: Sequence[Figures]) -> str:
    tiles = [
        ("告警总数", "alerts", [str(each.total.raised) for each in sets]),
        ("每人每天的打扰", "nuisance per subject and day", [_nuisance(done, s) for s in sets]),
        ("告警时延中位", "median delay", [duration(each.total.delay_p50_s) for each in sets]),
    ]
    if done.has_labels:
        truths = [each.total.truth for each in sets]
        recalls = [percent(truth.recall if truth else None) for truth in truths]
        precisions = [percent(truth.precision if truth else None) for truth in truths]
        tiles += [("查全率", "recall", recalls), ("准确率", "precision", precisions)]
    else:
        gone = [str(each.total.superseded) for each in sets]
        tiles.append(("后来撤回", "withdrawn later", gone))
    cells = "".join(
        f'<div class="tile"><dt>{both(zh, en)}</dt>'
        + "".join(
            f'<dd><span class="key {key}">{key.upper()}</span> {value}</dd>'
            for key, value in zip("ab", values, strict=False)
        )
        + "</div>"
        for zh, en, values in tiles
    )
    return f'<dl class="tiles">{cells}</dl>'


def _nuisance(done: Backtest, figures: Figures) -> str:
    days = sum(org.subject_days for org in figures.orgs.values())
    if not days:
        return "–"
    share = sum(org.nuisance * org.subject_days for org in figures.orgs.values()) / days
    is_within = share <= done.window.budget
    verdict = both("预算内", "within") if is_within else both("超出预算", "over budget")
    return f'{share:.2f} <span class="{"good" if is_within else "bad"}">{verdict}</span>'


def _section(zh: str, en: str, body: str) -> str:
    return f'<section><h2>{escape(zh)}<span class="en">{escape(en)}</span></h2>{body}</section>'


def _figure(svg: str, series: Series, caption: tuple[str, str]) -> str:
    keys = " ".join(f'<span class="key {name.lower()}">{name}</span>' for name, _ in series)
    return f"<figure>{svg}<figcaption>{keys} {both(*caption)}</figcaption></figure>"


def _notes(done: Backtest) -> str:
    notes = [
        (
            f"本报告把{done.a.reports:,}条已接收的定位与状态报告按原顺序重新判定。",
            f"{done.a.reports:,} reports that had been taken were judged again in their order.",
        ),
        _budget_note(done),
        (
            "撤回：后到的数据说明告警不成立。未结束：回放结束时仍在持续。",
            "Superseded: late data showed that it was none. Open: it lasts at the end.",
        ),
        (
            "对象为化名；报告不含位置。不代表任何人已被认定违规。",
            (
                "Subjects are pseudonyms and no places are shown. Nobody is found to have violated "
                "anything by this."
            ),
        ),
    ]
    if done.unlike is None:
        seconds = GRID_MS // _MS_PER_S
        notes.append(
            (
                f"静默等随时间推移的告警每{seconds}秒检查一次，可能比实际晚至多{seconds}秒。",
                (
                    f"What only the passing of time tells, such as silence, is looked for every "
                    f"{seconds} s and may be told up to {seconds} s late."
                ),
            )
        )
    elif done.unlike:
        unlike = ", ".join(done.unlike)
        notes.append(
            (
                f"与网关当时的记录不一致的规则：{unlike}（程序版本可能不同）。",
                f"Not what the gateway recorded: {unlike} (another version of the program?).",
            )
        )
    else:
        notes.append(("与网关当时的记录完全一致。", "Equal to what the gateway recorded."))
    if done.extent.after:
        notes.append(
            (
                "较早的数据已清理，回放从最早的快照开始；此前已有的告警不计入。",
                (
                    "Older data is gone: the replay begins with the oldest snapshot, and alerts "
                    "that stood before it are not counted."
                ),
            )
        )
    return "<ul>" + "".join(f"<li>{both(*note)}</li>" for note in notes) + "</ul>"


def _budget_note(done: Backtest) -> tuple[str, str]:
    budget = f"{done.window.budget:g}"
    if done.has_labels:
        return (
            f"打扰指误报与重复告警；预算为每人每天{budget}条。",
            f"Nuisance are false and repeated alerts; the budget is {budget} per subject and day.",
        )
    return (
        f"没有真值标注，全部告警都按打扰计算，这是上限；预算为每人每天{budget}条。",
        (
            "Without labels every alert counts as nuisance, an upper bound; the budget is "
            f"{budget} per subject and day."
        ),
    )
