"""The files that pages link to: kept in memory, and cached by browsers for good under an address that changes with them."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from forecourt.infra.http import Answer, NotFound

if TYPE_CHECKING:
    from forecourt.screens.visit import Visit

_TYPES = {
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
    "png": b"image/png",
    "webmanifest": b"application/manifest+json",
}
_FOR_GOOD = ((b"cache-control", b"public, max-age=31536000, immutable"),)


class Assets:
    """What lies in ``screens/static``, the files from elsewhere in its ``vendor`` folder included.

    Attributes:
        version: of all files together; a part of their addresses, so that scripts find each other by relative ones.
    """

    def __init__(self) -> None:
        """Read every file; without those that a build brings, pages work without what they do."""
        folder = resources.files("forecourt.screens") / "static"
        vendor = folder / "vendor"
        found = [*folder.iterdir(), *(vendor.iterdir() if vendor.is_dir() else ())]
        self._files = {
            file.name: file.read_bytes()
            for file in sorted(found, key=lambda one: one.name)
            if file.is_file() and file.name.rpartition(".")[2] in _TYPES
        }
        every = hashlib.sha256()
        for name, content in self._files.items():
            every.update(name.encode() + content)
        self.version = every.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Where a file is."""
        return f"/static/{self.version}/{name}"

    async def get_asset(self, visit: Visit) -> Answer:
        """A file; of another version too, for a page that was open when the server was replaced."""
        name = visit.call.path["name"]
        if name not in self._files:
            raise NotFound
        headers = _FOR_GOOD if visit.call.path["version"] == self.version else ()
        return Answer(200, self._files[name], _TYPES[name.rpartition(".")[2]], headers)
