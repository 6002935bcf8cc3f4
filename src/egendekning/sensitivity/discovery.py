"""Scenario discovery: boxes in the space of uncertain numbers in which a policy tends to fail.

PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010, Technol. Forecast. Soc. Change 77:34) peels draws away until most
of those left fail; CART (Breiman et al. 1984) splits them into a tree. Both are EMA Workbench's. A box is judged by its
coverage (share of all failures that lie in it), its density (share of the draws in it that fail) and, for each limit,
the quasi-p value: how probable so dense a box would be without that limit.

Boxes fit the draws they are made of; so a third of the draws is held back, and coverage and density are given on those
too. Where the two differ much, the box is chance. Of many inputs only `MOST_INPUTS` are looked at: those whose
distributions differ most between failing and other draws. The module refuses to run models.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import hypergeom, ks_2samp

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest
from egendekning.sensitivity.failing import LEAST

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BOX: Final = "box"
FACTOR: Final = "factor"
END: Final = "end"
PART: Final = "part"
STEP: Final = "step"
PARTS: Final = ("fit", "held back")
METHODS: Final = ("prim", "cart")

MOST_INPUTS: Final = 25
MOST_LIMITS: Final = 3
"""Inputs that a box may restrict: what a reader can hold in mind."""

MOST_BOXES: Final = 3
SIGNIFICANT: Final = 0.05
"""Quasi-p value above which a limit is dropped again."""

_HELD_BACK: Final = 3
"""Every so many draws one is held back."""

_WIDTHS: Final = (3, 5, 8, 12)
"""PRIM peels these many of the strongest inputs, and all, and the best box is taken: inputs that do nothing take peels
from those that matter (Kwakkel 2019, Futures Foresight Sci. 1:e8, constrains PRIM for the same reason)."""

_LEAST_MASS: Final = 0.05
_LEAST_LEAF: Final = 0.1
_ENDS = ("low", "high")
_INSTALL = "pip install 'egendekning[discover]'"


def discover(
    table: Floats, names: Sequence[str], fails: Bools, method: str = "prim", seed: int = 1, units: Sequence[str] = ()
) -> xr.Dataset:
    """Find boxes of inputs in which failures are dense.

    Parameters
    ----------
    table : ndarray
        (draw, input), each in its own unit.
    names : sequence of str
        Of the inputs.
    fails : ndarray
        (draw), whether the policy fails.
    method : str
        ``prim`` or ``cart``.
    seed : int
        Which draws are held back, and how ties in the tree are broken.
    units : sequence of str
        Of the inputs; empty where there are none.

    Returns
    -------
    xarray.Dataset
        ``limit``, ``quasi_p`` (box, factor, end), NaN where a box has no limit; ``coverage``, ``density``, ``mass``
        (box, part); ``held_back_p`` (box), see `_chance`; ``range`` (factor, end); ``value`` (draw, factor), ``fails``,
        ``held_back`` (draw); for prim the peeling of the first box: ``path_coverage``, ``path_density``,
        ``path_limits`` (step). Boxes come best first; there may be none. Attribute ``base``: the share of all draws
        that fail.

    Raises
    ------
    UsageError
        Where EMA Workbench is not installed, the method is unknown, or there is nothing to discover.
    """
    _check(table, names, fails, method)
    held = np.zeros(len(fails), dtype=bool)
    held[np.random.default_rng(seed).permutation(len(fails))[::_HELD_BACK]] = True
    kept = _screened(table[~held], fails[~held])
    values, inputs = table[:, kept], [names[i] for i in kept]
    with _workbench(seed):
        found = (_prim if method == "prim" else _cart)(values[~held], inputs, fails[~held])
    data: dict[str, Any] = {
        "limit": ((BOX, FACTOR, END), found.limits),
        "quasi_p": ((BOX, FACTOR, END), found.quasi_p),
        "range": ((FACTOR, END), np.stack([values.min(axis=0), values.max(axis=0)], axis=1)),
        "value": (("draw", FACTOR), values),
        "fails": ("draw", fails),
        "held_back": ("draw", held),
        **found.path,
    }
    for name, score in _scores(values, fails, held, found.limits).items():
        data[name] = ((BOX, PART), score)
    data["held_back_p"] = (BOX, [_chance(inside(values[held], box), fails[held]) for box in found.limits])
    coords = {FACTOR: inputs, END: list(_ENDS), PART: list(PARTS), BOX: np.arange(1, len(found.limits) + 1)}
    if units:
        coords["unit"] = (FACTOR, [units[i] for i in kept])
    attrs = {"method": method, "base": float(fails.mean()), "draws": len(fails), "inputs": len(names), "seed": seed}
    return xr.Dataset(data, coords, attrs)


@dataclass(frozen=True)
class _Found:
    """Limits and quasi-p values (box, factor, end), and the peeling of the first box."""

    limits: Floats
    quasi_p: Floats
    path: dict[str, Any]


def _prim(values: Floats, names: list[str], fails: Bools) -> _Found:
    """Peel up to `MOST_BOXES` boxes, each of the draws that the ones before left; columns come strongest first."""
    boxes: list[tuple[Floats, Floats]] = []
    path: dict[str, Any] = {}
    left = np.ones(len(fails), dtype=bool)
    while len(boxes) < MOST_BOXES and min(fails[left].sum(), (~fails[left]).sum()) >= LEAST:
        tries = [_peeled(values[left, :count], names[:count], fails[left]) for count in sorted({*_WIDTHS, len(names)})
                 if count <= len(names)]  # fmt: skip
        score, limits, quasi_p, own_path = max(tries, key=lambda one: one[0])
        path = path or own_path
        if score <= 0.0 or np.isnan(limits).all():
            break
        both = np.full((2, len(names), 2), np.nan)
        both[0, : len(limits)], both[1, : len(limits)] = limits, quasi_p
        boxes.append((both[0], both[1]))
        left &= ~inside(values, both[0])
    return _Found(*_stack(boxes, len(names)), path)


def _peeled(values: Floats, names: list[str], fails: Bools) -> tuple[float, Floats, Floats, dict[str, Any]]:
    """Peel one box of some inputs; return its score, limits, quasi-p values and path."""
    import pandas as pd
    from ema_workbench.analysis.prim import Prim

    data = pd.DataFrame(values, columns=names)
    box = Prim(data, fails.astype(int), threshold=float(fails.mean()), mass_min=_LEAST_MASS).find_box()
    path = _path(box.peeling_trajectory)
    limits, quasi_p = _best(box, values, fails, names)
    return _score(inside(values, limits), fails), limits, quasi_p, path


def _path(trajectory: Any) -> dict[str, Any]:
    columns = {"path_coverage": "coverage", "path_density": "density", "path_limits": "res_dim"}
    return {name: (STEP, trajectory[column].to_numpy(dtype=float)) for name, column in columns.items()}


def _best(box: Any, values: Floats, fails: Bools, names: list[str]) -> tuple[Floats, Floats]:
    """Return limits and quasi-p values of the best box on a peeling, as few of them as chance does not explain.

    Of every step the `MOST_LIMITS` most certain inputs are kept; the step is taken whose box then holds the largest
    share of the failures less the share of the other draws, whether failures are rare or common. Its other inputs are
    dropped, and then those whose limits are no longer certain without them, the weakest first.
    """
    scores = [_score(inside(values, _limits(box, step, _certain(box, step), names)), fails)
              for step in range(len(box.peeling_trajectory))]  # fmt: skip
    step = int(np.argmax(scores))
    box.select(step)
    kept = _certain(box, step)
    for name in [name for name, pair in box.qp[step].items() if max(pair) >= 0.0 and name not in kept]:
        box.drop_restriction(name, box._cur_box)
    while (certain := _certain(box, box._cur_box)) != (limited := _limited(box, box._cur_box)):
        box.drop_restriction(max(limited - certain, key=lambda name: _weight(box.qp[box._cur_box][name])), box._cur_box)
    last = box._cur_box
    quasi_p = np.full((len(names), 2), np.nan)
    for name, pair in box.qp[last].items():
        quasi_p[names.index(name)] = [p if p >= 0.0 else np.nan for p in pair]
    return _limits(box, last, _limited(box, last), names), quasi_p


def _weight(pair: Sequence[float]) -> float:
    """Return the smaller quasi-p value of an input's two limits; -1 stands for no limit."""
    return min((p for p in pair if p >= 0.0), default=2.0)


