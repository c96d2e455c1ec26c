"""What goes wrong at or with the identity provider."""

from server.errors import ServerError


class ProviderError(ServerError):
    """The provider does not answer as OpenID Connect says; the text holds no token."""
