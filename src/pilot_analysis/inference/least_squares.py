"""Least squares and cluster-robust variances from cluster cross-products.

Notation: A = sum of X_g'X_g, S_g = X_g'u_g the score of cluster g, c the contrast of interest,
r = A^-1 c scaled so that X r is the treatment with everything else partialled out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pilot_analysis.inference.cross_products import RANK_TOLERANCE, ClusterGram, inverse
from pilot_analysis.inference.weighted_root import LEVERAGE_ONE

Array = NDArray[np.float64]

# A coefficient's share, by length, that a lost direction must hold for the coefficient to be lost.
_LOST = 1e-4


@dataclass(frozen=True)
class Fit:
    """OLS of one outcome on the columns of a `ClusterGram`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> gram = cross_products.build(few_schools(), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> fit = Fit(gram)
        >>> variance, df = fit.cr2(0)
        >>> round(float(fit.coefficients[0]), 2), round(variance**0.5, 2), round(df, 1)
        (-2.06, 0.33, 5.7)

    """

    gram: ClusterGram
    outcome: int = 0

    @cached_property
    def bread(self) -> Array:
        """A^-1, k x k, computed on scaled columns."""
        return inverse(self.gram.xx.sum(axis=0))

    @cached_property
    def coefficients(self) -> Array:
        """Length k."""
        xy = self.gram.xy[:, :, self.outcome]
        first = self.bread @ xy.sum(axis=0)
        # One step of refinement: the normal equations lose half the digits otherwise.
        left = (xy - self.gram.xx @ first).sum(axis=0)
        return first + self.bread @ left

    @cached_property
    def scores(self) -> Array:
        """S_g = X_g'u_g, G x k."""
        return self.gram.xy[:, :, self.outcome] - self.gram.xx @ self.coefficients

    def contrast(self, column: int) -> tuple[Array, float]:
        """Return (r, D): X r is the partialled column, D its sum of squares."""
        d = 1.0 / self.bread[column, column]
        return self.bread[:, column] * d, float(d)

    def small_sample_factor(self) -> float:
        """Return G/(G-1) x (N-1)/(N-K), K without effects nested in clusters.

        As Stata's reghdfe, with rows that an effect has to itself left out; fixest counts one
        parameter more.
        """
        g, n, k = self.gram.n_clusters, self.gram.n_obs, self.gram.n_parameters
        return g / (g - 1) * (n - 1) / max(n - k, 1)

    def cr1(self) -> Array:
        """CR1 covariance, k x k (Liang & Zeger 1986; factor as in `small_sample_factor`)."""
        half = self.scores @ self.bread
        return self.small_sample_factor() * half.T @ half

    @cached_property
    def jackknife(self) -> Array:
        """Coefficients with each cluster left out, G x k; what is then unidentified is dropped.

        NaN for a column that cannot be estimated without the cluster.
        """
        total = self.gram.xx.sum(axis=0)
        total_y = self.gram.xy[:, :, self.outcome].sum(axis=0)
        result = np.full((self.gram.n_clusters, len(total)), np.nan)
        scale = 1 / np.sqrt(np.diag(total))
        for g in range(self.gram.n_clusters):
            a = (total - self.gram.xx[g]) * np.outer(scale, scale)
            b = (total_y - self.gram.xy[g, :, self.outcome]) * scale
            values, vectors = np.linalg.eigh(a)
            alive = values > 1e-10
            inverse = (vectors[:, alive] / values[alive]) @ vectors[:, alive].T
            beta = inverse @ b
            # A column is identified when no null direction touches it.
            touched = (np.abs(vectors[:, ~alive]) > 1e-6).any(axis=1)
            result[g] = np.where(touched, np.nan, beta * scale)
        return result

    def cr3(self) -> Array:
        """CR3 variances by the jackknife, length k.

        (G-1)/G times the sum of squared differences to the full-sample estimate (MacKinnon,
        Nielsen & Webb 2023, equation 12). NaN where a leave-one-out fit is not identified.
        """
        g = self.gram.n_clusters
        difference = self.jackknife - self.coefficients
        return np.asarray((g - 1) / g * (difference**2).sum(axis=0))

    def cr2(self, column: int) -> tuple[float, float]:
        """Return (variance, Satterthwaite degrees of freedom) of one coefficient.

        Bell-McCaffrey adjustment with an identity working model; with weights w the working
        variance is 1/w. Clusters with a `WeightedRoot` take clubSandwich's root of the adjustment,
        others that of the unweighted model after multiplying by the root of the weight; without
        weights the two are the same, and absorbing effects nested in clusters first is exact
        (Pustejovsky & Tipton 2018, theorem 2 and its 2023 correction). NaN where the
        coefficient is not identified without one of the clusters: its residuals say nothing then.
        """
        if self.rests_on_one_cluster(column):
            return float("nan"), float("nan")
        influence, cross = self.cr2_parts(np.eye(len(self.bread))[:, [column]])
        one = cross[:, :, 0, 0]
        df = np.trace(one) ** 2 / (one**2).sum()
        return float((influence**2).sum()), float(df)

    def hotelling(self, columns: Sequence[int]) -> tuple[float, float]:
        """Return (F, denominator degrees of freedom) of the test that `columns` are zero.

        Approximate Hotelling T^2 on the CR2 covariance D: T^2 = d'D^-1 d is that of a Wishart
        matrix whose degrees of freedom eta match the total variance of D, so that
        F = T^2 (eta - q + 1)/(eta q) has q and eta - q + 1 (Pustejovsky & Tipton 2018, section 3).
        NaN where a cluster alone identifies a column, the covariance is singular, or eta leaves no
        degrees of freedom.
        """
        q = len(columns)
        if any(self.rests_on_one_cluster(column) for column in columns):
            return float("nan"), float("nan")
        size = np.sqrt(np.diag(self.bread))  # takes the columns' units out
        chosen = (np.eye(len(size)) / size)[:, list(columns)]
        influence, cross = self.cr2_parts(chosen)
        # What the covariance is on average under the working model.
        values, vectors = np.linalg.eigh(np.einsum("ggst->st", cross))
        if values[0] <= RANK_TOLERANCE * values[-1]:
            return float("nan"), float("nan")
        standard = (vectors / np.sqrt(values)) @ vectors.T
        cross = np.einsum("ghst,sa,tb->ghab", cross, standard, standard, optimize=True)
        same = np.einsum("ghss,ghtt->", cross, cross)
        crossed = np.einsum("ghst,ghts->", cross, cross)
        eta = q * (q + 1) / float(same + crossed)
        df = eta - q + 1
        covariance = standard @ influence.T @ influence @ standard
        if df <= 0 or np.linalg.cond(covariance) > 1 / RANK_TOLERANCE:
            return float("nan"), float("nan")
        distance = standard @ chosen.T @ self.coefficients
        squared = float(distance @ np.linalg.solve(covariance, distance))
        return squared * df / (eta * q), df

    def rests_on_one_cluster(self, column: int) -> bool:
        """Say whether some cluster alone identifies the coefficient.

        Without cluster g a direction v of A - X_g'X_g vanishes; in units of A such directions are
        eigenvectors of X_g'X_g with eigenvalue 1, and the coefficient is lost if c'v is not 0.
        """
        values, vectors = np.linalg.eigh(self.bread)
        root = vectors * np.sqrt(np.maximum(values, 0))
        size = np.sqrt(self.bread[column, column])
        for xx in self.gram.xx:
            lam, u = np.linalg.eigh(root.T @ xx @ root)
            lost = root[column] @ u[:, 1 - lam <= LEVERAGE_ONE]
            if (np.abs(lost) > _LOST * size).any():
                return True
        return False

    def cr2_parts(self, contrasts: Array) -> tuple[Array, Array]:
        """Return (influence, cross) of q sums of coefficients, `contrasts` being k x q.

        The CR2 covariance of the sums is influence'influence, G x q. `cross` (G x G x q x q) holds
        the influences' covariances if rows vary as the working model says, which gives the degrees
        of freedom; it does not move with the outcome.
        """
        loaded = self.bread @ contrasts
        values, vectors = np.linalg.eigh(self.bread)
        root = vectors * np.sqrt(np.maximum(values, 0))
        n_clusters, q = self.gram.n_clusters, contrasts.shape[1]
        mapped = np.empty((n_clusters, len(self.bread), q))
        own = np.empty((n_clusters, q, q))
        influence = np.empty((n_clusters, q))
        for g in range(n_clusters):
            xx = self.gram.xx[g]
            if g in self.gram.roots:
                weighted = self.gram.roots[g]
                left = weighted.xy[:, self.outcome] - weighted.xx @ self.coefficients
                influence[g] = loaded.T @ left
                mapped[g] = weighted.xx.T @ loaded
                own[g] = loaded.T @ weighted.own @ loaded
                continue
            lam, u = np.linalg.eigh(root.T @ xx @ root)
            lam = np.clip(lam, 0.0, 1.0)
            safe = np.where(1 - lam > LEVERAGE_ONE, 1 - lam, 1.0)
            inverse_root = np.where(1 - lam > LEVERAGE_ONE, 1 / np.sqrt(safe), 0.0)
            # ((1-l)^-1/2 - 1)/l, with its limit 1/2 at l = 0.
            weight = np.where(lam > 1e-12, (inverse_root - 1) / np.where(lam > 1e-12, lam, 1), 0.5)
            f = (root @ u * weight) @ (root @ u).T
            adjusted = loaded + f @ (xx @ loaded)
            influence[g] = adjusted.T @ self.scores[g]
            mapped[g] = xx @ adjusted
            own[g] = adjusted.T @ mapped[g]
        cross = -np.einsum("gis,ij,hjt->ghst", mapped, self.bread, mapped, optimize=True)
        cross[np.diag_indices(n_clusters)] += own
        return influence, cross
