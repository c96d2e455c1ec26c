"""Issues documents in tests as a feature does, at a desk of a signed-in person."""

from contextlib import asynccontextmanager

from server.auth import store as auth_store
from server.auth.person import Desk, Person, session_hash
from server.db import open_files
from server.documents.issuing import issue

SUBJECT = "s-4k2m9q"
PRAISE = {"merits": ["遵守监督管理规定，积极参加公益活动"]}
REF = ("merit", "m-1")
DOCUMENTS = "/api/v1/documents"


@asynccontextmanager
async def desk_of(travel, login="supervisor"):
    parts = travel.app.state.parts
    secret, _ = travel.site.open_session(login)
    async with parts.database.people() as connection:
        key = session_hash(secret)
        person = Person(session_hash=key, **await auth_store.session(connection, key))
        await open_files(connection, login, travel.clock.now)
        yield Desk(person, connection, parts, travel.clock.now)


async def issued(travel, kind="praise_decision", values=None, login="supervisor", ref=REF):
    async with desk_of(travel, login) as desk:
        return await issue(desk, kind, SUBJECT, PRAISE if values is None else values, *ref)


def refused(error):
    (one,) = error.value.members["errors"]
    return one["rule"], one["pointer"]


def fill_file(site):
    """What a document takes from the person's file."""
    site.rows(
        "UPDATE case_file SET sex = 'male', birth_date = '1990-05-01', residence = '东风路1号',"
        " judgment_number = '（2026）刑初1号', deciding_body = '青溪县人民法院',"
        " procuratorate = '青溪县人民检察院' WHERE subject_id = %s",
        (SUBJECT,),
    )


def service(travel, **changed):
    told = {"method": "direct", "recipient": "张三"}
    return told | {"served_time": travel.clock.now.isoformat()} | changed


async def post(travel, path, body, key="key-0001", login="officer"):
    client = travel.sign_in(login)
    return await client.post(path, json=body, headers={"Idempotency-Key": key})
