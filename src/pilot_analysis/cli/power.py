"""`pilot power`: what the next pilot would find."""

import itertools
from pathlib import Path

import click

from pilot_analysis.cli.common import example


@click.command(
    epilog=example(
        "  pilot power --treated 4 --treated 6 --schools 11\n"
        "  pilot power --treated 6 --schools 20 --pupils 340 --before 6 --after 4 --out plan"
    )
)
@click.option(
    "--treated",
    "treated",
    multiple=True,
    type=click.IntRange(1),
    default=(2, 4, 6),
    show_default=True,
    help="Schools with mentors (repeat).",
)
@click.option(
    "--schools",
    multiple=True,
    type=click.IntRange(2),
    default=(11,),
    show_default=True,
    help="Schools in all (repeat).",
)
@click.option(
    "--pupils",
    multiple=True,
    type=click.IntRange(1),
    default=(340,),
    show_default=True,
    help="Pupils a school (repeat).",
)
@click.option(
    "--before",
    multiple=True,
    type=click.IntRange(1),
    default=(4,),
    show_default=True,
    help="Terms before the start (repeat).",
)
@click.option(
    "--after",
    multiple=True,
    type=click.IntRange(1),
    default=(3,),
    show_default=True,
    help="Terms from the start on (repeat).",
)
@click.option(
    "--school-sd",
    type=click.FloatRange(0),
    default=1.25,
    show_default=True,
    help="How much a whole school moves from term to term (SD, points).",
)
@click.option(
    "--autocorrelation",
    type=click.FloatRange(-0.95, 0.95),
    default=0.4,
    show_default=True,
    help="Of a school's movements from one term to the next.",
)
@click.option(
    "--pupil-sd",
    type=click.FloatRange(0),
    default=6.0,
    show_default=True,
    help="How much a pupil moves around the school's mean (SD, points).",
)
@click.option(
    "--processed",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Take the three from the absence in these processed tables instead.",
)
@click.option(
    "--school-form",
    metavar="CODE",
    default="GR",
    show_default=True,
    help="School form to take them from.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Write power.csv and a figure into this folder too.",
)
def power(
    treated: tuple[int, ...],
    schools: tuple[int, ...],
    pupils: tuple[int, ...],
    before: tuple[int, ...],
    after: tuple[int, ...],
    school_sd: float,
    autocorrelation: float,
    pupil_sd: float,
    processed: Path | None,
    school_form: str,
    out: Path | None,
) -> None:
    """Plan the next pilot: the smallest effect on absence that a design finds four times of five.

    Percentage points, at 5 %, with the inference the evaluation would use for that design. Every
    combination of the repeated options is one design. Its schools start together: pilot plan counts
    starts that differ.
    """
    import numpy as np
    import pandas as pd

    from pilot_analysis import figures, panel
    from pilot_analysis.inference import power as planning
    from pilot_analysis.parameters import load

    spread = planning.Variances(school_sd, autocorrelation, pupil_sd)
    if processed is not None:
        built = panel.build(processed, load())
        if school_form not in built.school_forms:
            there = ", ".join(built.school_forms)
            raise click.UsageError(f"--school-form: {school_form!r} is none of {there}")
        data = built.form(school_form)
        found = planning.variances(
            data,
            outcome="absence_share",
            treatment="treated",
            unit="stay",
            time="term",
            cluster="school",
        )
        spread = planning.Variances(
            100 * found.school_term_sd, found.autocorrelation, 100 * found.pupil_sd
        )
    designs = [d for d in itertools.product(treated, schools, pupils, before, after) if d[0] < d[1]]
    if not designs:
        raise click.UsageError("--treated must be smaller than --schools")
    rows = [
        planning.plan(treated=t, schools=s, pupils=n, terms_before=b, terms_after=a, spread=spread)
        for t, s, n, b, a in designs
    ]
    table = pd.DataFrame(rows)
    click.echo(
        f"Schools move {spread.school_term_sd:.2f} points a term (autocorrelation "
        f"{spread.autocorrelation:.2f}), pupils {spread.pupil_sd:.1f}."
    )
    shown = table.assign(
        detectable=[f"{v:.2f}" if np.isfinite(v) else "none" for v in table["detectable"]],
        smallest_p=[f"{v:.2g}" for v in table["smallest_p"]],
    ).rename(columns={"detectable": "smallest effect found", "smallest_p": "smallest p"})
    click.echo(shown.to_string(index=False))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        figure = figures.planned_power(table, unit="percentage points", outcome="Absence")
        figures.save(figure, out / "power", table)
        click.echo(f"{out / 'power.svg'}")
