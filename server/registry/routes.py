"""POST /api/v1/registry."""

from fastapi import APIRouter

from server.auth.person import RegistrarDesk
from server.registry.apply import Registrar, apply
from server.registry.schemas import Applied, RegistryFile

router = APIRouter(prefix="/api/v1/registry", tags=["registry"])


@router.post("")
async def take_registry(desk: RegistrarDesk, file: RegistryFile) -> Applied:
    """Take a registry file whole, or refuse it whole (docs/wire/registry-v1.md)."""
    person = desk.person
    registrar = Registrar(person.login, person.role, person.org_path)
    return await apply(desk.connection, file, registrar, desk.parts.vault)
