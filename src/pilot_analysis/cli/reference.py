"""`pilot parameters`: the reference of every parameter, from the schema."""

import click

from pilot_analysis.cli.common import example


@click.command(epilog=example("  pilot parameters"))
def parameters() -> None:
    """Print every parameter: type, range, default, meaning, and the notebooks that read it."""
    from pilot_analysis.parameters import reference

    click.echo(reference())
