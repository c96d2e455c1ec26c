"""Code tables (代码表) as versioned data, one file each."""

from server.law.codes.tables import TABLES, Code, CodeTable, code, codes, table

__all__ = ["TABLES", "Code", "CodeTable", "code", "codes", "table"]
