"""Documents in the database: numbered without gaps, kept to the byte, read by who may."""

import asyncio
import hashlib
from datetime import UTC, datetime

import psycopg
import pytest

from server.documents.issuing import issue
from server.errors import NotFoundError, RefusedError
from tests.server.paperwork import (
    DOCUMENTS,
    PRAISE,
    SUBJECT,
    desk_of,
    fill_file,
    issued,
    post,
    refused,
    service,
)
from tests.server.pdf_reading import text_of
from tests.server.travelling import travel_of


@pytest.fixture
async def travel(site):
    fill_file(site)
    async with travel_of(site) as one:
        yield one


async def test_a_document_is_numbered_hashed_and_kept_to_the_byte(travel):
    made = await issued(travel)
    answer = await travel.sign_in("officer").get(f"{DOCUMENTS}/{made.id}/content")
    assert answer.headers["content-type"] == "application/pdf"
    assert hashlib.sha256(answer.content).hexdigest() == made.sha256
    assert answer.headers["etag"] == f'"{made.sha256}"'
    text = text_of(answer.content)
    for wanted in (
        made.number,
        "张三",
        "1990年5月1日",
        "东风路1号",
        "青溪县人民法院（2026）刑初1号",
    ):
        assert wanted in text
    (act,) = travel.acts(kind="document.issued")
    assert (act["ref_id"], act["by_login"], act["subject_id"]) == (made.id, "supervisor", SUBJECT)
    assert act["body"]["sha256"] == made.sha256
    assert act["articles"] == ["law-28", "measures-33", "measures-32"]


async def test_a_look_at_the_content_is_logged_and_one_that_is_known_is_not_sent_again(travel):
    made = await issued(travel)
    officer = travel.sign_in("officer")
    path = f"{DOCUMENTS}/{made.id}/content"
    known = await officer.get(path, headers={"If-None-Match": f'"{made.sha256}"'})
    assert (known.status_code, known.content) == (304, b"")
    (look,) = travel.site.rows("SELECT * FROM access_log WHERE act = 'document'")
    assert (look["by_login"], look["subject_id"]) == ("officer", SUBJECT)
    assert made.number in look["purpose"]


async def test_numbers_have_no_gap_when_many_are_issued_and_some_are_undone(travel):
    async def one(number):
        async with desk_of(travel) as desk:
            await issue(desk, "praise_decision", SUBJECT, PRAISE, "merit", f"m-{number}")
            if number % 3 == 0:
                raise ZeroDivisionError

    await asyncio.gather(*(one(number) for number in range(12)), return_exceptions=True)
    numbers = [row["seq"] for row in travel.site.rows("SELECT seq FROM document ORDER BY seq")]
    assert numbers == list(range(1, 9))


async def test_each_kind_year_and_organisation_counts_for_itself(travel):
    travel.clock.now = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    first = await issued(travel)
    again = await issued(travel)
    release = {"released_on": "2026-12-31", "reason": "expired"}
    other_kind = await issued(travel, "release_certificate", release)
    travel.clock.move(minutes=1)
    next_year = await issued(travel)
    assert [one.number for one in (first, again, other_kind, next_year)] == [
        "（2026）青溪矫表字第1号",
        "（2026）青溪矫表字第2号",
        "（2026）青溪矫解证字第1号",
        "（2027）青溪矫表字第1号",
    ]


async def test_an_office_does_not_issue_what_the_county_decides(travel):
    travel.site.add_account("office", "office-1", "officer")
    with pytest.raises(RefusedError) as error:
        await issued(travel, login="office")
    assert refused(error) == ("document_issuer", "")
    assert travel.site.rows("SELECT FROM document_count") == []


async def test_a_refused_value_names_field_rule_and_what_is_allowed(travel):
    with pytest.raises(RefusedError) as error:
        await issued(travel, values={"merits": []})
    assert refused(error) == ("document_value", "/values/merits")
    (told,) = error.value.members["errors"]
    assert told["allowed"] == {"zh": "1至60项文本的列表", "en": "a list of 1 to 60 texts"}


async def test_a_name_that_the_font_lacks_refuses_the_document_and_names_the_character(travel):
    travel.site.rows("UPDATE subject SET name = '张𪚥' WHERE id = %s", (SUBJECT,))
    with pytest.raises(RefusedError) as error:
        await issued(travel)
    assert refused(error) == ("document_glyph", "/values/name")
    assert "𪚥 (U+2A6A5)" in error.value.members["errors"][0]["detail"]["zh"]


async def test_a_feature_cannot_print_another_name_than_the_files(travel):
    made = await issued(
        travel, values=PRAISE | {"name": "王五", "issuer": "某局", "offence": "盗窃罪"}
    )
    (row,) = travel.site.rows("SELECT body FROM document WHERE id = %s", (made.id,))
    assert (row["body"]["name"], row["body"]["issuer"]) == ("张三", "青溪县")
    assert row["body"]["offence"] == "盗窃罪"


