"""Alerts as rows of a table that officers open in a spreadsheet. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from server.alert_exports.chain import certainty, last_place, probability_ppm
from server.exchange.columns import Column
from server.exchange.writing import csv_head, csv_rows

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "severity": {"critical": "紧急", "major": "重要", "minor": "一般"},
    "category": {
        "violation": "违规",
        "device": "设备",
        "integrity": "数据真实性",
        "care": "关怀",
        "notice": "提示",
    },
    "state": {
        "open": "待受理",
        "acknowledged": "已受理",
        "dispatched": "已派员",
        "resolved": "已办结",
        "shelved": "已搁置",
        "superseded": "已被后到数据取代",
    },
    "condition": {"active": "持续", "cleared": "已恢复", "superseded": "已被取代"},
    "verdict": {
        "confirmed": "属实",
        "false": "不实",
        "technical": "技术原因",
        "excused": "有正当理由",
    },
    "certainty": {
        "Observed": "已查实",
        "Likely": "很可能",
        "Possible": "可能",
        "Unlikely": "不大可能",
        "Unknown": "未知",
    },
}
_FILE: Final = (
    Column("id", "报警编号", "the alert's id"),
    Column("version", "版本", "its version"),
    Column("raised_at", "报警时间", "when it was raised", "instant"),
    Column("begin_time", "起始时间", "when it began", "instant"),
    Column("end_time", "结束时间", "when it ended", "instant"),
    Column("severity", "级别", "how grave"),
    Column("category", "类别", "its category"),
    Column("rule", "规则", "the rule"),
    Column("title", "名称", "what it is called"),
    Column("state", "处置状态", "how it is handled"),
    Column("condition", "情况", "the engine's condition"),
    Column("verdict", "处置结论", "the verdict"),
    Column("certainty", "可信程度", "how sure"),
    Column("violation_ppm", "违规概率（百万分之）", "probability, parts per million"),
    Column("subject", "对象编号", "the person's id"),
    Column("subject_name", "姓名", "the name"),
    Column("device", "设备编号", "the device"),
    Column("fence", "围栏编号", "the fence"),
    Column("fence_name", "围栏名称", "the fence's name"),
    Column("org", "机构编号", "the organisation"),
    Column("org_name_zh", "机构", "its name"),
    Column("assigned_to", "承办人", "who has it"),
    Column("due_at", "应办时间", "when it goes to the next person", "instant"),
    Column("late", "补传", "found in late data", "boolean"),
    Column("explanation", "说明", "what happened"),
)
_PLACES: Final = (
    Column("longitude_deg", "经度（WGS-84）", "degrees"),
    Column("latitude_deg", "纬度（WGS-84）", "degrees"),
    Column("accuracy_m", "定位精度（米）", "metres"),
)


class Table:
    """A CSV, part by part."""

    def __init__(self, marks: Sequence[str], *, places: bool) -> None:
        """Take who took it, when and why; `places`: with the last place of each alert."""
        self._marks = marks
        self._columns = _FILE + _PLACES if places else _FILE

    def head(self) -> bytes:
        """Return its beginning."""
        return csv_head(self._columns, self._marks)

    def part(self, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Return a row for each alert."""
        return csv_rows(self._columns, [_values(row, self._columns) for row in rows])

    def end(self) -> bytes:
        """Return its end."""
        return b""


def _values(alert: Mapping[str, Any], columns: tuple[Column, ...]) -> list[Any]:
    found: dict[str, Any] = dict(alert)
    found |= {
        "certainty": certainty(alert),
        "violation_ppm": probability_ppm(alert["evidence"]),
        "title": (alert["title"] or {}).get("zh"),
        "explanation": (alert["explanation"] or {}).get("zh"),
    }
    found |= (last_place(alert["evidence"]) if alert["place"] else None) or dict.fromkeys(
        column.name for column in _PLACES
    )
    return [_worded(column.name, found[column.name]) for column in columns]


def _worded(name: str, value: Any) -> Any:
    return _WORDS[name].get(value, value) if name in _WORDS and value is not None else value
