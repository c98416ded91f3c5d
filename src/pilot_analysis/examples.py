"""A small panel with a known effect, to try estimators on."""

import numpy as np
import pandas as pd

EFFECT = -2.0
_STARTS = {0: 4, 1: 4, 2: 5, 3: 5}


def few_schools(seed: int = 1, *, pupils: int = 12, n_terms: int = 8) -> pd.DataFrame:
    """Return a panel of 11 schools, 4 of them treated, in which treatment lowers `y` by 2.

    One row per pupil and term: `school`, `pupil`, `term`, `y`, `treated` (0 or 1), `start` (the first
    treated term, missing for never), `eligible` (0 or 1, the same in every term) and `baseline` (the
    pupil's `y` in term 0). Two schools start in term 4, two in term 5. Made up, and the same for
    the same `seed`.

    Examples:
        >>> panel = few_schools()
        >>> panel.groupby(panel["start"].notna())["school"].nunique().tolist()
        [7, 4]

    """
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"pupil": np.arange(11 * pupils)})
    people["school"] = people["pupil"] // pupils
    people["eligible"] = (people["pupil"] % 3 == 0).astype(float)
    people["start"] = people["school"].map(_STARTS).astype(float)
    panel = people.merge(pd.DataFrame({"term": np.arange(n_terms)}), how="cross")
    panel["treated"] = (panel["term"] >= panel["start"]).astype(float)
    school, term, pupil = (panel[c].to_numpy() for c in ("school", "term", "pupil"))
    panel["y"] = (
        20.0
        + 0.3 * term
        + EFFECT * panel["treated"]
        + rng.normal(0, 2, 11)[school]
        + rng.normal(0, 0.7, (11, n_terms))[school, term]
        + rng.normal(0, 1.5, len(people))[pupil]
        + rng.normal(0, 1, len(panel))
    )
    first = panel[panel["term"] == 0].set_index("pupil")["y"]
    return panel.assign(baseline=panel["pupil"].map(first))