async def test_the_database_refuses_content_that_is_not_what_its_hash_says(travel):
    await issued(travel)
    with pytest.raises(psycopg.errors.CheckViolation, match="document_hash"):
        travel.site.rows(
            "INSERT INTO document SELECT 'd-x', org_id, subject_id, kind, template_version, year,"
            " seq + 1, number, is_own, ref_kind, ref_id, body, content || 'x'::bytea, sha256,"
            " issued_at, issued_by, recorded_at, act_id FROM document"
        )


async def test_an_own_account_reads_what_is_addressed_to_the_person_and_nothing_else(travel):
    travel.site.add_account("own", "office-1", "subject", SUBJECT)
    travel.site.add_account("other", "office-1", "subject", "s-7h3n2c")
    search = {
        "lost_at": "2026-11-18T09:00:00+08:00",
        "searched": ["电话联系"],
        "officer": "李某",
        "phone": "1",
    }
    mine = await issued(travel)
    hidden = await issued(travel, "search_notice", search)
    own = travel.sign_in("own")
    listed = (await own.get(DOCUMENTS)).json()["items"]
    assert [item["id"] for item in listed] == [mine.id]
    assert (await own.get(f"{DOCUMENTS}/{mine.id}/content")).status_code == 200
    assert (await own.get(f"{DOCUMENTS}/{hidden.id}/content")).status_code == 404
    other = travel.sign_in("other")
    assert (await other.get(DOCUMENTS, params={"subject": SUBJECT})).json()["items"] == []
    assert (await other.get(f"{DOCUMENTS}/{mine.id}")).status_code == 404


@pytest.mark.article("law-54")
async def test_documents_of_a_closed_file_are_read_only_through_a_look_that_is_noted(travel):
    made = await issued(travel)
    travel.site.rows("UPDATE subject SET is_minor = true WHERE id = %s", (SUBJECT,))
    officer = travel.sign_in("officer")
    for path in (f"{DOCUMENTS}/{made.id}", f"{DOCUMENTS}/{made.id}/content"):
        assert (await officer.get(path)).status_code == 404
    assert (await officer.get(DOCUMENTS)).json()["items"] == []
    with pytest.raises(NotFoundError):
        await issued(travel)
    travel.site.rows(
        "INSERT INTO group_member (id, org_id, subject_id, role, name, sex, login, valid_from)"
        " VALUES ('m-1', 'office-1', %s, 'officer', '王某', 'male', 'officer', now())",
        (SUBJECT,),
    )
    assert (await officer.get(f"{DOCUMENTS}/{made.id}")).status_code == 200
    (look,) = travel.acts(kind="file.looked_at")
    assert (look["by_login"], look["body"]["call"]) == (
        "officer",
        "/api/v1/documents/{document_id}",
    )
    assert (await officer.get(DOCUMENTS)).json()["items"] == []
    named = await officer.get(DOCUMENTS, params={"subject": SUBJECT})
    assert [item["id"] for item in named.json()["items"]] == [made.id]


async def test_a_document_follows_the_file_to_another_county_and_stays_with_who_made_it(travel):
    made = await issued(travel)
    travel.site.add_org("county-b", "/")
    travel.site.add_account("there", "county-b", "supervisor")
    there = travel.sign_in("there")
    assert (await there.get(f"{DOCUMENTS}/{made.id}")).status_code == 404
    travel.site.rows("UPDATE subject SET org_id = 'county-b' WHERE id = %s", (SUBJECT,))
    assert (await there.get(f"{DOCUMENTS}/{made.id}/content")).status_code == 200
    body = service(travel)
    answer = await post(travel, f"{DOCUMENTS}/{made.id}/service", body, login="there")
    assert answer.status_code == 201, answer.text
    assert (await travel.sign_in("officer").get(f"{DOCUMENTS}/{made.id}")).status_code == 200


async def test_a_list_pages_through_everything_once(travel):
    made = []
    for _ in range(5):
        made.append((await issued(travel)).id)
        travel.clock.move(seconds=1)
    officer, seen, cursor = travel.sign_in("officer"), [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await officer.get(DOCUMENTS, params=query)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]
    of_ref = await officer.get(DOCUMENTS, params={"ref_kind": "merit", "ref_id": "m-2"})
    assert of_ref.json()["items"] == []
    bad = await officer.get(DOCUMENTS, params={"ref_kind": "merit"})
    assert bad.status_code == 422


async def test_an_opinion_before_a_sentence_is_about_nobody_whose_file_is_here(travel):
    values = {
        "name": "赵六",
        "commissioner": "青溪县人民法院",
        "commission_number": "第1号",
        "received_on": "2026-11-09",
        "home": "有固定居所",
        "family": "家人愿意监督",
        "opinion": "具备社区矫正条件。",
    }
    async with desk_of(travel) as desk:
        made = await issue(desk, "investigation_opinion", None, values, "investigation", "i-1")
    answer = await travel.sign_in("officer").get(f"{DOCUMENTS}/{made.id}")
    assert answer.json()["subject"] is None
    assert answer.json()["title"]["zh"] == "调查评估意见书"
