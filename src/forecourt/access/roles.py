"""What a role in a dealership allows: the same permissions that API keys hold. Pure."""

from __future__ import annotations

READ_ONLY = "read_only"
SALESPERSON = "salesperson"
LEAD_MANAGER = "lead_manager"
OWNER = "owner"

_READ = ("read:lead", "read:lead_cluster", "read:car")
_WORK = ("create:lead", "update:lead", "update:lead_cluster")
_MANAGE = (
    "read:contact",
    "read:dealership",
    "manage:dealership",
    "read:report",
    "read:webhook",
    "read:request_log",
)
_OWN = ("erase:contact", "manage:webhook", "manage:api_key", "manage:user", "read:audit")

# Each allows what those before it do.
PERMISSIONS_OF: dict[str, tuple[str, ...]] = {
    READ_ONLY: _READ,
    SALESPERSON: _READ + _WORK,
    LEAD_MANAGER: _READ + _WORK + _MANAGE,
    OWNER: _READ + _WORK + _MANAGE + _OWN,
}
ROLES = tuple(PERMISSIONS_OF)
# As people call them.
NAMES = {
    READ_ONLY: "Read only",
    SALESPERSON: "Salesperson",
    LEAD_MANAGER: "Lead manager",
    OWNER: "Owner",
}


def roles_with(permission: str) -> list[str]:
    """The roles that give *permission*."""
    return [role for role, permissions in PERMISSIONS_OF.items() if permission in permissions]
