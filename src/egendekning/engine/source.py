"""Cut a Vensim text file into its equations, each with its line, unit, comment and group.

Messages and `explain` need the line on which an equation stands. This module finds the entries and leaves what is
inside an equation to the readers. It refuses to understand expressions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from egendekning.errors import ModelFileError, Problem

_SKETCH = "\\\\\\---///"
_GROUP = re.compile(r"^\*{3,}\s*(.*?)\s*\*{3,}$", re.DOTALL)
_ENCODING = re.compile(rb"\A(?:\xef\xbb\xbf)?\{([^}\n]*)\}")
_XML_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")
_IN_EQUATION = re.compile(r'(?<!\\)"(?:[^"\\]|\\.)*"|\{[^}]*\}|[~|]', re.DOTALL)
_WITHOUT_END = re.compile(r'(?<!\\)"(?:[^"\\]|\\.)*"|[~|]', re.DOTALL)  # after the last }
_MOST_ENTRIES = 1_000_000  # read in less than a minute
_MOST_MACROS = 2000  # each has the whole file in front of it
_IN_COMMENT = re.compile(r"[~|]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``equation ~ unit ~ comment |`` of the file; `text` is the equation as written."""

    text: str
    unit: str
    documentation: str
    group: str
    line: int


def read_text(path: Path) -> str:
    """Return the text of `path`, decoded as the file says (UTF-8 unless it says otherwise).

    Raises
    ------
    ModelFileError
        If the file is missing, empty or not text in that encoding; the byte's line is named.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            Problem(str(path), f"cannot be read ({error.strerror})", "a model file", fix="check the path")
        ) from error
    if not raw.strip():
        raise ModelFileError(Problem(str(path), "the file is empty", "equations", fix="export the model again"))
    declared, encoding = _encoding(raw, path.suffix.lower() == ".mdl")
    try:
        text = raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        if (at := text.find("\0")) >= 0:
            where = f"{path}:{text.count(chr(10), 0, at) + 1}"
            raise ModelFileError(
                Problem(where, f"a NUL character, which no text in {declared} holds", "a text file",
                        fix="save the file as UTF-8, with {UTF-8} on its first line")
            )  # fmt: skip
        return text
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ModelFileError(
            Problem(
                f"{path}:{line}",
                f"byte 0x{raw[error.start]:02x} is not {declared}",
                f"a text file in {declared}",
                fix="save the file as UTF-8, with {UTF-8} on its first line",
            )
        ) from error
    except (LookupError, ValueError) as error:
        raise ModelFileError(
            Problem(f"{path}:1", f"unknown encoding {declared[:40]!r}", "{UTF-8}", fix="save the file as UTF-8")
        ) from error


def _encoding(raw: bytes, vensim: bool) -> tuple[str, str]:
    """Return how a file says it is encoded, and the encoding to read it by.

    A Vensim file that says nothing is in the code page of the computer that it was written on: where it is not UTF-8
    it is taken for that of Western Europe.
    """
    match = (_ENCODING if vensim else _XML_ENCODING).match(raw)
    match = match if match and b"\0" not in match.group(1) else None
    declared = match.group(1).decode("ascii", "replace").strip() if match else "utf-8"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", "utf-16"
    if declared.lower().replace("_", "-") not in ("utf-8", "utf8", ""):
        return declared, declared
    if vensim and match is None:
        try:
            raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return "windows-1252", "windows-1252"
    return declared, "utf-8-sig"


def split_entries(text: str, file: str) -> list[Entry]:
    """Return the entries of a Vensim file in order; ``***`` group headings give the entries after them their group.

    Raises
    ------
    ModelFileError
        If the text breaks off inside an entry, or holds no entry at all.
    """
    body = _blank(r"\A\{[^}\n]*\}", text.split(_SKETCH, 1)[0])
    entries: list[Entry] = []
    group = ""
    counted, lines = 0, 1
    for fields, start in _fields(body, file):
        content = fields[0]
        heading = _GROUP.match(content.strip())
        if heading:
            group = heading.group(1).strip().lstrip(".").strip()
            continue
        skipped = len(content) - len(content.lstrip())
        lines += body.count("\n", counted, start + skipped)
        counted, line = start + skipped, lines
        entries.append(
            Entry(
                text=content.lstrip().rstrip("\\ \t\n"),  # a line may go on with nothing
                unit=" ".join(fields[1].split()) if len(fields) > 1 else "",
                documentation=" ".join(fields[2].replace("\\\n", " ").split()) if len(fields) > 2 else "",
                group=group,
                line=line,
            )
        )
    if not entries:
        raise ModelFileError(Problem(file, "no equation in the file", "equations ending in |", fix="check the file"))
    return entries


@dataclass(frozen=True, slots=True)
class MacroText:
    """A ``:MACRO:`` block: its head, and the file's text with everything but its equations made blank."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    body: str
    line: int


