"""What wages mean to county and state: the same arithmetic for one job and for all that a scenario puts to work.

Works on numbers and on arrays alike. The module refuses to know who gets the wage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

RATES: Final = ("municipal_tax_rate", "county_tax_rate", "general_tax_rate", "employee_contribution",
                "employer_contribution")  # fmt: skip
"""Dated rates that wages are taxed by, as shares."""


def on_wages(rate: Mapping[str, Any], base: Any, wage: Any, bracket: float) -> dict[str, Any]:
    """Return what county and state get of wages.

    Parameters
    ----------
    rate : mapping
        `RATES` as shares: numbers, or arrays over years.
    base, wage : float or array
        Ordinary income that is taxed, and gross wage, in the same money.
    bracket : float
        Bracket tax, share of the wage.

    Returns
    -------
    dict
        ``county``: county tax before equalisation; ``state``: the state's part of the tax on ordinary income, with
        social contribution and bracket tax; ``employer``: employer contribution.
    """
    of_base = rate["general_tax_rate"] - rate["municipal_tax_rate"] - rate["county_tax_rate"]
    return {
        "county": base * rate["county_tax_rate"],
        "state": base * of_base + wage * (rate["employee_contribution"] + bracket),
        "employer": wage * rate["employer_contribution"],
    }


__all__ = ["RATES", "on_wages"]
