"""XML within bounds: no entities, nothing external, a limited size, depth and number of elements."""

import codecs
import math
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder

import numpy as np
from defusedxml.ElementTree import DefusedXMLParser

from backend.records.formats.sniffing import refuse_errors
from backend.records.record import RecordRefused

__all__ = ["child_text", "parse_numbers", "parse_xml", "positive_number", "root_name"]

_MAX_FILE_BYTES = 64 * 2**20
_MAX_ELEMENTS = 200_000
_MAX_DEPTH = 60
_BLOCK_BYTES = 2**16
_TEXT_AT_ONCE = 2**18
_HEAD_BYTES = 2**14
_ROOT = re.compile(r"(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})")


class _BoundedBuilder:
    """Builds a tree without namespaces, until it has too many elements or levels."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._n_elements = 0
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self._n_elements += 1
        self._depth += 1
        if self._n_elements > _MAX_ELEMENTS or self._depth > _MAX_DEPTH:
            raise ValueError("too many elements or levels")
        return self._builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return self._builder.end(_local(tag))

    def data(self, text: str) -> None:
        self._builder.data(text)

    def close(self) -> Element:
        return self._builder.close()


def root_name(head: bytes) -> str | None:
    """Return the name of the first element of an XML file from its first bytes, without namespace; else None.

    Comments, processing instructions and a document type may precede it.
    """
    text = _decode_head(head[:_HEAD_BYTES]).lstrip("\ufeff \t\r\n")
    while text.startswith(("<?", "<!")):
        end = "-->" if text.startswith("<!--") else ">"
        if text.startswith("<!DOCTYPE") and "[" in text.partition(">")[0]:
            end = "]>"
        _, found, text = text.partition(end)
        text = text.lstrip()
        if not found:
            return None
    match = _ROOT.match(text, 1) if text.startswith("<") else None
    return match[1] if match else None


def parse_xml(path: Path) -> Element:
    """Return the root of an XML file; names are without namespaces.

    Raises
    ------
    RecordRefused
        If the file is not well-formed, truncated, declares entities, or is beyond the bounds.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise RecordRefused(
            f"{path.name} is larger than {_MAX_FILE_BYTES // 2**20} MiB of XML. Export a shorter part of the recording."
        )
    refusal = f"{path.name} is damaged or incomplete XML, or holds entities. Export the recording again."
    parser = DefusedXMLParser(target=_BoundedBuilder())
    with path.open("rb") as file, refuse_errors(refusal):
        while block := file.read(_BLOCK_BYTES):
            parser.feed(block)
        root: Element = parser.close()
    return root


def child_text(element: Element, *names: str) -> str:
    """Return the text of the first child that has one of the names, in any case; empty if there is none."""
    wanted = {name.casefold() for name in names}
    found = next((child for child in element if child.tag.casefold() in wanted), None)
    return (found.text or "").strip() if found is not None else ""


def positive_number(text: str | None) -> float:
    """Return a positive finite number from its text, with a decimal point or comma; NaN for anything else."""
    try:
        number = float((text or "")[:40].strip().replace(",", "."))
    except ValueError:
        return math.nan
    return number if 0 < number < math.inf else math.nan


def parse_numbers(text: str) -> np.ndarray:
    """Return the numbers in a text, separated by white space or commas.

    Returns
    -------
    float32 array

    Raises
    ------
    ValueError
        If anything else is among them.
    """
    parts = [np.array(part.replace(",", " ").split(), dtype=np.float32) for part in _parts(text)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def _parts(text: str) -> Iterator[str]:
    """Yield the text in limited parts, none of which ends within a number."""
    start = 0
    while start < len(text):
        stop = start + _TEXT_AT_ONCE
        while stop < len(text) and not (text[stop].isspace() or text[stop] == ","):
            stop += 1
        yield text[start:stop]
        start = stop


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _decode_head(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, b"<\0")):
        return head.decode("utf-16-le", errors="ignore")
    if head.startswith((codecs.BOM_UTF16_BE, b"\0<")):
        return head.decode("utf-16-be", errors="ignore")
    return head.decode("utf-8", errors="ignore")
