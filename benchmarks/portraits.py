"""Two portraits in the public domain, which packages of the tests carry."""

from pathlib import Path

import click
from PIL import Image


def portraits() -> tuple[Image.Image, Image.Image]:
    """Return Grace Hopper (United States Navy) and Eileen Collins (NASA), RGB.

    Raises:
        ClickException: The packages of the tests are not installed.
    """
    try:
        import matplotlib  # noqa: ICN001,PLC0415 - packages of the tests
        from skimage import data  # noqa: PLC0415
    except ImportError as error:
        raise click.ClickException(
            "bench face needs the pictures of the test packages: make test installs them"
        ) from error
    hopper = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    astronaut = Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    return Image.open(hopper).convert("RGB"), astronaut
