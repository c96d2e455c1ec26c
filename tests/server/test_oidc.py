"""Sign-in at an OpenID provider: who was vouched for, where an account is, and nobody else."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey

from server.app import create_app
from server.errors import SettingsError
from server.oidc.errors import ProviderError
from server.oidc.fetching import origin_of
from tests.server.conftest import BASE, http, running
from tests.server.identity_provider import running_provider

BEGIN = "/api/v1/session/oidc"
CALLBACK = "/api/v1/session/oidc/callback"
SESSION = "/api/v1/session"
NOW = int(datetime.now(UTC).timestamp())
CLAIMS = {"preferred_username": "officer", "iat": NOW, "exp": NOW + 3600}


@pytest.fixture(scope="module")
def provider():
    with running_provider() as one:
        yield one


@pytest.fixture
async def app(site, provider, tmp_path):
    provider.changed, provider.signer = {}, None
    secret = tmp_path / "client-secret"
    secret.write_text("secret-of-the-site\n")
    settings = site.settings(
        oidc_issuer=provider.base,
        oidc_client_id="guitu",
        oidc_client_secret_file=secret,
        oidc_redirect_url=BASE + CALLBACK,
    )
    async with running(create_app(settings)) as started:
        yield started


async def asked(client):
    """Go to the provider; return what it is asked."""
    answer = await client.get(BEGIN)
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def back(client, query, code, **changed):
    answer = await client.get(CALLBACK, params={"state": query["state"], "code": code} | changed)
    return answer.headers["location"]


async def test_who_the_provider_vouches_for_has_a_session(nobody, provider):
    query = await asked(nobody)
    assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
    code = provider.authorize(query, CLAIMS)
    assert await back(nobody, query, code) == "/"
    found = (await nobody.get(SESSION)).json()
    assert (found["login"], found["next"]) == ("officer", None)
    # The way there and back is used up.
    assert await back(nobody, query, code) == "/sign-in?oidc=refused"


async def test_a_privileged_person_is_still_asked_for_the_second_factor(nobody, provider):
    query = await asked(nobody)
    code = provider.authorize(query, CLAIMS | {"preferred_username": "head"})
    assert await back(nobody, query, code) == "/"
    assert (await nobody.get(SESSION)).json()["next"] == "enrol"


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "nobody-here"},
        {"preferred_username": 7},
        {"preferred_username": "me"},
        {"nonce": "another"},
        {"aud": "another-site"},
        {"iss": "https://elsewhere.example"},
        {"exp": NOW - 3600},
    ],
    ids=["unknown", "no-login", "supervised", "nonce", "audience", "issuer", "expired"],
)
async def test_what_is_not_vouched_for_is_refused(nobody, provider, site, claims, caplog):
    site.add_account("me", "office-1", "subject", "s-4k2m9q")
    before = site.one("SELECT count(*) FROM app_user")
    query = await asked(nobody)
    code = provider.authorize(query, CLAIMS | claims)
    assert await back(nobody, query, code) == "/sign-in?oidc=refused"
    assert (await nobody.get(SESSION)).status_code == 401
    assert site.one("SELECT count(*) FROM app_user") == before
    assert "eyJ" not in caplog.text


async def test_another_key_another_state_and_another_browser_are_refused(app, nobody, provider):
    query = await asked(nobody)
    provider.signer = RSAKey.generate_key(2048, {"kid": "k-1"})
    code = provider.authorize(query, CLAIMS)
    assert await back(nobody, query, code) == "/sign-in?oidc=refused"
    provider.signer = None
    query = await asked(nobody)
    code = provider.authorize(query, CLAIMS)
    async with http(app) as other:
        assert await back(other, query, code) == "/sign-in?oidc=refused"
    assert await back(nobody, query, code, state="another") == "/sign-in?oidc=refused"


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": "https://elsewhere.example/authorize"},
    ],
)
async def test_a_provider_that_is_not_the_named_one_is_away(nobody, provider, changed):
    provider.changed = changed
    assert (await nobody.get(BEGIN)).status_code == 503


async def test_an_address_inside_the_network_is_never_asked(nobody, provider):
    query = await asked(nobody)
    provider.changed = {"token_endpoint": "http://127.0.0.1:1/token"}
    code = provider.authorize(query, CLAIMS)
    assert await back(nobody, query, code) == "/sign-in?oidc=refused"
    assert code in provider.codes


async def test_a_site_without_a_provider_says_so(site):
    async with running(create_app(site.settings())) as started, http(started) as client:
        assert (await client.get(BEGIN)).status_code == 404
    with pytest.raises(SettingsError, match="OIDC_REDIRECT_URL"):
        create_app(site.settings(oidc_issuer="https://id.example"))


@pytest.mark.parametrize(
    "url", ["http://id.example", "ftp://id.example", "https://a@id.example", "https://", "x"]
)
def test_only_https_off_this_machine(url):
    with pytest.raises(ProviderError):
        origin_of(url)
