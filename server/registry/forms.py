"""The forms that entries of a registry file share."""

from typing import Annotated, Any

from pydantic import Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Geometry = dict[str, Any]
