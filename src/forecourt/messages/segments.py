"""How many text messages a text is (3GPP TS 23.038). Pure.

Written in the alphabet of GSM, a message holds 160 characters, and 153 where it is one of several; one character beyond that
alphabet and all of it is written in UCS-2: 70, and 67.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each needs an escape before it.
_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM = (160, 153)
_UCS2 = (70, 67)


class Segments(msgspec.Struct, frozen=True):
    """What a text comes to.

    Attributes:
        encoding: ``GSM-7`` or ``UCS-2``.
        units: septets or 16-bit units.
        count: how many messages are paid for.
    """

    encoding: str
    units: int
    count: int


def segments_of(text: str) -> Segments:
    """What *text* comes to."""
    if _ALPHABET.union(_EXTENSION).issuperset(text):
        return _counted("GSM-7", [2 if letter in _EXTENSION else 1 for letter in text], *_GSM)
    return _counted("UCS-2", [2 if ord(letter) > 0xFFFF else 1 for letter in text], *_UCS2)  # noqa: PLR2004


def _counted(encoding: str, widths: list[int], alone: int, together: int) -> Segments:
    units = sum(widths)
    return Segments(encoding, units, 1 if units <= alone else _pieces(widths, together))


def _pieces(widths: Iterable[int], room: int) -> int:
    """Into how many pieces of *room* characters of these *widths* go: none is cut in two."""
    pieces, used = 1, 0
    for width in widths:
        if used + width > room:
            pieces, used = pieces + 1, 0
        used += width
    return pieces
