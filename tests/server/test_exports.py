"""Lists that leave the system: marked, logged, without minors and sealed files, and harmless."""

import csv
import io

import openpyxl
import pytest

from tests.server.sheets import PERSON, csv_of

PURPOSE = "purpose=%E5%AD%A3%E5%BA%A6%E7%BB%9F%E8%AE%A1"  # 季度统计


async def taken_in(people, *rows):
    answer = await people("supervisor").post(
        "/api/v1/imports?kind=subjects",
        content=csv_of("subjects", [PERSON | row for row in rows]),
        headers={"Idempotency-Key": "export-test"},
    )
    assert answer.is_success, answer.text


def lines(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.article("law-54", "pipl-51")
async def test_minors_and_sealed_files_are_in_no_export_not_even_for_their_officer(people):
    closed = {"identity_number": "", "officer": "officer-1"}
    await taken_in(
        people,
        {"subject": "s-m", "birth_date": "2009-01-01", "is_sealed": "", **closed},
        {"subject": "s-s", "is_sealed": "是", **closed},
        {"subject": "s-o", "is_sealed": "", **closed},
    )
    for kind in ("subjects", "deadlines", "orders"):
        answer = await people("officer-1").get(f"/api/v1/exports/{kind}?format=csv&{PURPOSE}")
        found = {cell for line in lines(answer) for cell in line}
        assert not {"s-m", "s-s"} & found
        assert "s-o" in found or kind == "orders"


async def test_an_export_says_who_took_it_when_and_why_and_is_logged(people, site):
    answer = await people("auditor").get(f"/api/v1/exports/subjects?format=csv&{PURPOSE}")
    mark = lines(answer)[0][0]
    assert mark.startswith("# 导出人")
    assert all(word in mark for word in ("auditor", "季度统计", "不得外传"))
    (log,) = site.rows("SELECT * FROM access_log WHERE act = 'export subjects'")
    assert (log["by_login"], log["purpose"]) == ("auditor", "季度统计")
    (act,) = site.rows("SELECT * FROM act WHERE kind = 'export.taken'")
    assert act["ref_id"] in mark
    assert act["body"] == {
        "kind": "subjects",
        "rows": 2,
        "identities": False,
        "purpose": "季度统计",
    }


async def test_an_xlsx_has_the_marks_on_its_pages_and_a_sheet(people):
    answer = await people("officer").get(f"/api/v1/exports/orders?{PURPOSE}")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert "季度统计" in book.worksheets[0].oddFooter.center.text
    assert "季度统计" in book["说明 notes"]["A1"].value
    assert [cell.value for cell in book.worksheets[0][2]][:3] == [
        *("eo-1", "s-4k2m9q", "无正当理由，未经批准离开所居住的市、县"),
    ]


async def test_identity_numbers_are_masked_unless_asked_for(people):
    numbered = {"identity_number": "440524188001010014", "birth_date": "1880-01-01"}
    refused = {"birth_date": "1900-01-01"} | {"identity_number": "H12345678"}
    assert numbered != refused
    await taken_in(people, {"subject": "s-1", **refused})
    path = f"/api/v1/exports/subjects?format=csv&{PURPOSE}"
    masked = (await people("officer").get(path)).text
    assert "H123****78" in masked
    assert "H12345678" not in masked
    assert "H12345678" in (await people("officer").get(path + "&identities=true")).text


async def test_a_name_that_a_spreadsheet_would_compute_is_made_harmless(people):
    await taken_in(people, {"subject": "s-1", "name": "@SUM(1+1)"})
    text = (await people("officer").get(f"/api/v1/exports/subjects?format=csv&{PURPOSE}")).text
    assert "'@SUM(1+1)" in text
    assert ",@SUM" not in text


async def test_a_control_character_costs_nobody_the_file(people):
    await taken_in(people, {"subject": "s-1", "name": "赵\x0b六"})
    asked = {"purpose": "季度\x01统计", "format": "xlsx"}
    answer = await people("officer").get("/api/v1/exports/subjects", params=asked)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    names = {cell.value for row in book.worksheets[0].iter_rows() for cell in row}
    assert "赵六" in names
    assert "季度统计" in book["说明 notes"]["A1"].value


async def test_an_export_needs_a_purpose(people):
    answer = await people("officer").get("/api/v1/exports/subjects")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/purpose"


async def test_code_tables_are_answered_with_version_and_source(people):
    listed = (await people("officer").get("/api/v1/codes")).json()["items"]
    assert "order_ground" in {one["table"] for one in listed}
    answer = await people("officer").get("/api/v1/codes/category")
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    assert [one["name"] for one in answer.json()["codes"]] == [
        *("control", "probation", "parole", "medical"),
    ]
    assert (await people("officer").get("/api/v1/codes/shoes")).status_code == 404
