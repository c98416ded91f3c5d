"""Least squares and cluster-robust variances from cluster cross-products.

Notation: A = sum of X_g'X_g, S_g = X_g'u_g the score of cluster g, c the contrast of interest,
r = A^-1 c scaled so that X r is the treatment with everything else partialled out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pilot_analysis.inference.cross_products import ClusterGram

Array = NDArray[np.float64]

# Eigenvalues of I - H below this are zeros: the cluster has indicators of its own.
_LEVERAGE_ONE = 1e-8
# A coefficient's share, by length, that a lost direction must hold for the coefficient to be lost.
_LOST = 1e-4


@dataclass(frozen=True)
class Fit:
    """OLS of one outcome on the columns of a `ClusterGram`."""

    gram: ClusterGram
    outcome: int = 0

    @cached_property
    def bread(self) -> Array:
        """A^-1, k x k, computed on scaled columns."""
        total = self.gram.xx.sum(axis=0)
        scale = 1 / np.sqrt(np.diag(total))
        return np.linalg.inv(total * np.outer(scale, scale)) * np.outer(scale, scale)

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
        variance is 1/w, and the model is the unweighted one after multiplying by the root of w.
        Absorbing effects nested in clusters first is then exact (Pustejovsky & Tipton 2018,
        theorem 2 and its 2023 correction, which concerns other working models). NaN where the
        coefficient is not identified without one of the clusters: its residuals say nothing then.
        """
        if self.rests_on_one_cluster(column):
            return float("nan"), float("nan")
        adjusted, df = self.cr2_adjustment(column)
        influence = np.einsum("gk,gk->g", adjusted, self.scores)
        return float((influence**2).sum()), df

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
            lost = root[column] @ u[:, 1 - lam <= _LEVERAGE_ONE]
            if (np.abs(lost) > _LOST * size).any():
                return True
        return False

    def cr2_adjustment(self, contrast: int | Array) -> tuple[Array, float]:
        """Return (theta, df): cluster g's part of the CR2 variance is (theta_g'S_g)^2.

        `contrast` is a column, or the k weights of a sum of coefficients. Neither result moves with
        the outcome, so that many outcomes share them. theta is G x k.
        """
        loaded = self.bread[:, contrast] if isinstance(contrast, int) else self.bread @ contrast
        values, vectors = np.linalg.eigh(self.bread)
        root = vectors * np.sqrt(np.maximum(values, 0))
        n_clusters = self.gram.n_clusters
        adjusted = np.empty((n_clusters, len(self.bread)))  # theta_g: z_g = X_g theta_g
        for g in range(n_clusters):
            xx = self.gram.xx[g]
            lam, u = np.linalg.eigh(root.T @ xx @ root)
            lam = np.clip(lam, 0.0, 1.0)
            safe = np.where(1 - lam > _LEVERAGE_ONE, 1 - lam, 1.0)
            inverse_root = np.where(1 - lam > _LEVERAGE_ONE, 1 / np.sqrt(safe), 0.0)
            # ((1-l)^-1/2 - 1)/l, with its limit 1/2 at l = 0.
            weight = np.where(lam > 1e-12, (inverse_root - 1) / np.where(lam > 1e-12, lam, 1), 0.5)
            f = (root @ u * weight) @ (root @ u).T
            adjusted[g] = loaded + f @ (xx @ loaded)
        mapped = np.einsum("gij,gj->gi", self.gram.xx, adjusted)
        cross = -mapped @ self.bread @ mapped.T
        cross[np.diag_indices(n_clusters)] += np.einsum("gk,gk->g", adjusted, mapped)
        df = np.trace(cross) ** 2 / (cross**2).sum()
        return adjusted, float(df)
