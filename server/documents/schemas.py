"""Documents as docs/http.md says."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from server.law.codes import table
from server.schema import Strict

_Printed = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


def _code_of(table_name: str) -> AfterValidator:
    def known(value: str) -> str:
        names = [one.name for one in table(table_name).codes]
        if value not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return AfterValidator(known)


class TextInfo(BaseModel):
    """A wording in both languages."""

    zh: str
    en: str


class ServiceInfo(BaseModel):
    """送达: `served_time` is claimed, `recorded_at` is the database's clock."""

    method: str
    recipient: str
    note: str | None
    served_time: datetime
    by_login: str
    recorded_at: datetime


class CopyInfo(BaseModel):
    """抄送, and its receipt once there is one."""

    recipient: str
    name: str
    sent_time: datetime
    by_login: str
    recorded_at: datetime
    receipt: str | None
    received_time: datetime | None


class DocumentInfo(BaseModel):
    """A document; `copies_to` is who gets a copy of this kind (codes of `copy_to`)."""

    id: str
    org: str
    subject: str | None
    kind: str
    title: TextInfo
    template_version: int
    number: str
    is_own: bool
    ref_kind: str
    ref_id: str
    articles: list[str]
    sha256: str
    size_bytes: int
    issued_at: datetime
    issued_by: str
    recorded_at: datetime
    act_id: int
    service: ServiceInfo | None
    copies_to: list[str]
    copies: list[CopyInfo]


class DocumentPage(BaseModel):
    """Documents, newest first."""

    items: list[DocumentInfo]
    next_cursor: str | None


class NewService(Strict):
    """How a document was served; `method` is a code of the table `service`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "method": "left",
                    "recipient": "张三",
                    "served_time": "2026-11-23T10:00:00+08:00",
                    "note": "本人拒绝签收，居民委员会王五在场见证",
                }
            ]
        },
    )

    method: Annotated[str, _code_of("service")]
    recipient: _Printed
    served_time: AwareDatetime
    note: Annotated[str, Field(max_length=1000)] | None = None


class NewCopy(Strict):
    """Who got a copy; `recipient` is a code of the table `copy_to`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recipient": "procuratorate",
                    "name": "青溪县人民检察院",
                    "sent_time": "2026-11-23T15:00:00+08:00",
                }
            ]
        },
    )

    recipient: Annotated[str, _code_of("copy_to")]
    name: _Printed
    sent_time: AwareDatetime


class NewReceipt(Strict):
    """The receipt (回执) of a copy."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"receipt": "青检收字第12号", "received_time": "2026-11-24T09:00:00+08:00"}
            ]
        },
    )

    receipt: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
    received_time: AwareDatetime
