"""One import from bytes to rows: every fault of the file, or everything of it."""

import asyncio
import hashlib
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from server.auth.person import Desk
from server.errors import RequestError, UnavailableError
from server.exchange import (
    run_store,
    taking_contacts,
    taking_credits,
    taking_facts,
    taking_leaves,
    taking_orders,
    taking_subjects,
)
from server.exchange.faults import MOST_FAULTS, FaultyFileError, in_order
from server.exchange.kinds import KINDS, Kind, Name
from server.exchange.parsing import Parsed, parsed
from server.exchange.reading import rows_of
from server.exchange.run_store import Run
from server.exchange.schemas import Fault, Taken

_STEPS: Final[Mapping[Name, ModuleType]] = MappingProxyType(
    {
        "subjects": taking_subjects,
        "orders": taking_orders,
        "contacts": taking_contacts,
        "leaves": taking_leaves,
        "facts": taking_facts,
        "credits": taking_credits,
    }
)
# A file of a province takes a core for half a minute and 200 MB.
_ONE: Final = asyncio.Semaphore(1)


async def take(desk: Desk, kind: Name, content: bytes, *, key: str, is_dry_run: bool) -> Taken:
    """Check a file, and write it unless it has a fault or is only tried.

    Raises:
        FaultyFileError: It has faults; nothing was written.
        InvalidError: It is no table at all.
        UnavailableError: Another import is under way.
    """
    if _ONE.locked():
        raise UnavailableError("another import is under way: try again", retry_after_s=10)
    async with _ONE:
        run = Run(desk, key)
        digest = hashlib.sha256(content).digest()
        await run.begin(kind, is_dry_run=is_dry_run, sha256=digest)
        await run_store.may_wait(desk.connection)
        try:
            file = await asyncio.to_thread(_read, KINDS[kind], content)
        except RequestError:
            await run.move("refused", rows=0)
            raise
        return await _checked(desk, kind, file, run, is_dry_run=is_dry_run)


def _read(kind: Kind, content: bytes) -> Parsed:
    return parsed(kind, rows_of(content))


async def _checked(desk: Desk, kind: Name, file: Parsed, run: Run, *, is_dry_run: bool) -> Taken:
    count = len(file.rows)
    await run.move("checking", rows=count)
    faults = in_order([*file.faults, *await _STEPS[kind].faults_of(desk, file.rows)])
    if faults:
        await run.move("refused", rows=count, faults=len(faults))
        if not is_dry_run:
            raise FaultyFileError(faults, rows=count)
    elif is_dry_run:
        await run.move("checked", rows=count)
    else:

        async def moved(done: int) -> None:
            await run.move("writing", rows=count, done=done)

        await _STEPS[kind].write(desk, file.rows, moved)
        await run.move("taken", rows=count, done=count)
    return Taken(
        kind=kind,
        dry_run=is_dry_run,
        rows=count,
        written=0 if is_dry_run else count,
        fault_count=len(faults),
        faults=[Fault(**one.described()) for one in faults[:MOST_FAULTS]],
    )
