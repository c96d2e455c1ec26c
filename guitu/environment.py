"""Settings from the environment, read once by a command and passed down."""

from typing import TypeVar

import pydantic
from pydantic_settings import BaseSettings

from guitu.errors import SettingsError

SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def read_settings(settings: type[SettingsT]) -> SettingsT:
    """Return the settings that the environment gives.

    Raises:
        SettingsError: A variable is missing or wrong; the text names each and what is allowed,
            never a value: it may be a secret.
    """
    prefix = settings.model_config.get("env_prefix", "")
    try:
        return settings()
    except pydantic.ValidationError as error:
        wrong = "; ".join(
            f"{prefix}{'_'.join(str(place) for place in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise SettingsError(f"{wrong} (docs/operations.md lists every setting)") from None
