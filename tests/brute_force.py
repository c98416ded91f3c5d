"""Textbook versions of the few-cluster methods: dummies for every effect, one refit a draw."""

import itertools

import numpy as np
import pandas as pd


def small_panel(seed=1, n_schools=6, n_terms=5, movers=0):
    """Return an unbalanced panel with weights, a covariate and staggered starts."""
    rng = np.random.default_rng(seed)
    rows = []
    for school in range(n_schools):
        for pupil in range(6 + 2 * school):
            for term in range(n_terms):
                if rng.random() < 0.8:
                    at = (school + 1) % n_schools if pupil < movers and term > 2 else school
                    rows.append((at, f"{school}-{pupil}", term))
    panel = pd.DataFrame(rows, columns=["school", "pupil", "term"])
    panel["first_treated"] = panel["school"].map({0: 3, 1: 2, 2: 3}).astype(float)
    panel["treated"] = (panel["term"] >= panel["first_treated"]).astype(float)
    n = len(panel)
    panel["covariate"] = rng.normal(size=n)
    panel["weight"] = rng.uniform(0.5, 2.0, n)
    shock = rng.normal(0, 0.4, (n_schools, n_terms))[panel["school"], panel["term"]]
    panel["outcome"] = (
        shock + 0.4 * panel["treated"] + 0.3 * panel["covariate"] + rng.normal(size=n)
    )
    return panel


def design(panel, treatment="treated", covariates=(), absorb=("pupil", "term")):
    """Return the full dummy design: treatment first, then covariates, then every effect."""
    parts = [panel[[treatment, *covariates]].to_numpy(float)]
    for i, name in enumerate(absorb):
        parts.append(pd.get_dummies(panel[name], drop_first=i > 0).to_numpy(float))
    return np.column_stack(parts)


def ols(X, y, w=None):
    w = np.ones(len(y)) if w is None else w
    root = np.sqrt(w)
    beta, *_ = np.linalg.lstsq(X * root[:, None], y * root, rcond=1e-12)
    return beta


def _clusters(groups):
    return [np.flatnonzero(groups == g) for g in np.unique(groups)]


def cr1_squares(X, residual, groups, w):
    """Return the CR1 variance of the first coefficient without its small-sample factor."""
    others = X[:, 1:]
    d = X[:, 0] - others @ ols(others, X[:, 0], w)
    scores = np.array([(w * d * residual)[rows].sum() for rows in _clusters(groups)])
    return (scores**2).sum() / (w * d * d).sum() ** 2


def cr2(X, y, groups, w):
    """Return (variance, Satterthwaite df) of the first coefficient with N_g x N_g matrices.

    Rows vary as 1/w; adjustment as clubSandwich's: with D D = 1/w, (D V D)^(-1/2) between two D,
    V a cluster's residuals' covariance (Pustejovsky & Tipton 2018, equation 4).
    """
    X = X[:, np.abs(X).sum(axis=0) > 0]
    bread = np.linalg.pinv(X.T @ (X * w[:, None]), rcond=1e-12)
    M = np.eye(len(y)) - X @ bread @ (X * w[:, None]).T
    residual = M @ y
    contrast = bread[:, 0]
    variance, P = 0.0, []
    for rows in _clusters(groups):
        d = 1 / np.sqrt(w[rows])
        V = np.diag(1 / w[rows]) - X[rows] @ bread @ X[rows].T
        values, vectors = np.linalg.eigh(d[:, None] * V * d)
        alive = values > 1e-9 * values.max()
        inverse_root = np.where(alive, 1 / np.sqrt(np.where(alive, values, 1)), 0)
        adjust = d[:, None] * ((vectors * inverse_root) @ vectors.T) * d
        a = adjust @ (w[rows, None] * X[rows]) @ contrast
        variance += (a @ residual[rows]) ** 2
        P.append((M[rows].T @ a) / np.sqrt(w))
    P = np.array(P)
    cross = P @ P.T
    return variance, np.trace(cross) ** 2 / (cross**2).sum()


def cr3(X, y, groups, w):
    full = ols(X, y, w)[0]
    left_out = [ols(X[groups != g], y[groups != g], w[groups != g])[0] for g in np.unique(groups)]
    G = len(left_out)
    return (G - 1) / G * ((np.array(left_out) - full) ** 2).sum()


def wild_p_value(X, y, groups, w, null=0.0, points=(-1.0, 1.0)):
    """Return the exact restricted wild bootstrap p-value by refitting every draw."""
    labels, index = np.unique(groups, return_inverse=True)

    def t_square(outcome, centre):
        beta = ols(X, outcome, w)
        return (beta[0] - centre) ** 2 / cr1_squares(X, outcome - X @ beta, groups, w)

    observed = t_square(y, null)
    others = X[:, 1:]
    offset = null * X[:, 0]
    fitted = others @ ols(others, y - offset, w) + offset
    residual = y - fitted
    draws = [
        t_square(fitted + residual * np.array(v)[index], null)
        for v in itertools.product(points, repeat=len(labels))
    ]
    return np.mean(np.array(draws) >= observed * (1 - 1e-9))


def randomization_p_values(panel, covariates, w, null=0.0, strata=None, absorb=("pupil", "term")):
    """Return (studentised, unstudentised, placements) by refitting every placement."""
    schools = np.sort(panel["school"].unique())
    start = panel.groupby("school")["first_treated"].first().reindex(schools).to_numpy()
    stratum = (
        np.zeros(len(schools))
        if strata is None
        else panel.groupby("school")[strata].first().reindex(schools).to_numpy()
    )
    options = []
    for s in np.unique(stratum):
        members = np.flatnonzero(stratum == s)
        values = [(-1.0 if np.isnan(v) else v) for v in start[members]]
        options.append([(members, p) for p in sorted(set(itertools.permutations(values)))])
    groups = panel["school"].to_numpy()
    y = panel["outcome"].to_numpy() - null * panel["treated"].to_numpy()
    betas, ts, observed = [], [], None
    for choice in itertools.product(*options):
        placed = np.empty(len(schools))
        for members, values in choice:
            placed[members] = values
        of_row = placed[np.searchsorted(schools, groups)]
        d = ((of_row >= 0) & (panel["term"].to_numpy() >= of_row)).astype(float)
        X = design(panel.assign(_d=d), "_d", covariates, absorb)
        beta = ols(X, y, w)
        t2 = beta[0] ** 2 / cr1_squares(X, y - X @ beta, groups, w)
        if np.array_equal(placed, np.nan_to_num(start, nan=-1.0)):
            observed = len(betas)
        betas.append(abs(beta[0]))
        ts.append(t2)
    betas, ts = np.array(betas), np.array(ts)
    return (
        np.mean(ts >= ts[observed] * (1 - 1e-9)),
        np.mean(betas >= betas[observed] * (1 - 1e-9)),
        len(betas),
    )


def by_estimand(table):
    """Index rows by what they estimate: event times as whole numbers, all else by its code."""
    at = zip(table["estimand"], table["event_time"], strict=True)
    return table.set_axis([int(t) if e == "event_time" else e for e, t in at])
