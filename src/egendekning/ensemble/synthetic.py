"""Models for measuring speed: made by rule, of any number of sectors, so that anyone sees what they hold.

A sector is a small economy of 30 scalar equations and nine states: capacity with wear and orders, a third-order delay
of building, a smooth of demand, staff in three grades, a production function with a power, two table functions, a
price, MIN, MAX and IF THEN ELSE. Sectors are linked in a ring, and by a long table function of their total. All
equations lie upstream of a stock, so that nothing can be left out of a run. Numbers differ from sector to sector by
rule, not by chance. The module refuses to claim that the equations describe anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

SHIPPED: Final = {"synthetic, about 60 equations": 2, "synthetic, about 270 equations": 9}
"""The models that ship, with their number of sectors; each is a file in the folder `models` beside this module."""

EQUATIONS: Final = 30
"""Scalar equations of a sector."""

COMMON: Final = 3
"""Scalar equations beside the sectors."""

SPREAD: Final = 0.05
"""Half the range, relative to its value, over which every constant may vary without a run leaving what is sensible."""

LONG: Final = 61
"""Points of the long table function."""

_HEAD: Final = """{UTF-8}
grade: low, middle, high
	~
	~	Of staff.
	|

"""

_SECTOR: Final = """
capacity K = INTEG(building K - wear K, initial capacity K) ~ unit ~ |
building K = DELAY3(orders K, building time K) ~ unit/year ~ |
wear K = capacity K / lifetime K ~ unit/year ~ |
orders K = MAX(0, wear K + (wanted capacity K - capacity K) / adjustment time K) ~ unit/year ~ |
wanted capacity K = initial capacity K * expected demand K / base demand K ~ unit ~ |
expected demand K = SMOOTH(demand K, perception time K) ~ good/year ~ |
staff K[grade] = INTEG(hiring K[grade] - leaving K[grade], initial staff K[grade]) ~ person ~ |
hiring K[grade] = MAX(0, leaving K[grade] + (wanted staff K[grade] - staff K[grade]) / hiring time K) ~ person/year ~ |
leaving K[grade] = staff K[grade] / tenure K[grade] ~ person/year ~ |
wanted staff K[grade] = initial staff K[grade] * expected demand K / base demand K ~ person ~ |
labour K = SUM(staff K[grade!] * skill K[grade!]) ~ person ~ |
potential K = base demand K * labour K / base labour K * (capacity K / initial capacity K / (labour K / base labour K))
	^ capital share K ~ good/year ~ |
utilisation K = use of capacity(demand K / potential K) ~ 1 ~ |
output K = potential K * utilisation K ~ good/year ~ |
pressure K = demand K / output K ~ 1 ~ |
price K = INTEG(price change K, 1) ~ 1 ~ |
price change K = price K * (effect of pressure K - 1) / price time K ~ 1/year ~ |
effect of pressure K = WITH LOOKUP(pressure K, ([(0,0)-(3,2)],(0,0.6),(0.5,0.8),(0.9,0.97),(1,1),(1.2,1.08),(3,1.5)))
	~ 1 ~ |
demand K = base demand K * price effect K * spillover K * shock K * crowding * growth ~ good/year ~ |
price effect K = MIN(1.6, MAX(0.5, 1 - elasticity K * (price K - 1))) ~ 1 ~ |
spillover K = 1 + linkage K * (capacity P / initial capacity P - 1) ~ 1 ~ |
shock K = IF THEN ELSE(Time > shock start K :AND: price K < 2, 1 + shock size K, 1) ~ 1 ~ |

initial capacity K = {capacity} ~ unit ~ |
base demand K = {demand} ~ good/year ~ |
building time K = {building} ~ year ~ |
lifetime K = {lifetime} ~ year ~ |
adjustment time K = {adjustment} ~ year ~ |
perception time K = {perception} ~ year ~ |
initial staff K[grade] = {staff} ~ person ~ |
hiring time K = {hiring} ~ year ~ |
tenure K[grade] = {tenure} ~ year ~ |
skill K[grade] = 0.8, 1, 1.4 ~ 1 ~ |
base labour K = {labour} ~ person ~ |
capital share K = {share} ~ 1 ~ |
price time K = {price} ~ year ~ |
elasticity K = {elasticity} ~ 1 ~ |
linkage K = {linkage} ~ 1 ~ |
shock start K = {start} ~ year ~ |
shock size K = {size} ~ 1 ~ |
"""

_TAIL: Final = """
total capacity = TOTAL ~ 1 ~ |
crowding = room(total capacity) ~ 1 ~ |
growth = growth by year(Time) ~ 1 ~ |
use of capacity( [(0,0)-(4,1.2)],
	(0,0),(0.4,0.38),(0.7,0.66),(0.9,0.86),(1,0.95),(1.2,1.04),(1.6,1.1),(4,1.15)) ~ 1 ~ |
