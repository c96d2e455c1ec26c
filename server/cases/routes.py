"""Reception, steps, release and the archive of a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, ReaderDesk
from server.cases import archive_store, ending, reading, reception
from server.cases.schemas import (
    ArchiveInfo,
    ChangedFile,
    FileInfo,
    NewStep,
    NewSubject,
    Release,
    Released,
    Stood,
    Termination,
)
from server.cases.standing import standing
from server.errors import NotFoundError
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/subjects", tags=["cases"])
_Id = Annotated[str, "a subject's id"]


@router.post("", status_code=201)
async def receive(
    desk: DeciderDesk, request: Request, body: NewSubject, response: Response, key: RequestKey
) -> Stood:
    """Register a person who is received (接收) and open the file; the id is a pseudonym."""

    async def work() -> Stood:
        return Stood.model_validate(reception.described(await reception.receive(desk, body)))

    stood = await once(desk, request, key, work, answers=Stood)
    set_version(response, stood.version)
    return stood


@router.get("/{subject_id}/file", response_model=FileInfo)
async def read_file(desk: ReaderDesk, subject_id: _Id, response: Response) -> dict[str, Any]:
    """Read the whole file; a closed one that is not opened is not found.

    Number, telephones, residence and contacts are masked for all but the officers of the person's
    own office: POST .../reveals shows them.
    """
    found = await reading.file_shown(desk, subject_id)
    set_version(response, found["version"])
    return found


@router.patch("/{subject_id}/file", response_model=Stood)
async def change_file(
    desk: DeciderDesk,
    subject_id: _Id,
    body: ChangedFile,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change how the person and the bodies around the case are reached."""
    file = await reception.change_file(desk, subject_id, body, if_match=if_match)
    set_version(response, file.version)
    return reception.described(file)


@router.post("/{subject_id}/steps", response_model=Stood)
async def take_step(
    desk: DeciderDesk,
    subject_id: _Id,
    body: NewStep,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note that a step of reception or release is done; each is done once."""
    file = await reception.take_step(desk, subject_id, body, if_match=if_match)
    set_version(response, file.version)
    return reception.described(file)


@router.post("/{subject_id}/release", response_model=Released)
async def release(
    desk: DeciderDesk,
    subject_id: _Id,
    body: Release,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Release a person (解除矫正) on the last day of the term at the earliest, or upon a pardon."""
    file = await standing(desk.connection, subject_id, lock=True)
    facts = await reception.facts_of(desk, file)
    file, without = await ending.release(desk, subject_id, body, facts, if_match=if_match)
    set_version(response, file.version)
    return reception.described(file) | {"without": without}


@router.post("/{subject_id}/termination", response_model=Stood)
async def terminate(
    desk: DeciderDesk,
    subject_id: _Id,
    body: Termination,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note that supervision is terminated (终止矫正): revoked, recommitted, or died."""
    file = await standing(desk.connection, subject_id, lock=True)
    facts = await reception.facts_of(desk, file)
    file = await ending.terminate(desk, subject_id, body, facts, if_match=if_match)
    set_version(response, file.version)
    return reception.described(file)


@router.post("/{subject_id}/archive", response_model=ArchiveInfo, status_code=201)
async def close_archive(desk: DeciderDesk, subject_id: _Id) -> dict[str, Any]:
    """Close the archive (归档) of a file that has ended: a list of everything, and its SHA-256."""
    return await ending.archive(desk, subject_id)


@router.get("/{subject_id}/archive", response_model=ArchiveInfo)
async def read_archive(desk: ReaderDesk, subject_id: _Id) -> dict[str, Any]:
    """Read the closed archive."""
    found = await archive_store.archive(desk.connection, subject_id)
    if found is None:
        raise NotFoundError("no closed archive of such a subject in your scope")
    return found
