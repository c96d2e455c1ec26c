"""Which kernel evaluates fences is a choice by name."""

import sys

import pytest

from geofence import compiled_kernel, kernel
from geofence.errors import KernelError
from geofence.kernels import KERNELS, load_kernel


def test_every_kernel_is_loaded_by_its_name():
    assert load_kernel("numpy") is kernel.signed_distances
    assert load_kernel("numba") is compiled_kernel.signed_distances
    assert KERNELS == ("numpy", "numba")


def test_an_unknown_kernel_is_refused_with_those_there_are():
    with pytest.raises(KernelError, match="'fortran' is not one of numpy, numba"):
        load_kernel("fortran")


def test_without_its_extra_the_compiled_kernel_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)  # what the import system makes of "not there"
    monkeypatch.delitem(sys.modules, "geofence.compiled_kernel")
    with pytest.raises(KernelError, match=r"pip install 'guitu\[numba\]'"):
        load_kernel("numba")
