"""`guitu score pull` and `push`: public-credit figures in, grades out, by other houses' systems.

Programs of their own, run by a timer beside the server: the server itself speaks to neither house.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from guitu.errors import ScoreFeedError, ServerRefusedError
from guitu.score_feed import Feed
from guitu.server_session import ServerSession, sign_in_options, signed_in
from server.notifications.webhook import signed_headers

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_IMPORT_S: Final = 600.0
_PAGE: Final = 200
_TABLES: Final = ("*.csv", "*.xlsx")
_CONFLICT: Final = 409
_OF_THE_TABLE: Final = frozenset({400, _CONFLICT, 413, 415, 422})
"""What no repetition mends; another login or another moment may mend the others."""


@click.command("pull")
@click.option("--from", "source", help="Address of the table: https://...")
@click.option("--token-file", type=_FILE, help="File with the token that the source asks for.")
@click.option("--ca", type=_FILE, help="Authority of the source's certificate, PEM.")
@click.option("--folder", type=_FOLDER, help="Folder where tables are put down instead.")
@sign_in_options("A supervisor or registrar.")
def pull(
    *,
    source: str | None,
    token_file: Path | None,
    ca: Path | None,
    folder: Path | None,
    **sign_in: Any,
) -> None:
    """Take public-credit figures from an address, or from tables in a folder.

    A table is what `imports?kind=credits` takes: whole, or refused with its faults. One of a folder
    is moved to `taken` or `refused` in it; put it there under another name and rename it when it is
    whole. Taking a table again changes nothing.
    """
    if (source is None) == (folder is None):
        raise click.UsageError("name either --from or --folder")
    if folder is not None:
        with signed_in(**sign_in) as session:
            refused = [name for name in _dropped(session, folder) if name]
        if refused:
            raise ScoreFeedError(f"{len(refused)} tables are refused: {', '.join(refused)}")
        return
    token = {} if token_file is None else {"Authorization": f"Bearer {_secret(token_file)}"}
    content = Feed(str(source), ca=ca).ask("GET", token)
    with signed_in(**sign_in) as session:
        click.echo(f"taken rows={_take(session, content)}")


@click.command("push")
@click.argument("receiver")
@click.option("--to", required=True, help="Address that takes the messages: https://...")
@click.option("--secret-file", type=_FILE, required=True, help="File with the shared whsec_ key.")
@click.option("--ca", type=_FILE, help="Authority of the receiver's certificate, PEM.")
@sign_in_options("A supervisor.")
def push(*, receiver: str, to: str, secret_file: Path, ca: Path | None, **sign_in: Any) -> None:
    """Send RECEIVER the grades that wait for it, and note what it answers to each.

    What was handed over before and has no receipt goes first, once more: a message has one id, and
    a receiver that has had it says so.
    """
    feed, secret = Feed(to, ca=ca), _secret(secret_file)
    settled = messages = 0
    with signed_in(**sign_in) as session:
        for batch in _batches(session, receiver):
            content = session.ask("GET", f"/api/v1/outflow-batches/{batch}/file").content
            messages += content.count(b"\n")
            items = _sent(feed, batch, content, secret)
            if items:
                path = f"/api/v1/outflow-batches/{batch}/receipt"
                settled += session.json("POST", path, json={"items": items})["settled"]
    click.echo(f"sent messages={messages} settled={settled}")


def _secret(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()


def _take(session: ServerSession, content: bytes) -> int:
    # The same table has the same key: the server answers what it answered before.
    headers = {"Idempotency-Key": f"credits-{hashlib.sha256(content).hexdigest()}"}
    taken = session.json(
        "POST",
        "/api/v1/imports",
        params={"kind": "credits"},
        content=content,
        headers=headers,
        timeout=_IMPORT_S,
    )
    return int(taken["written"])


def _dropped(session: ServerSession, folder: Path) -> Iterator[str]:
    """Take every table of a folder; yield the name of each that is refused, else nothing."""
    for file in sorted(one for pattern in _TABLES for one in folder.glob(pattern)):
        try:
            rows = _take(session, file.read_bytes())
        except ServerRefusedError as error:
            if error.status not in _OF_THE_TABLE:
                raise
            click.echo(f"refused {file.name}: {error}")
            _put(file, folder / "refused")
            yield file.name
        else:
            click.echo(f"taken {file.name} rows={rows}")
            _put(file, folder / "taken")


def _put(file: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    file.rename(folder / f"{stamp}-{file.name}")


def _batches(session: ServerSession, receiver: str) -> Iterator[str]:
    """Yield batches without a receipt, then new ones until nothing waits."""
    yield from _unanswered(session, receiver)
    while True:
        try:
            made = session.json("POST", "/api/v1/outflow-batches", json={"receiver": receiver})
        except ServerRefusedError as error:
            if error.status != _CONFLICT:
                raise
            return
        yield made["id"]


def _unanswered(session: ServerSession, receiver: str) -> Iterable[str]:
    batches: dict[str, None] = {}
    asked: dict[str, Any] = {"state": "handed_over", "limit": _PAGE}
    while True:
        page = session.json("GET", "/api/v1/outflow-messages", params=asked)
        mine = (one["batch"] for one in page["items"] if one["receiver"] == receiver)
        batches |= dict.fromkeys(mine)
        if page["next_cursor"] is None:
            return batches
        asked["cursor"] = page["next_cursor"]


def _sent(feed: Feed, batch: str, content: bytes, secret: str) -> list[dict[str, Any]]:
    headers = signed_headers(batch, content, [secret], datetime.now(UTC))
    answer = feed.ask("POST", headers | {"Content-Type": "application/jsonl"}, content)
    if not answer.strip():
        return []  # taken, and answered later
    try:
        items = json.loads(answer)["items"]
        return [
            {
                "id": str(one["id"]),
                "accepted": one["accepted"] is True,
                "receipt": str(one.get("receipt", "")),
            }
            for one in items
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ScoreFeedError(
            f'{feed.shown} answers no receipt: {{"items": [{{"id", "accepted", "receipt"}}]}}'
        ) from error
