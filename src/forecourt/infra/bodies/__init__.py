"""Request bodies: JSON, urlencoded forms and multipart forms, read strictly into one kind of tree."""

from forecourt.infra.bodies.arriving import ClientGone
from forecourt.infra.bodies.body import Body, BodyTooSlow, read_body, read_bytes
from forecourt.infra.bodies.brackets import indexed, nested
from forecourt.infra.bodies.json_text import decode_json
from forecourt.infra.bodies.media_type import typed
from forecourt.infra.bodies.upload import StorageFull, Upload

__all__ = [
    "Body",
    "BodyTooSlow",
    "ClientGone",
    "StorageFull",
    "Upload",
    "decode_json",
    "indexed",
    "nested",
    "read_body",
    "read_bytes",
    "typed",
]
