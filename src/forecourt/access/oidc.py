"""An identity provider (OpenID Connect): what it says of itself, where it is asked, and whether its word can be believed.

Authorization code with PKCE. An ID token counts only signed by one of the provider's own keys with an asymmetric
algorithm, from this issuer, for this client, in time, and with the nonce of this sign-in.
"""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Any

import httpx2
import msgspec
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from forecourt.access.refusals import ProviderFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

log = structlog.get_logger()

SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_TIMEOUT_SECONDS = 8.0
_METADATA_SECONDS = 3_600.0
_LEEWAY_SECONDS = 60
_MOST_BYTES = 512 * 1024


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of itself under ``/.well-known/openid-configuration``."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the provider knows.

    Attributes:
        email: lower case, and only where the provider has made sure that it is theirs.
        groups: as the claim of that name tells them.
    """

    issuer: str
    subject: str
    email: str | None
    name: str | None
    groups: tuple[str, ...]


class Provider:
    """The identity provider of the settings.

    Attributes:
        name: as the button calls it.
    """

    def __init__(
        self, *, issuer: str, client_id: str, client_secret: str | None, name: str, groups_claim: str
    ) -> None:
        """Nothing is asked yet."""
        self.name = name
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._groups_claim = groups_claim
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: KeySet | None = None

    async def where_to(self, *, state: str, nonce: str, verifier: str, return_address: str) -> str:
        """The address at the provider where somebody signs in.

        Raises:
            ProviderFailed: it cannot be asked.
        """
        metadata = await self._known()
        async with self._client(metadata, return_address) as client:
            address, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=state, code_verifier=verifier, nonce=nonce
            )
        return str(address)

    async def who(
        self, *, code: str, nonce: str, verifier: str, return_address: str, issuer: str | None
    ) -> Said:
        """Whom the provider sent back with *code*.

        Args:
            code: good once, for whoever has the *verifier*.
            nonce: must stand in the ID token.
            verifier: of the challenge that was sent along (PKCE).
            return_address: where the provider sent them.
            issuer: who says to have sent them (RFC 9207), where the address says it.

        Raises:
            ProviderFailed: it refuses the code, or what it says cannot be believed.
        """
        metadata = await self._known()
        promised = metadata.authorization_response_iss_parameter_supported
        if (issuer is None and promised) or (issuer is not None and issuer != self._issuer):
            raise _failed("issuer_of_the_answer")
        try:
            async with self._client(metadata, return_address) as client:
                token = await client.fetch_token(
                    metadata.token_endpoint,
                    code=code,
                    code_verifier=verifier,
                    grant_type="authorization_code",
                )
        except (httpx2.HTTPError, OAuthError, ValueError) as error:
            raise _failed("token_endpoint", error) from None
        id_token = token.get("id_token") if isinstance(token, dict) else None
        if not isinstance(id_token, str):
            raise _failed("no_id_token")
        return self._said(await self._verified(metadata, id_token, nonce))

    async def _verified(self, metadata: Metadata, id_token: str, nonce: str) -> Mapping[str, Any]:
        try:
            claims = await self._signed(metadata, id_token)
            jwt.JWTClaimsRegistry(
                now=int(time.time()),
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True},
            ).validate(dict(claims))
        except (JoseError, ValueError) as error:
            raise _failed("id_token", error) from None
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise _failed("nonce")
        parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", self._client_id) != self._client_id or (
            len(parties) > 1 and "azp" not in claims
        ):
            raise _failed("authorised_party")
        return claims

    async def _signed(self, metadata: Metadata, id_token: str) -> Mapping[str, Any]:
        """The claims of a token with a good signature; a key that nobody has heard of yet may be a new one."""
        fresh = self._keys is None
        for _ in range(2):
            keys = self._keys if self._keys is not None else await self._fetch_keys(metadata)
            try:
                return jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError):
                if fresh:
                    raise
                self._keys, fresh = None, True
        raise _failed("signature")

    async def _fetch_keys(self, metadata: Metadata) -> KeySet:
        document = await self._get(metadata.jwks_uri)
        keys = [key for key in document.get("keys", []) if isinstance(key, dict) and key.get("kty") != "oct"]
        self._keys = KeySet.import_key_set({"keys": keys})
        return self._keys

    async def _known(self) -> Metadata:
        if self._metadata is not None and time.monotonic() - self._metadata[0] < _METADATA_SECONDS:
            return self._metadata[1]
        document = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            metadata = msgspec.convert(document, Metadata)
        except msgspec.ValidationError as error:
            raise _failed("metadata", error) from None
        if metadata.issuer != self._issuer:
            raise _failed("issuer_of_the_metadata")
        self._metadata = time.monotonic(), metadata
        return metadata

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.get(address)
                answer.raise_for_status()
            if len(answer.content) > _MOST_BYTES:
                raise _failed("answer_too_large")
            return msgspec.json.decode(answer.content, type=dict[str, Any])
        except (httpx2.HTTPError, httpx2.InvalidURL, msgspec.DecodeError) as error:
            raise _failed("unreachable", error) from None

    def _client(self, metadata: Metadata, return_address: str) -> Any:  # noqa: ANN401 - authlib is not typed
        methods = metadata.token_endpoint_auth_methods_supported
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method=method if self._client_secret else "none",
            scope=SCOPE,
            redirect_uri=return_address,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
        )

    def _said(self, claims: Mapping[str, Any]) -> Said:
        email, groups, name = claims.get("email"), claims.get(self._groups_claim, []), claims.get("name")
        verified = claims.get("email_verified") in (True, "true") and isinstance(email, str)
        groups = [groups] if isinstance(groups, str) else groups
        return Said(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            email=str(email).strip().lower() if verified else None,
            name=name if isinstance(name, str) else None,
            groups=tuple(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else (),
        )


def _failed(step: str, error: Exception | None = None) -> ProviderFailed:
    """What went wrong is for the log: whoever signs in can do nothing about it."""
    log.warning("oidc.failed", step=step, error=type(error).__name__ if error else None)
    return ProviderFailed("Try again. If it goes on, whoever runs the server finds the reason in its log.")
