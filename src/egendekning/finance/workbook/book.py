"""Puts the sheets together into one workbook.

The file is the same, byte for byte, for the same tables: it carries no date of writing. The module refuses to
overwrite what it was not given.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import xlsxwriter

from egendekning.finance.tables import Finance
from egendekning.finance.workbook import bands, notes, plans, results, values
from egendekning.finance.workbook.sheet import Looks, Sheet
from egendekning.finance.workbook.texts import texts
from egendekning.study import Study

_NO_DATE: Final = datetime(2020, 1, 1)


def write_workbook(finance: Finance, path: Path, study: Study, lang: str = "nb") -> Path:
    """Write the workbook.

    Parameters
    ----------
    finance : Finance
        The tables.
    path : Path
        A new ``.xlsx`` file.
    study : Study
        Whose national rules are listed with their sources.
    lang : str
        ``nb`` or ``en``.

    Returns
    -------
    Path
        The same.
    """
    words, request = texts(lang), finance.request
    title, other = finance.title(request.scenario, lang), finance.title(request.against, lang)
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"nan_inf_to_errors": False, "in_memory": True})
    heading = words["front_title"].format(scenario=title)
    book.set_properties({"title": heading, "author": "egendekning", "created": _NO_DATE})
    looks = Looks(book, lang)
    said = {
        "scenario": words["scenario_what"].format(title=title),
        "against": words["against_what"].format(title=other),
        "change": words["change_what"].format(scenario=title, against=other),
        "effect": words["effect_what"].format(scenario=title, against=other),
        "both": words["both_what"].format(scenario=title, against=other),
        "gain": words["gain_what"].format(scenario=title, against=other),
    }
    sheets: dict[str, Sheet] = {}
    sheets["front"] = notes.front_sheet(looks, words, title, plans.subtitle(finance, words, said["against"]))
    sheets["scenario"] = plans.plan_sheet(looks, finance, words, words["scenario"], said["scenario"], 1)
    sheets["against"] = plans.plan_sheet(looks, finance, words, words["against"], said["against"], 0)
    pair = (sheets["scenario"], sheets["against"])
    sheets["change"] = plans.change_sheet(looks, finance, words, said["change"], pair)
    sheets["effect"] = results.effect_sheet(looks, finance, words, said["effect"], sheets["change"])
    sheets["worth"] = values.worth_sheet(looks, finance, words, said["effect"])
    sheets["gain"] = results.gain_sheet(looks, finance, words, said["gain"])
    sheets["job"] = results.job_sheet(looks, finance, words)
    sheets["person"] = results.person_sheet(looks, finance, words, sheets["job"])
    sheets["social"] = results.social_sheet(looks, finance, words, said["both"])
    if request.draws:
        sheets["band"] = bands.band_sheet(looks, finance, words)
    sheets["assume"] = notes.assumption_sheet(looks, finance, words, study)
    sheets["define"] = notes.definition_sheet(looks, words)
    notes.fill_front(sheets["front"], finance, words, sheets)
    sheets["front"].page.activate()
    book.close()
    path.write_bytes(file.getvalue())
    return path


__all__ = ["write_workbook"]
