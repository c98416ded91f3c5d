"""A regression with absorbed effects, read from a panel: what every cluster-robust method starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import cross_products
from pilot_analysis.inference.effects import Levels
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.samples import counted_unit, counts


@dataclass(frozen=True)
class Prepared:
    """What the cluster-robust methods share: the cross-products of one group of outcomes.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> prepared = prepare(few_schools(), ("y",), "treated", ("pupil", "term"), "school", (), None)
        >>> prepared.row({"estimate": -2.0})["n_treated_schools"]
        4

    """

    cross: cross_products.ClusterGram
    treated: NDArray[np.bool_]

    def row(self, coefficient: dict[str, Any]) -> dict[str, Any]:
        """Return a coefficient's row with the counts of the sample."""
        return counts(self.cross, self.treated) | coefficient


def prepare(
    panel: pd.DataFrame,
    outcomes: tuple[str, ...],
    treatment: str,
    absorb: Sequence[str],
    cluster: str,
    covariates: Sequence[str],
    weights: str | None,
    weighted_roots: bool = False,
) -> Prepared:
    """Return the cross-products of outcomes that share a sample, and which clusters are treated.

    Raises:
        NotEstimable: a single cluster (`few_clusters`), an outcome without variation once effects
            are absorbed (`no_variation`), and as `cross_products.build`.
        ValueError: naming the column, for an empty treatment, and as `cross_products.build`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> one = prepare(few_schools(), ("y",), "treated", ("pupil", "term"), "school", (), None)
        >>> one.cross.n_clusters, int(one.treated.sum())
        (11, 4)

    """
    needed = [treatment, cluster, *absorb, *covariates, *([weights] if weights else [])]
    cross_products.check_columns(panel, needed)
    empty = int(panel[treatment].isna().sum())
    if empty:
        raise ValueError(f"column {treatment!r} is empty in {empty} of {len(panel)} rows")
    cross = cross_products.build(
        panel,
        outcomes=outcomes,
        regressors=[treatment, *covariates],
        absorb=absorb,
        cluster=cluster,
        unit=counted_unit(panel, absorb),
        weights=weights,
        weighted_roots=weighted_roots,
    )
    check_estimable(cross, cluster)
    return Prepared(cross, _treated(panel, treatment, cluster, cross.clusters))


def check_estimable(cross: cross_products.ClusterGram, cluster: str) -> None:
    """Refuse a single cluster, and an outcome that is constant within what is absorbed.

    Raises:
        NotEstimable: one cluster is left (`few_clusters`); as `check_varies`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> panel = few_schools().query("school == 0")
        >>> panel = panel.assign(odd=panel["pupil"] % 2 * (panel["term"] > 3))
        >>> gram = cross_products.build(panel, outcomes=["y"], regressors=["odd"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> check_estimable(gram, "school")
        Traceback (most recent call last):
        pilot_analysis.errors.NotEstimable: column 'school' has a single cluster; inference needs at least two

    """
    if cross.n_clusters < 2:
        raise NotEstimable(
            "few_clusters", f"column {cluster!r} has a single cluster; inference needs at least two"
        )
    check_varies(cross)


def check_varies(cross: cross_products.ClusterGram) -> None:
    """Refuse an outcome that is constant within what is absorbed.

    Raises:
        NotEstimable: an outcome is constant within what is absorbed (`no_variation`).

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> gram = cross_products.build(few_schools().assign(y=1.0), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> check_varies(gram)
        Traceback (most recent call last):
        pilot_analysis.errors.NotEstimable: outcome 'y' does not vary once the absorbed effects are taken out

    """
    constant = cross.yy.sum(axis=0) <= 0
    if constant.any():
        name = cross.outcomes[int(np.flatnonzero(constant)[0])]
        raise NotEstimable(
            "no_variation",
            f"outcome {name!r} does not vary once the absorbed effects are taken out",
        )


def check_treated(prepared: Prepared, treatment: str, method: str) -> None:
    """Refuse a design in which too few treated clusters make a bootstrap's draws alike.

    Raises:
        NotEstimable: fewer than two treated clusters, or an effect that is not identified without
            one of the clusters (`few_clusters`).

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> one_treated = panel[panel["start"].isna() | (panel["school"] == 0)]
        >>> prepared = prepare(one_treated, ("y",), "treated", ("pupil", "term"), "school", (), None)
        >>> check_treated(prepared, "treated", "the bootstrap")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        pilot_analysis.errors.NotEstimable: the bootstrap needs at least two treated clusters ...

    """
    n = int(prepared.treated.sum())
    if n < 2 or Fit(prepared.cross).rests_on_one_cluster(0):
        raise NotEstimable(
            "few_clusters",
            f"{method} needs at least two treated clusters and one other; {treatment!r} has {n} of "
            f"{prepared.cross.n_clusters}, or its effect is not identified without one of them. "
            "Use randomization_inference",
        )


def _treated(
    panel: pd.DataFrame, treatment: str, cluster: str, labels: NDArray[Any]
) -> NDArray[np.bool_]:
    """Say in which clusters the treatment varies; where it varies in none, which are above the least."""
    values = pd.Series(panel[treatment].to_numpy(dtype=float, na_value=np.nan))
    level = Levels.of(panel[cluster])
    by = values.groupby(level.codes).agg(["min", "max"]).set_axis(level.labels).reindex(labels)
    starts = by["max"] > by["min"]
    # A cluster treated throughout shows no change, where others do.
    return np.asarray(starts if starts.any() else by["max"] > values.min())
