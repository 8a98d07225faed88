"""How much of each thing a body may hold, and the refusal that tells each limit."""

from __future__ import annotations

from forecourt.infra.refusals import BadBody, BodyTooLarge

KIB = 1024
MIB = 1024 * KIB

# Without files.
BODY_BYTES = MIB
FILES = 10
FILE_BYTES = 10 * MIB
# A file in JSON is a third longer in base64, and longer again where the sender's encoder escapes "/" or "+", or
# breaks the lines.
FILE_TEXT_BYTES = FILE_BYTES * 3 // 2
PARTS = 50
PART_HEADERS = 8
PART_HEADER_BYTES = 4 * KIB
BOUNDARY_CHARACTERS = 70
DEPTH = 32
VALUES = 5_000
STRING_BYTES = 64 * KIB
KEY_CHARACTERS = 128
NAME_CHARACTERS = 1_024
DIGITS = 15
MAGNITUDE = 10**DIGITS

JSON_BYTES = BODY_BYTES + FILES * FILE_TEXT_BYTES
MULTIPART_BYTES = BODY_BYTES + FILES * FILE_BYTES + PARTS * PART_HEADERS * PART_HEADER_BYTES


class WithoutFilesTooLarge(BodyTooLarge):
    """All that is no file is more than 1 MiB."""

    code = "body-too-large"

    def __init__(self) -> None:
        super().__init__(f"at most {BODY_BYTES // MIB} MiB without files")


class TooManyValues(BodyTooLarge):
    """The body holds more than 5,000 values, objects and lists among them."""

    code = "too-many-values"
    title = "The body holds too many values"

    def __init__(self) -> None:
        super().__init__(f"at most {VALUES:,} values in all, objects and lists among them")


class StringTooLong(BodyTooLarge):
    """A string is longer than 64 KiB of UTF-8, and no file."""

    code = "string-too-long"
    title = "A string in the body is too long"

    def __init__(self) -> None:
        super().__init__(
            f"at most {STRING_BYTES // KIB} KiB a string; in JSON a file may be longer: a data URI under the key file"
        )


class FileTooLarge(BodyTooLarge):
    """A file is larger than 10 MiB."""

    code = "file-too-large"
    title = "A file in the body is too large"

    def __init__(self) -> None:
        super().__init__(f"at most {FILE_BYTES // MIB} MiB a file")


class TooManyFiles(BodyTooLarge):
    """The body holds more than 10 files."""

    code = "too-many-files"
    title = "The body holds too many files"

    def __init__(self) -> None:
        super().__init__(f"at most {FILES} files")


class TooManyParts(BodyTooLarge):
    """A multipart body has more than 50 parts."""

    code = "too-many-parts"
    title = "The multipart body has too many parts"

    def __init__(self) -> None:
        super().__init__(f"at most {PARTS} parts")


class PartHeadersTooLarge(BodyTooLarge):
    """A part of a multipart body has more than 8 headers, or one over 4 KiB."""

    code = "part-headers-too-large"
    title = "A part's headers are too large"

    def __init__(self) -> None:
        super().__init__(f"at most {PART_HEADERS} headers a part, {PART_HEADER_BYTES // KIB} KiB a header")


class TooDeep(BadBody):
    """Objects and lists stand in each other deeper than 32 levels."""

    code = "too-deep"
    title = "The body is nested too deeply"

    def __init__(self) -> None:
        super().__init__(f"at most {DEPTH} levels of objects and lists")


class KeyTooLong(BadBody):
    """A key is longer than 128 characters, or a form's name with all its brackets than 1,024."""

    code = "key-too-long"
    title = "A key in the body is too long"

    def __init__(self) -> None:
        super().__init__(
            f"at most {KEY_CHARACTERS} characters a key, {NAME_CHARACTERS:,} a name with brackets"
        )


class NumberOutOfRange(BadBody):
    """A number has more than 15 significant digits, or a magnitude beyond 1e15 or below 1e-15."""

    code = "number-out-of-range"
    title = "A number in the body is out of range"

    def __init__(self) -> None:
        super().__init__(
            f"at most {DIGITS} significant digits, between 1e-{DIGITS} and 1e{DIGITS} in magnitude"
        )


class NotUtf8(BadBody):
    """The body is not UTF-8, or holds a NUL, half of a surrogate pair or a byte order mark."""

    code = "not-utf-8"
    title = "The body is not clean UTF-8"


class EmptyBody(BadBody):
    """There is no body at all."""

    code = "empty-body"
    title = "The body is empty"

    def __init__(self) -> None:
        super().__init__("a JSON object is expected")
