"""The authority's folder: its key, its certificate, and the record of what it issued.

```
root.key     private key, for its owner only
root.crt     certificate that clients are given to trust
issued.json  serial, use, name, valid_until and revoked_at of each certificate
root.crl     serials that hold no more, for whoever checks them
```
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from guitu.ca.certificates import Key, Use, leaf, new_key, revocations, root
from guitu.errors import AuthorityError
from guitu.private_file import write_changed

ROOT_DAYS: Final = 3650
CRL_DAYS: Final = 7
_OTHERS: Final = 0o077
_NAME: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
_PEM: Final = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was issued; instants in ISO 8601 with zone, the serial in hex."""

    serial: str
    use: Use
    name: str
    valid_until: str
    revoked_at: str | None = None


class Authority:
    """An authority that is there."""

    def __init__(self, folder: Path) -> None:
        """Open its folder.

        Raises:
            AuthorityError: There is none, or its key is open to others.
        """
        self._folder = folder
        self._key = _read_key(folder / "root.key")
        self.certificate = x509.load_pem_x509_certificate((folder / "root.crt").read_bytes())

    def issue(self, use: Use, name: str, places: Sequence[str], *, out: Path, days: int) -> Issued:
        """Issue a certificate; writes NAME.crt and NAME.key into a folder.

        What was issued to the same name before stays valid until its own end: a holder changes
        over in its own time.

        Raises:
            AuthorityError: The name cannot be one.
        """
        if not _NAME.match(name):
            text = "letters, digits, dots, hyphens and underscores, at most 63, are allowed"
            raise AuthorityError(f"name {name!r}: {text}")
        key = new_key()
        certificate = leaf(
            (self._key, self.certificate),
            key.public_key(),
            use=use,
            name=name,
            places=places,
            at=datetime.now(UTC),
            days=days,
        )
        write_changed(out / f"{name}.key", _private_pem(key))
        (out / f"{name}.crt").write_bytes(certificate.public_bytes(_PEM))
        until = certificate.not_valid_after_utc.isoformat()
        issued = Issued(f"{certificate.serial_number:x}", use, name, until)
        self._write([*self.issued(), issued])
        return issued

    def issued(self) -> list[Issued]:
        """Return what was issued, in order."""
        path = self._folder / "issued.json"
        return [Issued(**row) for row in json.loads(path.read_text())] if path.exists() else []

    def revoke(self, serial: str) -> Issued:
        """Revoke a certificate and write the list anew; a repeat changes nothing.

        Raises:
            AuthorityError: No certificate of this serial was issued here.
        """
        rows = self.issued()
        found = next((row for row in rows if row.serial == serial.lower()), None)
        if found is None:
            raise AuthorityError(f"serial {serial}: none was issued here; see `guitu ca list`")
        if found.revoked_at is None:
            revoked = replace(found, revoked_at=datetime.now(UTC).isoformat())
            self._write([revoked if row == found else row for row in rows])
            found = revoked
        self.write_crl()
        return found

    def write_crl(self) -> Path:
        """Write the list of what was revoked, valid for a week; return its file."""
        revoked = {
            int(row.serial, 16): datetime.fromisoformat(row.revoked_at)
            for row in self.issued()
            if row.revoked_at is not None
        }
        now = datetime.now(UTC)
        made = revocations(
            (self._key, self.certificate),
            revoked,
            number=int(now.timestamp()),
            at=now,
            days=CRL_DAYS,
        )
        path = self._folder / "root.crl"
        path.write_bytes(made.public_bytes(_PEM))
        return path

    def _write(self, rows: Sequence[Issued]) -> None:
        text = json.dumps([asdict(row) for row in rows], indent=1)
        write_changed(self._folder / "issued.json", text)


def init(folder: Path, name: str) -> Authority:
    """Make an authority in a new folder that only its owner can enter.

    Raises:
        AuthorityError: One is there already.
    """
    if (folder / "root.key").exists():
        raise AuthorityError(f"{folder}: an authority is there; another one needs another folder")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = new_key()
    certificate = root(key, name, at=datetime.now(UTC), days=ROOT_DAYS)
    (folder / "root.crt").write_bytes(certificate.public_bytes(_PEM))
    write_changed(folder / "root.key", _private_pem(key))
    made = Authority(folder)
    made.write_crl()
    return made


def _read_key(path: Path) -> Key:
    if not path.exists():
        raise AuthorityError(f"{path.parent}: no authority there; make one with `guitu ca init`")
    if path.stat().st_mode & _OTHERS:
        raise AuthorityError(f"{path}: others may read it; chmod 600 it, and think who did")
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(f"{path}: no key on an elliptic curve, as `guitu ca init` makes")
    return key


def _private_pem(key: Key) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, plain).decode()
