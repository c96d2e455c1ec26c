"""The `guitu` command: a table of subcommands, each imported only when it is used.

Every expected failure is one line on stderr and a non-zero exit: 2 for wrong usage, 130 for an
interrupt, 1 for the rest.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import click

COMMANDS: Final[dict[str, str]] = {
    "up": "guitu.commands.up",
    "server": "guitu.commands.server",
    "gateway": "guitu.commands.gateway",
    "sim": "guitu.commands.sim",
    "replay": "guitu.commands.replay",
    "quarantine": "guitu.commands.quarantine",
    "journal": "guitu.commands.journal",
    "decode": "guitu.commands.decode",
    "rules": "guitu.commands.rules",
    "law": "guitu.commands.law",
    "contract": "guitu.commands.contract",
    "fence": "guitu.commands.fence",
    "datum": "guitu.commands.datum",
    "face": "guitu.commands.face",
    "bench": "guitu.commands.bench",
    "registry": "guitu.commands.registry",
    "fact": "guitu.commands.fact",
    "audit": "guitu.commands.audit",
    "score": "guitu.commands.score",
    "broker": "guitu.commands.broker",
    "probe": "guitu.commands.probe",
    "ca": "guitu.commands.ca",
    "keys": "guitu.commands.keys",
    "retention": "guitu.commands.retention",
    "backup": "guitu.commands.backup",
    "restore": "guitu.commands.restore",
    "check": "guitu.commands.check",
    "selftest": "guitu.commands.selftest",
    "sbom": "guitu.commands.sbom",
}
"""Subcommand to the module that holds it, as a click command named `command`."""

_ERROR_MODULES: Final = tuple(
    f"{package}.errors"
    for package in ("firmware_protocols", "geofence", "gateway", "device_sims", "server", "guitu")
)
_EXIT_INTERRUPTED: Final = 130


class LazyGroup(click.Group):
    """A group whose subcommands are listed by name and imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands whose module exists, in the order of the table."""
        del ctx
        return [name for name, module in COMMANDS.items() if _exists(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the subcommand, or None when it is not listed."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]}.command is not a click command")
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        **extra: Any,
    ) -> Any:
        """Run the command and exit; an expected failure is one line on stderr."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else error.format_message(), err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            _fail(error.format_message(), error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(_EXIT_INTERRUPTED)
        except BrokenPipeError:
            # The reader (head, less) has left; stdout is pointed away so that the
            # interpreter's last flush does not complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except _expected_errors() as error:
            _fail(str(error) or type(error).__name__, 1)
        sys.exit(code if isinstance(code, int) else 0)


def _exists(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _expected_errors() -> tuple[type[Exception], ...]:
    # Asked for when something was raised: what raised it has imported its error tree by then.
    return tuple(
        value
        for name in _ERROR_MODULES
        if (module := sys.modules.get(name)) is not None
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Exception)
    )


def _fail(text: str, code: int) -> NoReturn:
    line = " ".join(text.split())
    click.echo(f"guitu: {line}", err=True)
    sys.exit(code)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guitu")
def main() -> None:
    """Guitu (归途): supervision gateway and monitoring centre for community corrections."""
