"""The data folder, its lock and its secrets."""

import os
import stat

import pytest

from guitu.errors import DataFolderError, FolderLockedError
from guitu.up.data_folder import DataFolder


@pytest.fixture
def folder(tmp_path):
    opened = DataFolder(tmp_path / "var")
    yield opened
    opened.close()


def test_a_held_folder_is_refused_and_its_holder_named(folder):
    with pytest.raises(FolderLockedError, match=f"in use by process {os.getpid()};"):
        DataFolder(folder.path)


def test_a_closed_folder_can_be_held_again(tmp_path):
    DataFolder(tmp_path).close()
    DataFolder(tmp_path).close()


def test_a_secret_is_random_kept_and_for_its_owner_only(folder, tmp_path):
    first = folder.secret("key")
    assert len(first) >= 43
    assert folder.secret("key") == first
    assert stat.S_IMODE(folder.secret_file("key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.secret_file("key").parent.stat().st_mode) == 0o700

    other = DataFolder(tmp_path / "other")
    assert other.secret("key") != first
    other.close()


def test_others_cannot_look_into_the_folder(folder):
    assert stat.S_IMODE(folder.path.stat().st_mode) in (0o700, 0o711)


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match=r"file/var cannot be used .*--data"):
        DataFolder(tmp_path / "file" / "var")