def _limited(box: Any, step: int) -> frozenset[str]:
    return frozenset(name for name, pair in box.qp[step].items() if max(pair) >= 0.0)


def _certain(box: Any, step: int) -> frozenset[str]:
    """Return the inputs of a step whose limits chance does not explain, no more than `MOST_LIMITS`."""
    weights = {name: _weight(pair) for name, pair in box.qp[step].items()}
    good = [name for name in sorted(weights, key=lambda name: weights[name]) if weights[name] <= SIGNIFICANT]
    return frozenset(good[:MOST_LIMITS])


def _limits(box: Any, step: int, kept: frozenset[str], names: list[str]) -> Floats:
    """Return the limits of some inputs at a step, (factor, end), NaN where there is none."""
    current, start = box.box_lims[step], box.box_lims[0]
    limits = np.full((len(names), 2), np.nan)
    for name in kept:
        ends, free = (frame[name].to_numpy(dtype=float) for frame in (current, start))
        limits[names.index(name)] = np.where(ends != free, ends, np.nan)
    return limits


def _score(within: Bools, fails: Bools) -> float:
    """Return the share of failures in a box less the share of other draws in it: 0 for a box of everything (Youden)."""
    return float(within[fails].mean() - within[~fails].mean())


def _cart(values: Floats, names: list[str], fails: Bools) -> _Found:
    """Grow a tree and return its leaves in which more draws fail than among all, the densest first."""
    import pandas as pd
    from ema_workbench.analysis.cart import CART

    algorithm = CART(pd.DataFrame(values, columns=names), fails.astype(int), mass_min=_LEAST_LEAF)
    algorithm.build_tree()
    low, high = values.min(axis=0), values.max(axis=0)
    leaves = []
    for box, stats in zip(algorithm.boxes, algorithm.stats, strict=True):
        ends = np.stack([box[name].to_numpy(dtype=float) for name in names])
        limits = np.where(ends == np.stack([low, high], axis=1), np.nan, ends)
        leaves.append((float(stats["density"]), limits))
    dense = [limits for density, limits in sorted(leaves, key=lambda leaf: -leaf[0]) if density > fails.mean()]
    return _Found(*_stack([(limits, np.full_like(limits, np.nan)) for limits in dense[:MOST_BOXES]], len(names)), {})


