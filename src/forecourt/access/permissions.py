"""What a key can allow, as the platform writes it: ``verb:noun``."""

from __future__ import annotations

PERMISSIONS = (
    "read:lead",
    "create:lead",
    "update:lead",
    "read:lead_cluster",
    "update:lead_cluster",
    "read:contact",
    "erase:contact",
    "read:dealership",
    "manage:dealership",
    "read:car",
    "read:webhook",
    "manage:webhook",
    "read:request_log",
    "read:report",
    "read:audit",
    "manage:api_key",
    "manage:user",
)
