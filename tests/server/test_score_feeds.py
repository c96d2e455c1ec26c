"""`guitu score pull` and `push` against a running server and another house's, on real ports."""

import asyncio
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import uvicorn
from click.testing import CliRunner

from guitu.commands.score import command
from guitu.embedded.ports import free_port
from guitu.errors import ScoreFeedError, ServerRefusedError
from server.notifications.webhook import new_secret, signed_headers
from server.outflow.queueing import OUTFLOW
from server.rounds import Rounds
from server.scoring.score import BEIJING
from tests.server.enrolling import enrolled
from tests.server.measure_work import OF, PERSON, Work
from tests.server.sheets import csv_of
from tests.server.test_score_outflow import BASIS, MESSAGES, seed
from tests.server.travelling import travel_of


class House(ThreadingHTTPServer):
    """Another house: it has a table of figures, and keeps what it is sent."""

    def __init__(self):
        super().__init__(("127.0.0.1", free_port()), Asked)
        self.table, self.status, self.answers = b"", 200, True
        self.had: list[tuple[dict[str, str], bytes]] = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Asked(BaseHTTPRequestHandler):
    server: House

    def do_GET(self):
        self.server.had.append((dict(self.headers), b""))
        self._answer(self.server.table)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.had.append(({k.lower(): v for k, v in self.headers.items()}, body))
        ids = [json.loads(line)["id"] for line in body.splitlines()]
        items = [{"id": one, "accepted": True, "receipt": f"R-{n}"} for n, one in enumerate(ids)]
        self._answer(json.dumps({"items": items}).encode() if self.server.answers else b"")

    def _answer(self, body):
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep the test's output clean."""


@contextmanager
def house_open():
    with House() as house:
        thread = threading.Thread(target=house.serve_forever)
        thread.start()
        yield house
        house.shutdown()
        thread.join()


@pytest.fixture
def house():
    with house_open() as opened:
        yield opened


