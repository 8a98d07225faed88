"""What requests about a dealership have in common, for the reference."""

from __future__ import annotations

from forecourt.infra.routes import Parameter

MOST = 200
DEFAULT_LIMIT = 50

DEALERSHIP = Parameter("dealership", "The dealership's slug or id.", {"type": "string"}, "path")
DRY_RUN = Parameter(
    "dry_run", "Everything but the write: the answer it would give and the changes.", {"type": "boolean"}
)
KEY = Parameter(
    "Idempotency-Key",
    "Makes a retry safe: the same key and payload get the stored answer, with `Idempotency-Replay: true`.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
    "header",
)
IF_MATCH = Parameter(
    "If-Match",
    "Only this version, as the ETag names it; otherwise 412.",
    {"type": "string", "pattern": '^("[0-9]+"|\\*)$'},
    "header",
)
IF_NONE_MATCH = Parameter(
    "If-None-Match",
    "Answer 304 where the ETag is still this one.",
    {"type": "string", "pattern": '^("[0-9]+"|\\*)$'},
    "header",
)
WRITING = (DRY_RUN, KEY)
LIMIT = Parameter(
    "limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
)
CURSOR = Parameter("cursor", "The page after this one: `next_cursor` of the page before.", {"type": "string"})
