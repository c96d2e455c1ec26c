"""`guitu sbom`: what the product is made of, and which advisories are about it."""

import json
from pathlib import Path

import click

from guitu.supply.advisories import matches
from guitu.supply.bom import bill
from guitu.supply.components import console_components, product, python_components


@click.command
@click.option(
    "--source", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Source folder: the packages that the console is built of are listed too.",
)  # fmt: skip
@click.option(
    "--advisories", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A downloaded file of advisories (OSV): list what is about us instead; exit 1 if any.",
)  # fmt: skip
def command(*, source: Path | None, advisories: Path | None) -> int:
    """Print the bill of materials (CycloneDX 1.6, JSON), or what advisories say of it."""
    whole = product(source)
    components = python_components(whole)
    if source is not None:
        components += console_components(source)
    if advisories is None:
        click.echo(json.dumps(bill(whole, components), indent=2, ensure_ascii=False))
        return 0
    found = matches([whole, *components], advisories)
    for one in found:
        click.echo(f"{one.component.purl}: {one.advisory}: {one.summary}")
    click.echo(f"{len(components)} components, {len(found)} advisories about them", err=True)
    return 1 if found else 0
