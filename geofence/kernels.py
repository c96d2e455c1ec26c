"""The kernels by name; all give the same bits, so that the choice is one of speed alone."""

from importlib import import_module
from typing import Final, Literal, cast, get_args

from geofence.errors import KernelError
from geofence.kernel import Kernel, signed_distances

KernelName = Literal["numpy", "numba"]
KERNELS: Final[tuple[str, ...]] = get_args(KernelName)


def load_kernel(name: str) -> Kernel:
    """Return the exact step of `FenceIndex.distances_mm` by its name.

    Args:
        name: "numpy", or "numba" for the compiled one, which takes a second to compile when it is
            first called.

    Raises:
        KernelError: There is none of that name, or its extra is not installed.
    """
    if name == "numpy":
        return signed_distances
    if name not in KERNELS:
        raise KernelError(f"kernel {name!r} is not one of {', '.join(KERNELS)}")
    try:
        module = import_module("geofence.compiled_kernel")
    except ImportError as error:
        raise KernelError(
            "kernel 'numba' needs the extra of that name: pip install 'guitu[numba]', or choose "
            f"'numpy', which gives the same answers ({error})"
        ) from error
    return cast("Kernel", module.signed_distances)
