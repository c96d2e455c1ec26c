"""Files as offices send them: people under supervision, with faults where a test wants them."""

import csv
import io

from openpyxl import Workbook

from server.exchange.kinds import KINDS

PERSON = {
    "subject": "",
    "name": "赵六",
    "org": "office-1",
    "category": "缓刑",
    "sex": "男",
    "birth_date": "1990-05-01",
    "offence_date": "2025-11-03",
    "judged_on": "2026/9/1",
    "effective_on": "2026年9月12日",
    "term_from": "20260912",
    "term_to": "2099-09-11",
    "judgment_number": "（2026）浙0101刑初1号",
    "deciding_body": "青溪县人民法院",
    "residence": "青溪县城关镇人民路1号",
}
ORDER = {
    "order": "eo-2",
    "subject": "s-7h3n2c",
    "ground": "02",
    "approved_by": "李局长",
    "approved_at": "2026-01-31 09:00",
    "valid_from": "2026-02-01 00:00",
    "valid_to": "2026-05-01 00:00",
}
CONTACT = {
    "subject": "s-7h3n2c",
    "kind": "受保护人",
    "name": "孙某",
    "relation": "被害人",
    "phone": "13800000000",
}
LEAVE = {
    "subject": "s-7h3n2c",
    "ground": "1",
    "reason": "到省人民医院复查",
    "destination": "杭州市上城区",
    "from_time": "2026-10-01 08:00",
    "to_time": "2026-10-05 20:00",
    "approved_by": "王所长",
    "approved_at": "2026-09-28 09:00",
    "returned_time": "2026-10-05 18:00",
}


def heads(kind, rows):
    known = {column.name: column.zh for column in KINDS[kind].columns}
    return [known[name] for name in rows[0]]


def csv_of(kind, rows, encoding="utf-8-sig"):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads(kind, rows))
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode(encoding)


def xlsx_of(kind, rows):
    book = Workbook()
    book.active.append(heads(kind, rows))
    for row in rows:
        book.active.append(list(row.values()))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def people(count, **changed):
    return [
        PERSON | {"subject": f"s-{number}", "name": f"对象{number}"} | changed
        for number in range(count)
    ]
