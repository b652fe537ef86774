"""Points on an ordinary sphere that keep given angles as well as a sphere can: spherical multidimensional scaling (Cox
& Cox 1991).
"""

import numpy as np
from scipy.optimize import minimize

_STARTS = 8


def embed(angles, *, generator):
    """Unit vectors (n, 3) whose angles are as near as can be, in squares, to ``angles`` (n, n) in degrees, and the
    stress.

    Stress is Kruskal's first: the root of squared differences of angles over squared angles. The best of several random
    starts; the sphere is turned so that the mean of the points looks along the first axis.
    """
    rows, columns = np.triu_indices(len(angles), 1)
    wanted = np.radians(angles[rows, columns])

    def mismatch(flat):
        points = flat.reshape(-1, 3)
        lengths = np.linalg.norm(points, axis=1, keepdims=True)
        unit = points / lengths
        cosines = np.clip((unit[rows] * unit[columns]).sum(axis=1), -1 + 1e-12, 1 - 1e-12)
        gaps = np.arccos(cosines) - wanted
        slope = (-2 * gaps / np.sqrt(1 - cosines**2))[:, None]
        pull = np.zeros_like(points)
        np.add.at(pull, rows, slope * unit[columns])
        np.add.at(pull, columns, slope * unit[rows])
        pull = (pull - unit * (pull * unit).sum(axis=1, keepdims=True)) / lengths
        return np.square(gaps).sum(), pull.ravel()

    starts = (generator.standard_normal(3 * len(angles)) for _ in range(_STARTS))
    best = min(
        (minimize(mismatch, start, jac=True, method="L-BFGS-B") for start in starts), key=lambda found: found.fun
    )
    points = best.x.reshape(-1, 3)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    axes, _, _ = np.linalg.svd(np.column_stack([points.mean(axis=0), points.T @ points]), full_matrices=True)
    turned = points @ axes
    turned *= np.where(turned.mean(axis=0) < 0, -1, 1)
    return turned, float(np.sqrt(best.fun / np.square(wanted).sum()))
