"""How much of each thing a body may hold (the issue of each limit is a refusal of its own)."""

from __future__ import annotations

from forecourt.infra.refusals import BadBody, BodyTooLarge

KIB = 1024
MIB = 1024 * KIB

# Without files.
BODY_BYTES = MIB
FILE_BYTES = 10 * MIB
FILES = 10
PARTS = 50
PART_HEADERS = 8
HEADER_BYTES = 4 * KIB
BOUNDARY = 70
DEPTH = 32
VALUES = 5_000
STRING_BYTES = 64 * KIB
KEY_CHARACTERS = 128
DIGITS = 15
# A JSON body with ten files as base64 data URIs.
JSON_BYTES = BODY_BYTES + FILES * (FILE_BYTES * 4 // 3 + KIB)


class TooDeep(BadBody):
    """Objects and lists stand in each other deeper than 32 levels."""

    code = "too-deep"
    title = "The body is nested too deeply"

    def __init__(self) -> None:
        super().__init__(f"at most {DEPTH} levels")


class TooManyValues(BodyTooLarge):
    """The body holds more than 5,000 values."""

    code = "too-many-values"
    title = "The body holds too many values"

    def __init__(self) -> None:
        super().__init__(f"at most {VALUES:,} values in all")


class StringTooLong(BodyTooLarge):
    """A string is longer than 64 KiB of UTF-8."""

    code = "string-too-long"
    title = "A string in the body is too long"

    def __init__(self) -> None:
        super().__init__(f"at most {STRING_BYTES // KIB} KiB a string; a file is sent as file, in a data URI")


class KeyTooLong(BadBody):
    """A key is longer than 128 characters."""

    code = "key-too-long"
    title = "A key in the body is too long"

    def __init__(self) -> None:
        super().__init__(f"at most {KEY_CHARACTERS} characters a key")


class NumberOutOfRange(BadBody):
    """A number has more than 15 significant digits, or a magnitude beyond 1e15 or below 1e-15."""

    code = "number-out-of-range"
    title = "A number in the body is out of range"

    def __init__(self) -> None:
        super().__init__(f"at most {DIGITS} significant digits, between 1e-15 and 1e15 in magnitude")


class NotUtf8(BadBody):
    """The body is not UTF-8, or holds a NUL or half of a surrogate pair."""

    code = "not-utf-8"
    title = "The body is not clean UTF-8"


class DuplicateKey(BadBody):
    """An object names a key twice; which one counts would be a guess."""

    code = "duplicate-key"
    title = "A key stands twice in the same object"
