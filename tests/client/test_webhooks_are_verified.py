"""A webhook is believed where it is signed with the secret, lately, and as it stands."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from forecourt.client.webhooks import (
    Event,
    HeadersMissing,
    NotAnObject,
    OutsideTolerance,
    SignatureMismatch,
    WebhookRefused,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = '{"type": "lead.updated", "name": "Zoë"}'.encode()


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


SECRET, NEXT, STRANGERS = (new_secret() for _ in range(3))


def signed(*keys: str, body: bytes = BODY, age: timedelta = timedelta()) -> dict[str, str]:
    """The headers of a webhook that was signed *age* ago with each of *keys*."""
    at = datetime.now(UTC) - age
    signatures = [Webhook(key).sign("msg_1", at, body.decode()) for key in keys]
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": " ".join(signatures),
    }


@pytest.mark.parametrize("body", [BODY, BODY.decode()], ids=["bytes", "text"])
def test_what_the_server_signed_is_believed(body: bytes | str) -> None:
    headers = signed(SECRET)

    event = verify(SECRET, headers, body)

    assert event.body == {"type": "lead.updated", "name": "Zoë"}
    assert (event.id, event.sent_at) == (
        "msg_1",
        datetime.fromtimestamp(int(headers["Webhook-Timestamp"]), UTC),
    )
    # The library that any other receiver uses says the same.
    assert Webhook(SECRET).verify(BODY, headers) == event.body


def test_while_a_secret_is_replaced_either_is_enough() -> None:
    for given_secrets in (SECRET, [SECRET, NEXT], [NEXT, SECRET], [NEXT]):
        assert verify(given_secrets, signed(SECRET, NEXT), BODY).id == "msg_1"
    assert verify([NEXT, SECRET], signed(SECRET), BODY).id == "msg_1"
    with pytest.raises(SignatureMismatch):
        verify([SECRET, NEXT], signed(STRANGERS), BODY)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_no_byte_of_the_body_can_be_changed(place: int, by: int) -> None:
    tampered = bytearray(BODY)
    tampered[place] ^= by

    with pytest.raises(SignatureMismatch):
        verify(SECRET, signed(SECRET), bytes(tampered))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Webhook-Id", lambda: "msg_2"),
        ("Webhook-Timestamp", lambda: str(int(datetime.now(UTC).timestamp()) - 9)),
    ],
    ids=["id", "time"],
)
def test_neither_id_nor_time_can_be_changed(name: str, value: Callable[[], str]) -> None:
    with pytest.raises(SignatureMismatch):
        verify(SECRET, signed(SECRET) | {name: value()}, BODY)


def test_what_is_too_old_or_of_the_future_is_refused() -> None:
    for age in (timedelta(minutes=6), timedelta(minutes=-6)):
        with pytest.raises(OutsideTolerance):
            verify(SECRET, signed(SECRET, age=age), BODY)
        assert verify(SECRET, signed(SECRET, age=age), BODY, tolerance=timedelta(hours=1)).id == "msg_1"


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]),
        st.text(max_size=30)
        | st.sampled_from(["v1", "v1,", "v1a,AAAA", "v1,é", "99999999999", "٣", "msg_1"]),
    )
)
def test_headers_of_any_kind_are_refused_by_name(headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused) as refused:
        verify(SECRET, headers, BODY)

    assert isinstance(refused.value, WebhookVerificationError)


def test_each_missing_header_is_missed() -> None:
    for name in signed(SECRET):
        headers = {each: value for each, value in signed(SECRET).items() if each != name}
        with pytest.raises(HeadersMissing):
            verify(SECRET, headers, BODY)


def test_a_body_that_is_no_object_is_refused() -> None:
    for body in (b"[]", b"nonsense", b""):
        with pytest.raises(NotAnObject):
            verify(SECRET, signed(SECRET, body=body), body)
    with pytest.raises(SignatureMismatch):
        verify(SECRET, signed(SECRET), b"\xff")


@given(st.dictionaries(st.text(), st.integers(0, 2**53)), st.text(min_size=1).filter(str.isprintable))
def test_whatever_is_signed_comes_out(told: dict[str, int], message_id: str) -> None:
    body = msgspec.json.encode(told).decode()
    at = datetime.now(UTC)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": "v1a,other " + Webhook(SECRET).sign(message_id, at, body),
    }

    assert verify(SECRET, headers, body) == Event(message_id, at.replace(microsecond=0), told)


def test_a_secret_that_is_none_is_a_mistake_of_ones_own() -> None:
    with pytest.raises(ValueError, match="secret"):
        verify([], signed(SECRET), BODY)
    with pytest.raises(ValueError, match="secret"):
        verify("whsec_", signed(SECRET), BODY)
