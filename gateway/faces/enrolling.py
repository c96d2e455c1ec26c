"""Pictures of one person to templates: each must pass the gates, and all must be one person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.errors import PictureError
from gateway.faces.comparing import SHIPPED, Thresholds, distance_of
from gateway.faces.engine import Template
from gateway.faces.looking import Look


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What pictures are good for.

    Attributes:
        templates: Of those that can be enrolled.
        refused: Why the others cannot, by their place among the pictures.
    """

    templates: list[Template]
    refused: dict[int, str]


def templates_of(
    pictures: Sequence[bytes], see: Callable[[bytes], Look], thresholds: Thresholds = SHIPPED
) -> Enrolling:
    """Return templates of a person's pictures.

    Args:
        pictures: The files' content.
        see: What a picture shows, by the gates of enrolment.
        thresholds: Two pictures further apart than a match are not taken for one person.
    """
    templates: list[Template] = []
    refused: dict[int, str] = {}
    for index, data in enumerate(pictures):
        try:
            found = see(data)
        except PictureError as error:
            refused[index] = error.cause
            continue
        if found.template is None:
            refused[index] = str(found.cause)
        elif any(distance_of(found.template, one) > thresholds.match for one in templates):
            refused[index] = "another_person"
        else:
            templates.append(found.template)
    return Enrolling(templates, refused)
