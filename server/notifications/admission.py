"""Which addresses a site takes, and how they are kept: sealed, and shown without a secret."""

from typing import Any, Final

from server.config import ServerSettings
from server.errors import InvalidError, UnavailableError
from server.notifications import robot
from server.notifications.apprising import apprise_address, is_understood
from server.notifications.channel import Address, Kind, Sealer
from server.notifications.egress import web_address
from server.notifications.starting import sealer_of, services_of

_MOST_SHOWN: Final = 300


async def sealed_address(
    settings: ServerSettings, channel_id: str, kind: Kind, address: Address | None
) -> dict[str, Any]:
    """Return the columns of an address; None: a terminal's.

    Raises:
        InvalidError: The kind does not take it; the text does not repeat it.
        UnavailableError: The site has no key to seal it with.
    """
    if address is None:
        return {"address_sealed": None, "address_shown": ""}
    try:
        shown = await _shown(settings, kind, address.url)
    except ValueError as error:
        raise InvalidError([("/address", str(error))]) from None
    sealed = sealer_for(settings).seal_address(channel_id, address)
    return {"address_sealed": sealed, "address_shown": shown[:_MOST_SHOWN]}


def sealer_for(settings: ServerSettings) -> Sealer:
    """Return what seals.

    Raises:
        UnavailableError: The site has no key.
    """
    found = sealer_of(settings)
    if found is None:
        raise UnavailableError(
            "this site has no key that seals addresses: set GUITU_SERVER_NOTIFICATION_KEY_FILE"
        )
    return found


async def _shown(settings: ServerSettings, kind: Kind, url: str) -> str:
    if kind == "apprise":
        found = apprise_address(url, services=services_of(settings))
        if not await is_understood(found):
            raise ValueError("is not what Apprise wants of this scheme")
        return found.shown
    to = web_address(url)
    if kind == "robot" and robot.platform_of(to) is None:
        raise ValueError("is no robot's of DingTalk, WeCom or Feishu by its path")
    return to.shown
