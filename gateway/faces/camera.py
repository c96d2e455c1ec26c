"""What decides at one camera: a file that calibration writes and the gateway reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from gateway.errors import CameraError
from gateway.faces.comparing import SHIPPED, Thresholds
from gateway.faces.gallery import Identification
from gateway.faces.liveness import SHIPPED as LIVENESS
from gateway.faces.liveness import LivenessGates
from gateway.faces.looking import KIOSK, Gates
from gateway.faces.proof import public_key
from gateway.faces.whereabouts import KioskPlace

SUFFIX: Final = ".json"


class Camera(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What decides at a kiosk.

    Attributes:
        gates: What a face must be.
        thresholds: Distances that decide.
        liveness: What an attempt must show.
        identification: When somebody who did not say who comes is looked for among the office's
            people; None: never.
        key: Public half of the kiosk's own key (Ed25519), base64 of 32 bytes; only attempts that
            it signed are matched. None: whoever has the kiosk's password is believed.
        challenge_s: How long a challenge of the gateway may take; only attempts with one are
            matched. None: the kiosk makes its own.
        place: Where the kiosk stands; None: no wristband is compared with it.
        measured: What the calibration rests on, for whoever reads the file.
    """

    gates: Gates = KIOSK
    thresholds: Thresholds = SHIPPED
    liveness: LivenessGates = LIVENESS
    identification: Identification | None = None
    key: str | None = None
    challenge_s: Annotated[int, msgspec.Meta(ge=5, le=3_600)] | None = None
    place: KioskPlace | None = None
    measured: dict[str, Any] = {}


AS_SHIPPED: Final = Camera()


def read_cameras(folder: Path) -> Mapping[str, Camera]:
    """Return the cameras of a folder, by kiosk: KIOSK.json each.

    Raises:
        CameraError: A file is none; the gateway does not start with half of its cameras.
    """
    found: dict[str, Camera] = {}
    try:
        for file in sorted(folder.glob(f"*{SUFFIX}")):
            found[file.stem] = _sound(msgspec.json.decode(file.read_bytes(), type=Camera))
    except (OSError, msgspec.DecodeError, ValueError) as error:
        raise CameraError(f"camera file {file}: {error}") from error
    return found


def _sound(camera: Camera) -> Camera:
    thresholds = camera.thresholds
    if not 0 < thresholds.match <= thresholds.no_match <= 1:
        raise ValueError(
            f"thresholds match {thresholds.match}, no_match {thresholds.no_match}:"
            " 0 < match <= no_match <= 1 is wanted"
        )
    many = camera.identification
    if many is not None and not (0 < many.strict <= thresholds.match and many.margin > 0):
        raise ValueError(
            f"identification strict {many.strict}, margin {many.margin}: 0 < strict <= match"
            f" ({thresholds.match}) and 0 < margin are wanted"
        )
    if camera.key is not None:
        public_key(camera.key)
    return camera
