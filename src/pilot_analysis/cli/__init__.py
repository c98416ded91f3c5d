"""`pilot`: the command line. Imports are local to commands, so that `--help` answers at once."""

import click

from pilot_analysis.cli import (
    compare,
    data,
    lab,
    map,
    notebook,
    power,
    reference,
    report,
    run,
    steps,
    study,
    sweep,
)
from pilot_analysis.cli.common import EPILOG_EXIT


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG_EXIT,
)
@click.version_option(package_name="pilot-analysis", prog_name="pilot")
def main() -> None:
    """Evaluate Linköping's full-time-mentor pilot, from school exports to report."""


for command in (
    data.simulate, map.map_command, data.check, data.ingest_command, data.check_outputs, run.run, sweep.sweep, compare.compare, compare.verify,
    power.power, report.report, reference.parameters, reference.commands, lab.lab, notebook.new_notebook, steps.step, study.study,
):  # fmt: skip
    main.add_command(command)
