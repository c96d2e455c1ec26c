"""What must hold between the cells of a person's row, and between rows. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from server.cases.dates import date_faults
from server.exchange.faults import RowFault, fault
from server.exchange.identity import is_resident_number, said_by
from server.exchange.parsing import Values
from server.law.days import LegalCalendar

_ADULT_YEARS: Final = 18
_STAGES: Final = ("received", "in_correction")
_DAYS: Final = LegalCalendar()


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller's scope holds already.

    Attributes:
        levels: Level of each organisation.
        subjects: Ids that are taken.
        identities: Identity numbers of people who are supervised now.
        logins: Who works there.
    """

    levels: Mapping[str, str]
    subjects: AbstractSet[str]
    identities: AbstractSet[str]
    logins: AbstractSet[str]


def is_minor(values: Values) -> bool:
    """Return whether a person was under 18 at the offence: the minors' regime, for good."""
    return _DAYS.age_on(values["birth_date"], values["offence_date"]) < _ADULT_YEARS


def nobody_supervised(row: int) -> RowFault:
    """Return the fault of a row about nobody who is supervised in the caller's scope."""
    text = ("本辖区没有该在矫对象", "nobody of that id is supervised in your scope")
    allowed = ("先导入社区矫正对象", "import the subjects first")
    return fault(row, "subject", "subject", text=text, allowed=allowed)


def subject_faults(
    rows: Sequence[tuple[int, Values]], known: Known, today: date
) -> Iterator[RowFault]:
    """Yield what is wrong between cells; a cell that is faulty by itself counts as absent."""
    for row, values in rows:
        yield from _date_faults(row, values, today)
        yield from _identity_faults(row, values)
        yield from _place_faults(row, values, known)
        yield from _standing_faults(row, values, known)
    for name, taken in (("subject", known.subjects), ("identity_number", known.identities)):
        yield from _repeated(rows, name, taken)


def _date_faults(row: int, values: Values, today: date) -> Iterator[RowFault]:
    for why in date_faults(values, today):
        text, allowed = (why.zh, why.en), (why.allowed_zh, why.allowed_en)
        column = why.pointer.removeprefix("/")
        yield fault(row, column, why.rule, text=text, allowed=allowed, article=why.article)


def _identity_faults(row: int, values: Values) -> Iterator[RowFault]:
    number = values.get("identity_number")
    if not number or not is_resident_number(number):
        return
    said = said_by(number)
    if said is None:
        text = ("公民身份号码校验不符", "the check digit of the identity number is wrong")
        allowed = ("与证件一致的号码", "the number as the card has it")
        yield fault(row, "identity_number", "identity_number", text=text, allowed=allowed)
        return
    for name, stated, zh in (
        ("birth_date", said.birth_date, "出生日期"),
        ("sex", said.sex, "性别"),
    ):
        if values[name] is not None and values[name] != stated:
            text = (f"{zh}与公民身份号码不符", f"{name} differs from the identity number")
            allowed = ("两者一致", "both the same")
            yield fault(row, name, "identity_number", text=text, allowed=allowed)


def _place_faults(row: int, values: Values, known: Known) -> Iterator[RowFault]:
    org = values["org"]
    if org is not None and known.levels.get(org) not in {"office", "county"}:
        text = (
            "执行地机构不在本人辖区内，或者不是司法所、县级机构",
            "no office or county of your scope",
        )
        allowed = ("本辖区内的司法所或县级社区矫正机构", "an office or county of your scope")
        yield fault(row, "org", "place_of_execution", text=text, allowed=allowed, article="law-17")


def _standing_faults(row: int, values: Values, known: Known) -> Iterator[RowFault]:
    if (values.get("stage") or _STAGES[0]) not in _STAGES:
        text = ("该阶段的档案不再导入", "a file of that stage is not imported")
        allowed = ("入矫、在矫", "received or in_correction")
        yield fault(row, "stage", "stage", text=text, allowed=allowed)
    officer = values.get("officer")
    if officer is not None and officer not in known.logins:
        text = ("本辖区没有该账号", "no such account in your scope")
        allowed = ("本辖区工作人员的账号", "a login of somebody who works in your scope")
        yield fault(row, "officer", "officer", text=text, allowed=allowed)
    dates = values["birth_date"] and values["offence_date"]
    is_closed = values.get("is_sealed") or (dates and is_minor(values))
    if is_closed and officer is None:
        text = (
            "未成年人或者封存档案须有责任人，否则无人可以查阅",
            "a minor's or sealed file needs an officer, else nobody could open it",
        )
        allowed = ("填写责任人账号", "an officer's login")
        closed_by = "cpl-286" if values.get("is_sealed") else "law-54"
        yield fault(row, "officer", "closed_file", text=text, allowed=allowed, article=closed_by)


def _repeated(
    rows: Sequence[tuple[int, Values]], name: str, taken: AbstractSet[str]
) -> Iterator[RowFault]:
    seen: dict[Any, int] = {}
    for row, values in rows:
        value = values.get(name)
        if value is None:
            continue
        if value in taken:
            text = ("系统中已有该对象", "the person is here already")
            allowed = ("删除该行，在档案中修改", "leave the row out and change the file")
            yield fault(row, name, "exists", text=text, allowed=allowed, article="law-22")
        elif value in seen:
            text = (f"与第{seen[value]}行重复", f"the same as in row {seen[value]}")
            allowed = ("每人一行", "a row for each person")
            yield fault(row, name, "repeated", text=text, allowed=allowed)
        seen.setdefault(value, row)
