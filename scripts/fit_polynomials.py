"""Fits the polynomials of the native evaluator's sine and exponential; prints coefficients and their largest errors.

Smallest largest error by linear programming on Chebyshev-spaced points. Coefficients are rounded to float32 one after the
other, from the lowest power on, and those that are left are fitted again.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]
POINTS = 4000
SCALE = 1e8
"""Errors are that much larger within the linear programme, whose tolerances are absolute"""


def main() -> None:
    """Print both polynomials."""
    half = 0.5 * np.sin(np.linspace(0.0, 0.5 * np.pi, POINTS + 1)[1:])
    whole = np.concatenate([-half[::-1], half])
    for name, places, powers, target in (
        ("SINE", half, range(1, 11, 2), np.sin(np.pi * half)),
        ("EXP", whole, range(7), np.exp2(whole)),
    ):
        coefficients = fit(places, powers, target)
        error = np.abs(sum(c * places**power for c, power in zip(coefficients, powers, strict=True)) - target).max()
        print(f"{name} = {tuple(coefficients)}  # error {error:.1e}")


def fit(places: Floats, powers: Sequence[int], target: Floats) -> list[float]:
    """Coefficients of the powers, each of which a float32 can hold."""
    found: list[float] = []
    for number, power in enumerate(powers):
        found.append(float(np.float32(minimax(places, powers[number:], target)[0])))
        target = target - found[-1] * places**power
    return found


def minimax(places: Floats, powers: Sequence[int], target: Floats) -> Floats:
    """Coefficients with the smallest largest error at `places`."""
    sizes = 0.5 ** np.array(powers, np.float64)
    columns = places[:, None] ** np.array(powers) / sizes
    near = np.linalg.lstsq(columns, target, rcond=None)[0]  # linprog only corrects it: its tolerances are absolute
    rest, bound = SCALE * (target - columns @ near), np.ones((len(places), 1))
    solved = linprog(
        [0.0] * len(powers) + [1.0],
        A_ub=np.block([[SCALE * columns, -bound], [-SCALE * columns, -bound]]),
        b_ub=np.concatenate([rest, -rest]),
        bounds=[(None, None)] * len(powers) + [(0.0, None)],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return np.asarray((near + solved.x[:-1]) / sizes)


if __name__ == "__main__":
    main()
