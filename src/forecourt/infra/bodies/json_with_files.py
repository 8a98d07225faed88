"""A long JSON body, taken apart as it arrives: its files aside, and all the rest held to the limit of any body."""

from __future__ import annotations

import secrets
from typing import Any

from forecourt.infra.bodies import limits
from forecourt.infra.bodies.json_text import NotJson, check_text, decode_json, decode_value

BEGINS = b'"data:'


class JsonWithFiles:
    """A JSON body over 1 MiB on its way in.

    Strings that begin with ``data:`` and pass 64 KiB are cut out while they arrive, and a short mark stands in for
    each. What is left is decoded as any other body, and only then do the files take their places. So memory holds
    each file once, the parser never sees a file, and whatever is too large is refused while it arrives.
    """

    def __init__(self) -> None:
        # Random, so that nobody can write a mark of his own.
        self._mark = f"data:{secrets.token_hex(16)}:"
        self._rest = bytearray()
        self._tail = b""
        self._looked_at = 0
        self._file: bytearray | None = None
        self._files: list[bytearray] = []

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            BodyTooLarge: a file, their number, or the rest is over its limit.
        """
        data, at = self._tail + chunk, 0
        self._tail = b""
        while at < len(data):
            at = self._outside(data, at) if self._file is None else self._inside(self._file, data, at)
            if len(self._rest) > limits.BODY_BYTES:
                raise limits.WithoutFilesTooLarge

    def finish(self) -> dict[str, Any]:
        """The object that was sent.

        Raises:
            BadBody, BodyTooLarge: as ``decode_json``.
        """
        if self._file is not None:
            raise NotJson("it ends inside a string")
        tree = decode_json(bytes(self._rest + self._tail))
        if self._put_back(tree) < len(self._files):
            # A mark that is no value is a key.
            raise limits.KeyTooLong
        return tree

    def _outside(self, data: bytes, at: int) -> int:
        """Up to the next string that may be a file; how far that is."""
        start = data.find(BEGINS, at)
        if start < 0:
            # The beginning of one may be split between this chunk and the next.
            end = max(at, len(data) - len(BEGINS) + 1)
            self._rest += data[at:end]
            self._tail = data[end:]
            return len(data)
        self._rest += data[at : start + 1]
        self._looked_at += 1
        if self._looked_at > 2 * limits.VALUES:
            raise limits.TooManyValues
        # A quote that is escaped begins no string.
        if self._rest[-2:-1] != b"\\":
            self._file = bytearray()
        return start + 1

    def _inside(self, file: bytearray, data: bytes, at: int) -> int:
        """Up to the end of the string that may be a file; how far that is."""
        end = data.find(b'"', at)
        file += data[at:] if end < 0 else data[at:end]
        if len(file) > limits.FILE_TEXT_BYTES:
            raise limits.FileTooLarge
        if end < 0:
            return len(data)
        self._file = None
        # No file holds a quote or ends with a backslash; and what is no longer than other strings needs no mark.
        if len(file) <= limits.STRING_BYTES or file.endswith(b"\\"):
            self._rest += file
            return end
        self._rest += f"{self._mark}{len(self._files)}".encode()
        self._files.append(file)
        if len(self._files) > limits.FILES:
            raise limits.TooManyFiles
        return end

    def _put_back(self, tree: dict[str, Any]) -> int:
        """Put each file where its mark stands; how many there were."""
        count = 0
        waiting: list[dict[str, Any] | list[Any]] = [tree]
        while waiting:
            holder = waiting.pop()
            for place, value in list(holder.items()) if isinstance(holder, dict) else enumerate(holder):
                if isinstance(value, (dict, list)):
                    waiting.append(value)
                elif isinstance(value, str) and value.startswith(self._mark):
                    if not isinstance(holder, dict) or place != "file":
                        raise limits.StringTooLong
                    holder["file"] = self._text(int(value.removeprefix(self._mark)))
                    count += 1
        return count

    def _text(self, index: int) -> str:
        literal, self._files[index] = self._files[index], bytearray()
        literal.insert(0, ord('"'))
        literal += b'"'
        text = decode_value(literal)
        if not isinstance(text, str):
            raise NotJson("a file is not a string")
        check_text(text)
        return text
