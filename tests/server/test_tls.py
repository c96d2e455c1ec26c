"""Off loopback the server speaks TLS or says what is missing; a gateway believes one authority."""

import httpx
import pydantic
import pytest

from gateway.assembly import drain_client
from gateway.config import GatewaySettings
from guitu.ca.authority import init
from guitu.embedded.ports import free_port
from server.errors import SettingsError
from server.main import make_server
from tests.server import server_program
from tests.server.conftest import until


def gateway_client(folder, port, authority) -> httpx.Client:
    (folder / "secret").write_text("of the tests")
    settings = GatewaySettings(
        id="gw-1",
        data_dir=folder,
        broker_password_file=folder / "secret",
        server_url=f"https://localhost:{port}",
        server_token_file=folder / "secret",
        server_ca=authority,
    )
    return drain_client(settings)


async def test_a_gateway_reaches_the_server_that_its_authority_vouches_for_only(site, tmp_path):
    authority = init(tmp_path / "ca", "the site's")
    init(tmp_path / "other", "the site's")
    authority.issue("server", "monitor", ["localhost"], out=tmp_path, days=2)
    port = free_port()
    settings = site.settings(
        http_port=port,
        http_certificate=tmp_path / "monitor.crt",
        http_key_file=tmp_path / "monitor.key",
    )
    async with server_program.program(settings):
        with gateway_client(tmp_path, port, tmp_path / "ca" / "root.crt") as client:

            async def answers() -> bool:
                try:
                    return client.get("/livez").status_code == httpx.codes.OK
                except httpx.ConnectError:
                    return False

            await until(answers, timeout_s=60)
        with (
            gateway_client(tmp_path, port, tmp_path / "other" / "root.crt") as client,
            pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            client.get("/livez")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "monitor.example"])  # noqa: S104
def test_plain_text_stays_on_loopback_unless_a_proxy_ends_tls(site, host):
    with pytest.raises(pydantic.ValidationError, match="is not loopback"):
        site.settings(http_host=host)
    assert site.settings(http_host=host, http_behind_proxy=True).http_host == host
    assert site.settings(http_host="::1").http_certificate is None


def test_a_key_that_others_may_read_starts_no_server(site, app, tmp_path):
    init(tmp_path / "ca", "the site's").issue("server", "m", ["localhost"], out=tmp_path, days=2)
    (tmp_path / "m.key").chmod(0o644)
    settings = site.settings(http_certificate=tmp_path / "m.crt", http_key_file=tmp_path / "m.key")
    with pytest.raises(SettingsError, match="others may read it"):
        make_server(app, settings)
    with pytest.raises(pydantic.ValidationError, match="go together"):
        site.settings(http_certificate=tmp_path / "m.crt")
