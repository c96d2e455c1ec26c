"""Who of an office a face may be, where nobody said who comes: identification (ISO/IEC 2382-37).

Pure. One to many errs as often as one to one times the size of the gallery: at a false match rate
of 0.001, every second stranger would be taken for one of 700 people. So it is off until a kiosk's
camera file gives a distance and a margin, and what it finds is for an officer to confirm.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from gateway.faces.engine import Template


class Identification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the nearest of an office's people is put before an officer. Proposals.

    Attributes:
        strict: Up to this distance; stricter than one to one.
        margin: The next nearest person must be farther by so much: no two who look alike.
    """

    strict: float = 0.4
    margin: float = 0.1


class Gallery(NamedTuple):
    """Templates of an office's people.

    Attributes:
        subjects: Pseudonyms, n of them.
        begins: Row of each one's first template, ascending from 0, shape (n,), int64.
        templates: Shape (m, 128), m from n on; each one's stand together.
    """

    subjects: Sequence[str]
    begins: NDArray[np.int64]
    templates: NDArray[np.float64]

    def of(self, index: int) -> NDArray[np.float64]:
        """Return the templates of one of them, shape (k, 128)."""
        end = self.begins[index + 1] if index + 1 < len(self.begins) else len(self.templates)
        return self.templates[self.begins[index] : end]


def identify(one: Template, gallery: Gallery, bounds: Identification) -> int | None:
    """Return who of a gallery a face may be, by index; None: nobody, or one of several.

    Distances are those of `nearest` to 1e-7: squares are expanded, which reads the templates once
    and makes no copy of them.
    """
    if not gallery.subjects:
        return None
    held = gallery.templates
    squares = np.einsum("ij,ij->i", held, held) - 2.0 * (held @ one) + one @ one
    nearest = np.sqrt(np.maximum(np.minimum.reduceat(squares, gallery.begins), 0.0))
    best = int(np.argmin(nearest))
    distance = float(nearest[best])
    nearest[best] = np.inf
    if distance > bounds.strict or float(nearest.min()) < distance + bounds.margin:
        return None
    return best
