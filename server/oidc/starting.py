"""The site's provider, from its settings."""

from server.config import ServerSettings
from server.errors import SettingsError
from server.oidc.errors import ProviderError
from server.oidc.fetching import origin_of
from server.oidc.provider import Client


def client_of(settings: ServerSettings) -> Client | None:
    """Return what the site is to its provider; None: it has none.

    Raises:
        SettingsError: A setting is missing or not as it should be.
    """
    issuer = settings.oidc_issuer
    if issuer is None:
        return None
    for name, value in (("ISSUER", issuer), ("REDIRECT_URL", settings.oidc_redirect_url)):
        try:
            origin_of(value)
        except ProviderError as error:
            text = f"GUITU_SERVER_OIDC_{name}: give https://HOST[:PORT]/PATH without a login"
            raise SettingsError(text) from error
    if not settings.oidc_client_id:
        raise SettingsError("GUITU_SERVER_OIDC_CLIENT_ID: give what the provider calls this site")
    secret = settings.oidc_client_secret()
    return Client(
        issuer, settings.oidc_client_id, settings.oidc_redirect_url, secret, settings.oidc_claim
    )
