"""The tables that offices fill in: which columns each has."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from server.exchange.columns import Column
from server.law.text import Text

Name = Literal["subjects", "orders", "contacts", "leaves", "facts", "credits"]

_ID: Final = r"[A-Za-z0-9_-]{1,40}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A table.

    Attributes:
        article: The article that asks for what it holds.
    """

    name: Name
    text: Text
    article: str
    columns: tuple[Column, ...]


_SUBJECTS: Final = (
    Column("subject", "对象编号", "the person's id", pattern=_ID, example="s-4k2m9q"),
    Column("name", "姓名", "the name", required=True, most=100, example="赵六"),
    Column(
        *("org", "执行地机构", "an organisation's id"),
        required=True,
        pattern=_ID,
        example="office-1",
    ),
    Column("category", "矫正类别", "the category", "code", required=True, table="category"),
    Column("sex", "性别", "the sex", "code", required=True, table="sex"),
    Column("birth_date", "出生日期", "the date of birth", "date", required=True),
    Column("offence_date", "犯罪时间", "the date of the offence", "date", required=True),
    Column("judged_on", "裁判日期", "the date of the decision", "date", required=True),
    Column("effective_on", "生效日期", "when it took effect", "date", required=True),
    Column("term_from", "矫正起日", "the first day of the term", "date", required=True),
    Column("term_to", "矫正止日", "the last day of the term", "date", required=True),
    Column(
        *("judgment_number", "文书号", "the decision's number"),
        required=True,
        most=100,
        example="（2026）浙0101刑初1号",
    ),
    Column(
        *("deciding_body", "决定机关", "the deciding body"),
        required=True,
        example="青溪县人民法院",
    ),
    Column(
        *("residence", "居住地址", "the address"),
        required=True,
        pattern=".{4,}",
        most=400,
        example="青溪县城关镇人民路1号",
    ),
    Column("crime", "罪名", "the crime", example="危险驾驶罪"),
    Column(
        *("identity_number", "证件号码", "the number of an identity document"),
        pattern=r"[0-9A-Za-z()-]{5,40}",
        example="330101199005010010",
    ),
    Column(
        *("phone", "联系电话", "a telephone number"),
        pattern=r"[0-9+() -]{5,40}",
        example="13800000000",
    ),
    Column("procuratorate", "检察机关", "the procuratorate", example="青溪县人民检察院"),
    Column("police", "公安机关", "the police", example="青溪县公安局"),
    Column("stage", "矫正阶段", "received or in correction", "code", table="stage"),
    Column("is_sealed", "档案封存", "whether the file is sealed", "boolean"),
    Column("officer", "责任人账号", "an officer's login", pattern=_ID, example="officer-1"),
    Column("public_credit", "公共信用分", "the public credit", "number", most=1000),
)
_ORDERS: Final = (
    Column(
        *("order", "决定书编号", "the order's id"),
        required=True,
        pattern=_ID,
        example="eo-2026-001",
    ),
    Column(
        *("subject", "对象编号", "the person's id"), required=True, pattern=_ID, example="s-4k2m9q"
    ),
    Column("ground", "电子定位情形", "the ground", "code", required=True, table="order_ground"),
    Column("approved_by", "批准人", "who approved it", required=True, example="李局长"),
    Column("approved_at", "批准时间", "when it was approved", "instant", required=True),
    Column("valid_from", "起始时间", "when it begins", "instant", required=True),
    Column("valid_to", "截止时间", "when it ends", "instant", required=True),
)

_WHOSE: Final = Column(
    *("subject", "对象编号", "the person's id"), required=True, pattern=_ID, example="s-4k2m9q"
)
_CONTACTS: Final = (
    _WHOSE,
    Column("kind", "关系人种类", "the kind", "code", required=True, table="contact"),
    Column("name", "姓名", "the name", required=True, most=100, example="孙某"),
    Column("relation", "与对象关系", "the relation", required=True, most=100, example="配偶"),
    Column(
        *("phone", "联系电话", "a telephone number"),
        pattern=r"[0-9+() -]{5,40}",
        example="13800000000",
    ),
    Column("address", "地址", "the address", pattern=".{4,}", most=400, example="青溪县人民路1号"),
)
_LEAVES: Final = (
    _WHOSE,
    Column("ground", "外出事由", "the ground", "code", required=True, table="leave_reason"),
    Column(
        *("reason", "外出理由", "the reason"),
        required=True,
        pattern=".{4,}",
        most=300,
        example="到省人民医院复查",
    ),
    Column(
        *("destination", "目的地", "the destination"),
        required=True,
        pattern=".{2,}",
        example="杭州市上城区",
    ),
    Column("from_time", "外出时间", "when it begins", "instant", required=True),
    Column("to_time", "返回期限", "when it ends", "instant", required=True),
    Column("approved_by", "批准人", "who approved it", required=True, example="王所长"),
    Column("approved_at", "批准时间", "when it was approved", "instant", required=True),
    Column("returned_time", "实际返回时间", "when the person came back", "instant"),
)

_FACTS: Final = (
    _WHOSE,
    Column(
        *("kind", "事实种类", "the kind of fact"),
        required=True,
        pattern="[a-z_]{1,40}",
        example="employment_kept",
    ),
    Column("occurred_at", "发生时间", "when it happened", "instant", required=True),
    Column("quantity", "数量", "times or hours", "number", required=True, most=24, example="1"),
    Column(
        *("note", "说明和依据", "what proves it"),
        required=True,
        pattern=".{2,}",
        most=300,
        example="劳动合同和工资单已核",
    ),
)
_CREDITS: Final = (
    _WHOSE,
    Column("figure", "公共信用分", "the public-credit figure", "number", required=True, most=1000),
    Column("as_of", "评价时间", "when it is of", "instant", required=True),
)

KINDS: Final[Mapping[Name, Kind]] = MappingProxyType(
    {
        "subjects": Kind("subjects", Text("社区矫正对象", "subjects"), "law-22", _SUBJECTS),
        "orders": Kind("orders", Text("电子定位决定", "positioning orders"), "law-29", _ORDERS),
        "contacts": Kind("contacts", Text("关系人", "contacts"), "measures-25", _CONTACTS),
        "leaves": Kind("leaves", Text("外出审批", "leave"), "measures-27", _LEAVES),
        "facts": Kind("facts", Text("记分事实", "facts that count"), "measures-32", _FACTS),
        "credits": Kind("credits", Text("公共信用分", "public credit"), "measures-32", _CREDITS),
    }
)