@pytest.fixture
async def desk(site, tmp_path):
    """People at work, and a way to run the command against their server."""
    async with travel_of(site, second_factor="optional") as travel:
        work = Work(travel)
        port = free_port()
        # With its own log configuration it would take the logs of every later test of the process.
        config = uvicorn.Config(
            travel.app, "127.0.0.1", port, lifespan="off", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            assert not serving.done(), serving.result()
            await asyncio.sleep(0.01)
        password = tmp_path / "password"
        password.write_text(site.passwords["supervisor"])
        sign_in = ("--server", f"http://127.0.0.1:{port}", "--login", "supervisor")

        async def run(*arguments):
            given = [str(one) for one in (*arguments, *sign_in, "--password-file", password)]
            return await asyncio.to_thread(CliRunner().invoke, command, given)

        yield work, run
        server.should_exit = True
        await serving


def table(work, figure):
    at = (work.travel.clock.now.astimezone(BEIJING) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    return csv_of("credits", [{"subject": PERSON, "figure": figure, "as_of": at}])


async def public_of(work):
    return (await work.get(f"{OF}/score"))["score"]["public"]


async def test_figures_are_taken_from_another_house_whole_and_once(desk, house, tmp_path):
    work, run = desk
    token = tmp_path / "token"
    token.write_text("open sesame\n")
    work.travel.clock.move(days=1)  # after the ledger's opening
    house.table = table(work, "850")
    for _ in range(2):
        done = await run("pull", "--from", f"{house.address}/credits", "--token-file", token)
        assert (done.exit_code, done.output) == (0, "taken rows=1\n"), done.exception
    assert house.had[0][0]["Authorization"] == "Bearer open sesame"
    assert await public_of(work) == 340
    house.table = table(work, "-5")
    refused = await run("pull", "--from", f"{house.address}/credits")
    assert isinstance(refused.exception, ServerRefusedError)
    assert "row 2 figure" in str(refused.exception)
    assert await public_of(work) == 340


async def test_a_source_that_fails_or_could_be_overheard_is_said_so(desk, house):
    _, run = desk
    house.status = 503
    failed = await run("pull", "--from", house.address)
    assert isinstance(failed.exception, ScoreFeedError)
    assert "answered 503" in str(failed.exception)
    for address, said in (
        ("http://credit.example/table", "begins with https://"),
        ("https://name:secret@credit.example/", "holds a login"),
        (f"https://127.0.0.1:{house.server_address[1]}/", "does not answer soundly"),
    ):
        refused = await run("pull", "--from", address)
        assert said in str(refused.exception)
        assert "secret" not in str(refused.exception)
    assert (await run("pull")).exit_code == 2


async def test_tables_in_a_folder_are_taken_or_set_apart_with_what_is_wrong(desk, tmp_path):
    work, run = desk
    folder = tmp_path / "drop"
    folder.mkdir()
    work.travel.clock.move(days=1)
    (folder / "a.csv").write_bytes(table(work, "850"))
    (folder / "b.csv").write_bytes(table(work, "nought"))
    (folder / "half.part").write_bytes(b"not whole yet")
    done = await run("pull", "--folder", folder)
    assert "taken a.csv rows=1" in done.output
    assert "refused b.csv: the server answered 409: row 2 figure" in done.output
    assert isinstance(done.exception, ScoreFeedError)
    left = {one.parent.name: one.name.split("-", 1)[-1] for one in folder.rglob("*.*")}
    assert left == {"taken": "a.csv", "refused": "b.csv", "drop": "half.part"}
    assert await public_of(work) == 340
    assert (await run("pull", "--folder", folder)).exit_code == 0


async def test_a_table_that_was_not_looked_at_stays_in_its_folder(desk, tmp_path):
    work, run = desk
    (tmp_path / "drop").mkdir()
    waiting = tmp_path / "drop" / "a.csv"
    waiting.write_bytes(table(work, "850"))
    work.travel.site.rows("UPDATE app_user SET role = 'officer' WHERE login = 'supervisor'")
    refused = await run("pull", "--folder", tmp_path / "drop")
    assert isinstance(refused.exception, ServerRefusedError)
    assert waiting.exists()


async def test_grades_reach_a_receiver_signed_and_its_receipts_come_back(desk, house, tmp_path):
    work, run = desk
    await seed(work)
    await work.done("of-1", "/api/v1/subjects/s-told/outflow-bases", BASIS)
    parts = work.travel.app.state.parts
    await Rounds(parts, *OUTFLOW, every_s=60.0).round()
    secret = tmp_path / "secret"
    secret.write_text(new_secret())
    push = ("push", "hangzhou", "--to", house.address, "--secret-file", secret)
    house.status = 500
    failed = await run(*push)
    assert isinstance(failed.exception, ScoreFeedError)
    house.status, house.answers = 200, False
    silent = await run(*push)
    assert silent.output == "sent messages=1 settled=0\n"
    house.answers = True
    done = await run(*push)
    assert done.output == "sent messages=1 settled=1\n"
    # The same batch each time, under one id: the receiver knows what it has had.
    assert {body for _, body in house.had} == {house.had[0][1]}
    assert len({headers["webhook-id"] for headers, _ in house.had}) == 1
    (found,) = (await work.get(f"{MESSAGES}?state=accepted"))["items"]
    assert found["receipt"] == "R-0"
    assert (await run(*push)).output == "sent messages=0 settled=0\n"


async def test_what_is_sent_can_be_verified_by_the_shared_key(desk, house, tmp_path):
    work, run = desk
    await seed(work)
    await work.done("of-1", "/api/v1/subjects/s-told/outflow-bases", BASIS)
    await Rounds(work.travel.app.state.parts, *OUTFLOW, every_s=60.0).round()
    secret = tmp_path / "secret"
    secret.write_text(new_secret())
    await run("push", "hangzhou", "--to", house.address, "--secret-file", secret)
    ((headers, body),) = house.had
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    keys = [secret.read_text()]
    expected = signed_headers(headers["webhook-id"], body, keys, at)
    assert headers["webhook-signature"] == expected["webhook-signature"]
    other = signed_headers(headers["webhook-id"], body + b" ", keys, at)
    assert headers["webhook-signature"] != other["webhook-signature"]


async def test_a_programs_login_has_a_second_factor_in_a_file(desk, house, tmp_path):
    work, run = desk
    travel = work.travel
    # A code is good once: the one of a minute ago enrols, and that of now is new.
    travel.clock.move(minutes=-1)
    secret, _ = await enrolled(travel.sign_in("supervisor"), travel.clock.now)
    travel.clock.now = datetime.now(UTC)
    house.table = table(work, "850")
    pull = ("pull", "--from", house.address)
    alone = await run(*pull)
    assert isinstance(alone.exception, ServerRefusedError)
    file = tmp_path / "factor"
    file.write_text("no base32!")
    wrong = await run(*pull, "--factor-file", file)
    assert "no secret in base32" in str(wrong.exception)
    file.write_text(f"{secret}\n")
    done = await run(*pull, "--factor-file", file)
    assert done.output == "taken rows=1\n", done.exception
