"""`pilot parameters` and `pilot commands`: the references that the documents hold, from the code."""

import click

from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.cli.common import REFERENCE, example


@click.command(epilog=example("  pilot parameters"))
def parameters() -> None:
    """Print every parameter: type, range, default, meaning, and the notebooks that read it."""
    from pilot_analysis.parameters import reference

    click.echo(reference())


@click.command(epilog=example("  pilot commands"))
@click.pass_context
def commands(context: click.Context) -> None:
    """Print every command with its options and examples."""
    parent = context.find_root().command
    assert isinstance(parent, click.Group)
    click.echo(command_reference(parent))


def command_reference(group: click.Group) -> str:
    """Return the help of every command as Markdown, the same on any terminal."""
    root = click.Context(group, info_name="pilot", **group.context_settings)
    parts = []
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        asked = click.Context(command, info_name=name, parent=root, terminal_width=96)
        asked.meta[REFERENCE] = ENGLISH
        text = "\n".join(line.rstrip() for line in command.get_help(asked).splitlines())
        parts.append(f"## pilot {name}\n\n```text\n{text}\n```")
    return "\n\n".join(parts)
