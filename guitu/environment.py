"""Settings from the environment, read once by a command and passed down."""

from typing import TypeVar

import pydantic
from pydantic_settings import BaseSettings, SettingsConfigDict

from guitu.errors import SettingsError
from guitu.logs import Form


class LogSettings(BaseSettings):
    """How `guitu server` and `guitu gateway` write their logs."""

    model_config = SettingsConfigDict(
        env_prefix="GUITU_LOG_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    format: Form = "line"
    """`line` for people, `json` for what collects logs: an object a line. `guitu up` reads its
    parts' lines and shows them, and takes no other."""


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
