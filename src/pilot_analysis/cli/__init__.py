"""`pilot`: the command line. Imports are local to commands, so that `--help` answers at once."""

import click

from pilot_analysis.cli import (
    answers,
    compare,
    data,
    lab,
    map,
    new,
    notebook,
    power,
    public,
    reference,
    report,
    run,
    study,
    sweep,
)
from pilot_analysis.cli.common import (
    EPILOG_EXIT,
    mistakes_explained,
    open_standard_streams,
    tell_of_another_checkout,
)

GROUPS = {
    "Your exports": (data.check, map.map_command, data.ingest_command, data.simulate),
    "Evaluate": (run.run, public.public, sweep.sweep, lab.lab, notebook.new_notebook),
    "Read and hand over": (report.report, data.check_outputs, report.publish),
    "Reproduce and question": (compare.compare, compare.verify, answers.answers, study.study),
    "Plan": (new.new, new.plan, power.power),
    "References": (reference.parameters, reference.commands),
}


class Grouped(click.Group):
    """A group whose help lists commands by what people do, and whose mistakes are sentences."""

    def invoke(self, context: click.Context) -> object:
        """Run the command; errors that users cause become messages and exit codes."""
        with mistakes_explained():
            return super().invoke(context)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List every command under its heading."""
        for heading, listed in GROUPS.items():
            with formatter.section(heading):
                rows = [(str(c.name), c.get_short_help_str(limit=200)) for c in listed]
                formatter.write_dl(rows)


@click.group(
    cls=Grouped,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG_EXIT,
)
@click.version_option(package_name="pilot-analysis", prog_name="pilot")
def main() -> None:
    """Evaluate a school pilot with full-time mentors, from school exports to report."""
    open_standard_streams()
    tell_of_another_checkout()


for commands in GROUPS.values():
    for command in commands:
        main.add_command(command)
