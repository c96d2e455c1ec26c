"""Answers a gateway with a directory: the whole, or what changed since the one that it has."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from server.bell import Bell
from server.directory.body import Body
from server.directory.memory import DirectoryMemory
from server.directory.signing import DirectorySigner

DELTA_TYPE: Final = "application/vnd.guitu.directory-delta+json"


@dataclass(frozen=True, slots=True)
class DirectoryTeller:
    """What the directory call of one app works with.

    Attributes:
        bell: Rings when something changed.
        memory: What gateways have.
        signer: None: nothing is signed.
    """

    bell: Bell
    memory: DirectoryMemory
    signer: DirectorySigner | None

    def tell(
        self, org_id: str, body: Body, version: int, *, base: str | None, headers: dict[str, str]
    ) -> Response:
        """Return the answer.

        Args:
            org_id: The gateway's organisation.
            body: The newest directory.
            version: Its version.
            base: Digest of the body that the gateway has, if any.
            headers: Further headers of the answer.
        """
        older = self.memory.get(base) if base else None
        self.memory.put(body)
        told = headers | {"Guitu-Digest": body.digest}
        if self.signer is not None:
            signature = self.signer.sign(org=org_id, version=version, digest=body.digest)
            told["Guitu-Signature"] = signature
        if older is not None:
            delta = body.delta_from(older)
            if len(delta) < len(body.content):
                return Response(delta, media_type=DELTA_TYPE, headers=told)
        return Response(body.content, media_type="application/json", headers=told)


def teller_of(request: Request) -> DirectoryTeller:
    """Return the teller of the app that serves this request."""
    found: DirectoryTeller = request.app.state.directory_teller
    return found
