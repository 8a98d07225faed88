"""Who is asking, and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.access import tokens, usage
from forecourt.ids import ApiKeyId
from forecourt.infra.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.infra.http import Call


class Unauthorised(Refusal):
    """No key, or one that is unknown, revoked or expired: the answer does not tell which."""

    code = "unauthorised"
    title = "A valid API key is needed"
    error = "Unauthorised"


class PermissionMissing(Refusal):
    """The key is right and the dealership too, but the permission is missing (the contract's third text)."""

    code = "permission-missing"
    title = "The API key lacks a permission"
    error = "Unauthorised"


class RoleMissing(PermissionMissing):
    """Somebody is signed in, and their role does not allow it."""

    code = "role-missing"
    title = "Your role does not allow this"


class AmbiguousCredentials(Refusal):
    """Two different credentials in one request."""

    code = "ambiguous-credentials"
    title = "The request carries two different credentials"


class Caller(msgspec.Struct, frozen=True):
    """A known API key, a user of the staff who is signed in, or somebody at the server's own command line.

    Attributes:
        api_key_id: None for a user and for a command.
        permissions: what it allows, as ``verb:noun``.
        user_id: of the user who is signed in.
        test: of a key, whether it is one of test mode, which sees what such keys wrote and nothing else; a key of the
            mode live sees the rest. None for whoever sees both.
    """

    api_key_id: ApiKeyId | None
    permissions: tuple[str, ...]
    user_id: int | None = None
    test: bool | None = None

    def require(self, permission: str) -> None:
        """Go on only with *permission*.

        Raises:
            PermissionMissing: the key lacks it; the detail names it.
        """
        if permission in self.permissions:
            return
        if self.user_id is not None:
            raise RoleMissing(f"your role does not give the permission {permission}")
        raise PermissionMissing(f"the key lacks the permission {permission}")


def token_hash(call: Call) -> bytes:
    """The hash under which the call's API key is known, if it is.

    The key travels as ``Authorization: Bearer …``; a lone ``Authentication: Bearer …``, which one of the
    platform's guides shows, is understood too.

    Raises:
        Unauthorised: there is none, or its checksum is wrong: no database is asked.
        AmbiguousCredentials: both headers are there and differ.
    """
    if _differ(call.headers):
        raise AmbiguousCredentials("Authorization and Authentication differ; send Authorization only")
    found = shown_key(call.headers)
    if found is None:
        raise Unauthorised("send Authorization: Bearer and a key of this server")
    usage.note(found)
    call.token_hash = found
    return found


def shown_key(headers: Mapping[str, str]) -> bytes | None:
    """The hash of the key that *headers* show; None where they show none, or two."""
    if _differ(headers):
        return None
    scheme, _, token = (headers.get("authorization") or headers.get("authentication", "")).partition(" ")
    return tokens.hash_of(token.strip()) if scheme.lower() == "bearer" else None


def _differ(headers: Mapping[str, str]) -> bool:
    authorization, authentication = headers.get("authorization"), headers.get("authentication")
    return authorization is not None and authentication is not None and authorization != authentication
