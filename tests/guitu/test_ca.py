"""Certificates of the site's own authority hold for what they say, and for nothing else."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization

from guitu.ca.authority import Authority, init
from guitu.ca.certificates import leaf, new_key, root
from guitu.cli import main
from guitu.errors import AuthorityError


@pytest.fixture
def authority(tmp_path):
    return init(tmp_path / "ca", "the tests' authority")


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


async def handshake(out, trusted, *, name="server-1", place="localhost", crl=None):
    """Connect by TLS to who has a certificate; return the subject that was proven."""
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(out / f"{name}.crt", out / f"{name}.key")

    async def answer(_reader, writer):
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=serving)
    asking = ssl.create_default_context(cafile=trusted)
    if crl is not None:
        asking.load_verify_locations(crl)
        asking.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=asking, server_hostname=place
        )
        found = dict(part[0] for part in writer.get_extra_info("peercert")["subject"])
        writer.close()
        return found


async def test_who_trusts_the_authority_knows_the_server_by_each_of_its_places(
    authority, tmp_path, out
):
    authority.issue("server", "server-1", ["localhost", "127.0.0.1"], out=out, days=10)
    for place in ("localhost", "127.0.0.1"):
        found = await handshake(out, tmp_path / "ca" / "root.crt", place=place)
        assert found == {"organizationalUnitName": "server", "commonName": "server-1"}
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        await handshake(out, tmp_path / "ca" / "root.crt", place="elsewhere.example")


async def test_another_authority_of_the_same_name_is_not_believed(authority, tmp_path, out):
    authority.issue("server", "server-1", ["localhost"], out=out, days=10)
    init(tmp_path / "other", "the tests' authority")
    with pytest.raises(ssl.SSLCertVerificationError):
        await handshake(out, tmp_path / "other" / "root.crt")


async def test_the_certificate_of_a_gateway_is_no_server(authority, tmp_path, out):
    authority.issue("gateway", "gw-1", [], out=out, days=10)
    with pytest.raises(ssl.SSLCertVerificationError):
        await handshake(out, tmp_path / "ca" / "root.crt", name="gw-1")


async def test_what_has_expired_is_refused(tmp_path, out):
    at = datetime.now(UTC) - timedelta(days=30)
    key, holder = new_key(), new_key()
    own = root(key, "the tests' authority", at=at, days=400)
    made = leaf(
        (key, own), holder.public_key(), use="server", name="x", places=["localhost"], at=at, days=9
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "root.crt").write_bytes(own.public_bytes(pem))
    (out / "server-1.crt").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (out / "server-1.key").write_bytes(
        holder.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        await handshake(out, tmp_path / "root.crt")


async def test_a_revoked_certificate_is_in_the_list_and_its_successor_is_not(
    authority, tmp_path, out
):
    first = authority.issue("server", "server-1", ["localhost"], out=out, days=10)
    trusted = tmp_path / "ca" / "root.crt"
    await handshake(out, trusted, crl=authority.write_crl())
    authority.revoke(first.serial)
    with pytest.raises(ssl.SSLCertVerificationError, match="revoked"):
        await handshake(out, trusted, crl=tmp_path / "ca" / "root.crl")
    authority.issue("server", "server-1", ["localhost"], out=out, days=10)
    await handshake(out, trusted, crl=tmp_path / "ca" / "root.crl")
    again = authority.revoke(first.serial)
    assert [row.revoked_at for row in authority.issued()] == [again.revoked_at, None]


def test_keys_are_for_their_owner_only_and_one_that_is_not_is_refused(authority, tmp_path, out):
    authority.issue("broker", "broker-1", ["10.0.0.5"], out=out, days=10)
    keys = [out / "broker-1.key", tmp_path / "ca" / "root.key"]
    assert [path.stat().st_mode & 0o777 for path in keys] == [0o600, 0o600]
    keys[1].chmod(0o640)
    with pytest.raises(AuthorityError, match="others may read it"):
        Authority(tmp_path / "ca")


def test_no_certificate_outlives_the_root(authority, out):
    made = authority.issue("device", "wb-000001", [], out=out, days=825)
    assert datetime.fromisoformat(made.valid_until) <= authority.certificate.not_valid_after_utc
    with pytest.raises(AuthorityError, match="is there"):
        init(out.parent / "ca", "a second one")


def test_the_command_issues_lists_and_names_what_is_wrong(tmp_path, out):
    def run(*words):
        return CliRunner().invoke(main, ["ca", *words, "--folder", str(tmp_path / "ca")])

    absent = run("list")
    assert isinstance(absent.exception, AuthorityError) or absent.exit_code == 1
    assert run("init").exit_code == 0
    assert run("issue", "gateway", "gw-1", "--out", str(out)).exit_code == 0
    listed = run("list", "--json").output
    assert '"use": "gateway"' in listed
    refused = run("issue", "gateway", "../gw-1", "--out", str(out))
    assert refused.exit_code != 0
    assert list(out.parent.glob("gw-1*")) == []