room( [(0,0)-(3,1.4)],
	ROOM) ~ 1 ~ |
growth by year( [(2020,1)-(2050,2)],
	GROWTH) ~ 1 ~ |

********************************************************
	.Control
********************************************************~
		480 steps, saved yearly.
	|
INITIAL TIME = 2020 ~ year ~ |
FINAL TIME = 2050 ~ year ~ |
TIME STEP = 0.0625 ~ year ~ |
SAVEPER = 1 ~ year ~ |
"""


def synthetic(sectors: int) -> str:
    """Return the text of a Vensim file with so many sectors.

    Parameters
    ----------
    sectors : int
        At least 1; the model has ``30 * sectors + 3`` scalar equations and ``9 * sectors`` states, of which four a
        sector belong to a delay and a smooth.
    """
    parts = [_HEAD]
    for k in range(1, sectors + 1):
        before = str((k - 2) % sectors + 1)
        text = _SECTOR.format_map(_numbers(k))
        parts.append(_named(text, {"K": str(k), "P": before}))
    total = " + ".join(f"capacity {k} / initial capacity {k}" for k in range(1, sectors + 1))
    room = [(0.05 * i, 1.3 / (0.3 + 0.05 * i) ** 0.5 if i else 2.0) for i in range(LONG)]
    growth = [(2020 + i, 1.015**i) for i in range(31)]
    tail = _named(_TAIL, {"TOTAL": f"({total}) / {sectors}", "ROOM": _points(room), "GROWTH": _points(growth)})
    return "".join([*parts, tail])


def _named(text: str, words: Mapping[str, str]) -> str:
    """Replace whole words."""
    for word, meaning in words.items():
        text = re.sub(rf"\b{word}\b", meaning, text)
    return text


def _numbers(k: int) -> dict[str, str]:
    """Return the constants of sector k, spread by rule so that no two sectors are alike."""

    def between(low: float, high: float, stride: int) -> float:
        return round(low + (high - low) * (k * stride % 17) / 16, 4)

    staff = [between(20.0, 60.0, 3), between(30.0, 90.0, 5), between(10.0, 40.0, 7)]
    labour = sum(s * n for s, n in zip((0.8, 1.0, 1.4), staff, strict=True))
    found: dict[str, float] = {
        "capacity": between(80.0, 240.0, 2), "demand": between(50.0, 150.0, 3), "building": between(0.8, 2.5, 5),
        "lifetime": between(8.0, 25.0, 4), "adjustment": between(1.5, 4.0, 6), "perception": between(0.6, 2.0, 7),
        "hiring": between(0.5, 1.5, 8), "labour": labour, "share": between(0.25, 0.45, 9),
        "price": between(2.0, 5.0, 10), "elasticity": between(0.3, 0.9, 11), "linkage": between(0.05, 0.25, 12),
        "start": 2020.0 + between(4.0, 20.0, 13), "size": between(-0.12, 0.12, 14),
    }  # fmt: skip
    lists = {"staff": staff, "tenure": [between(2.0, 5.0, 3), between(4.0, 8.0, 5), between(6.0, 12.0, 7)]}
    return {n: f"{v:.10g}" for n, v in found.items()} | {
        n: ", ".join(f"{v:.10g}" for v in values) for n, values in lists.items()
    }


def _points(points: Sequence[tuple[float, float]]) -> str:
    """Return points of a table function as Vensim writes them, some on a line."""
    written = [f"({x:.10g},{y:.6f})" for x, y in points]
    return ",\n\t".join(",".join(written[i : i + 8]) for i in range(0, len(written), 8))


def shipped(sectors: int) -> Path:
    """Return the file of a model that ships."""
    return Path(str(files("egendekning.ensemble") / "models" / f"synthetic_{sectors}_sectors.mdl"))
