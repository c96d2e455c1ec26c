"""Answers of the code tables."""

from datetime import date

from pydantic import BaseModel

from server.schema import Words


class TableHead(BaseModel):
    """A table without its codes."""

    table: str
    title: Words
    version: str
    article: str
    source: str


class CodeInfo(BaseModel):
    """A code: `name` is what calls carry, `number` what forms and files carry."""

    name: str
    number: str
    title: Words
    valid_from: date | None
    valid_to: date | None


class TableInfo(TableHead):
    """A table with its codes, in their order; its version is the ETag."""

    codes: list[CodeInfo]


class TableList(BaseModel):
    """Every table, by name."""

    items: list[TableHead]