def _stack(boxes: list[tuple[Floats, Floats]], count: int) -> tuple[Floats, Floats]:
    if not boxes:
        return np.empty((0, count, 2)), np.empty((0, count, 2))
    return np.stack([limits for limits, _ in boxes]), np.stack([p for _, p in boxes])


def inside(values: Floats, limits: Floats) -> Bools:
    """Return which draws lie in a box, (draw), from (draw, factor) and limits (factor, end)."""
    low, high = np.where(np.isnan(limits), np.array([-np.inf, np.inf]), limits).T
    return np.asarray(((values >= low) & (values <= high)).all(axis=1))


def _scores(values: Floats, fails: Bools, held: Bools, limits: Floats) -> dict[str, Floats]:
    """Return coverage, density and mass of every box, (box, part), on the draws that made it and on those held back."""
    found = {name: np.full((len(limits), 2), np.nan) for name in ("coverage", "density", "mass")}
    for i, box in enumerate(limits):
        for k, part in enumerate((~held, held)):
            within = inside(values[part], box)
            hits = (within & fails[part]).sum()
            found["coverage"][i, k] = hits / max(fails[part].sum(), 1)
            found["density"][i, k] = hits / within.sum() if within.any() else np.nan
            found["mass"][i, k] = within.mean()
    return found


def _chance(within: Bools, fails: Bools) -> float:
    """Return how probable as many failures in a box are if it had been put over the draws held back by lot.

    Fisher's exact test. Limits are chosen among hundreds of inputs, so the quasi-p values of the draws that made a box
    say too little; these draws had no say.
    """
    return float(hypergeom.sf((within & fails).sum() - 1, len(fails), fails.sum(), within.sum()))


def _screened(table: Floats, fails: Bools) -> NDArray[np.intp]:
    """Return the inputs that vary and whose distributions differ most between failing and other draws."""
    moving = np.flatnonzero(np.ptp(table, axis=0) > 0.0)
    far = [float(ks_2samp(table[fails, i], table[~fails, i], method="asymp").statistic) for i in moving]
    return np.asarray(moving[np.argsort(-np.array(far), kind="stable")[:MOST_INPUTS]])


def check_methods(methods: Sequence[str]) -> None:
    """Raise UsageError for unknown methods, and where the workbench that has them is not installed; runs nothing."""
    problems = [unknown_method(method) for method in methods if method not in METHODS]
    if problems:
        raise UsageError(problems)
    with _workbench(0):
        pass


def unknown_method(method: str) -> Problem:
    """Return what is wrong with a method that is none of `METHODS`."""
    near = nearest(method, METHODS)
    fix = f"--method {near or METHODS[0]}, or leave it out for both"
    return Problem("--method", f"unknown method {method!r}", " or ".join(METHODS), near, fix)


def _check(table: Floats, names: Sequence[str], fails: Bools, method: str) -> None:
    problems = []
    if method not in METHODS:
        problems.append(unknown_method(method))
    if table.shape != (len(fails), len(names)):
        expected = f"({len(fails)}, {len(names)})"
        problems.append(Problem("table", f"shape {table.shape}", f"{expected}: a row a draw, a column an input",
                                fix="give a row for every draw and a name for every column"))  # fmt: skip
    elif not np.isfinite(table).all():
        problems.append(Problem("table", "holds values that are not finite", "a number for every input and draw",
                                fix="leave out the inputs or draws without numbers"))  # fmt: skip
    elif not np.ptp(table, axis=0).any():
        problems.append(Problem("table", "no input varies", "draws that differ", fix="draw with --draws 500"))
    if problems:
        raise UsageError(problems)


@contextmanager
def _workbench(seed: int) -> Iterator[None]:
    """Run EMA Workbench: seeded, its warnings unheard, the global generator as it was afterwards.

    The workbench warns on import that ipyparallel is missing, which has nothing to do with PRIM and CART; scikit-learn
    breaks ties from the global generator.
    """
    state = np.random.get_state()  # noqa: NPY002
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                import ema_workbench.analysis.cart
                import ema_workbench.analysis.prim  # noqa: F401
            except ImportError as error:
                found = f"EMA Workbench cannot be imported ({error})"
                raise UsageError(Problem("discover", found, "the extra 'discover'", fix=_INSTALL)) from error
            np.random.seed(seed % 2**32)  # noqa: NPY002
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