def split_macros(text: str, file: str) -> tuple[str, list[MacroText]]:
    """Return the text without its macros, and the macros; lines stay where they are.

    Raises
    ------
    ModelFileError
        If a macro has no end or its head cannot be read.
    """
    equations = text.split(_SKETCH, 1)[0]
    if ":MACRO:" not in equations.upper():
        return text, []
    main, found = equations, []
    blocks = list(re.finditer(r":MACRO:(.*?)(:END OF MACRO:|\Z)", equations, re.DOTALL | re.IGNORECASE))
    if len(blocks) > _MOST_MACROS:
        raise ModelFileError(Problem(file, f"{len(blocks)} macros", f"at most {_MOST_MACROS}", fix="remove some"))
    for block in blocks:
        line = equations.count("\n", 0, block.start()) + 1
        head = re.match(r"\s*([^()|~]+?)\s*\(([^()|~]*)\)", block.group(1))
        if head is None or not block.group(2):
            what = "a macro without :END OF MACRO:" if head else "a macro whose head cannot be read"
            raise ModelFileError(Problem(f"{file}:{line}", what, ":MACRO: name(inputs : outputs) ... :END OF MACRO:"))
        inputs, _, outputs = head.group(2).partition(":")
        begin, end = block.start(1) + head.end(), block.end(1)
        body = _blank(r"(?s).*", equations[:begin]) + equations[begin:end]
        found.append(MacroText(" ".join(head.group(1).split()), _names(inputs), _names(outputs), body, line))
        main = main[: block.start()] + _blank(r"(?s).*", block.group()) + main[block.end() :]
    return main, found


def _names(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.replace("\\\n", " ").split(",") if part.strip())


def _blank(pattern: str, text: str) -> str:
    """Replace what `pattern` matches by blanks, so that positions and lines stay."""
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def _fields(body: str, file: str) -> list[tuple[list[str], int]]:
    """Return the ``~``-separated fields of every entry, with the position where the entry starts."""
    found: list[tuple[list[str], int]] = []
    fields: list[str] = []
    start = first = at = 0
    last = body.rfind("}")
    while True:
        inside = _IN_COMMENT if fields else _IN_EQUATION if at <= last else _WITHOUT_END
        if (match := inside.search(body, at)) is None:
            break
        at, sign = match.end(), match.group()
        if sign not in "~|":
            continue
        content = body[start : match.start()]
        fields.append(content if fields else _strip_comments(content))
        start = at
        if sign == "|":
            found.append((fields, first))
            if len(found) > _MOST_ENTRIES:
                said = f"more than {_MOST_ENTRIES} entries"
                raise ModelFileError(Problem(file, said, "the equations of a model", fix="check the file"))
            fields, first = list[str](), start
    rest = _strip_comments("".join([*fields, body[start:]]))
    if rest.strip():
        lead = len(body[first:]) - len(body[first:].lstrip())
        line = body.count("\n", 0, first + lead) + 1
        begun = " ".join(body[first:].split())[:60]
        raise ModelFileError(
            Problem(
                f"{file}:{line}",
                f"the file breaks off inside an equation: {begun!r}",
                "equation ~ unit ~ comment |",
                fix="restore the end of the file, or close the quotation mark",
            )
        )
    return found


def _strip_comments(body: str) -> str:
    """Blank out ``{...}`` comments, keeping positions; what stands in quotation marks is a name."""
    parts, at, last = [], 0, body.rfind("}")
    while at <= last and (match := _IN_EQUATION.search(body, at)) is not None:
        found = match.group()
        parts += [body[at : match.start()], re.sub(r"[^\n]", " ", found) if found[0] == "{" else found]
        at = match.end()
    return "".join([*parts, body[at:]])
