"""A recorded call as a command to paste: whatever it holds, a shell reads back what was meant, and runs nothing else."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from forecourt.requests.curl import KEY, curl_of
from forecourt.requests.replay import Prepared

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
_NASTY = st.sampled_from(
    ["'; rm -rf ~ #", "$(reboot)", "`id`", '"\\\n', "--data @/etc/passwd", "@file", "!!"]
)


@given(body=_TEXTS | _NASTY, name=_TEXTS | _NASTY, value=_TEXTS | _NASTY)
def test_a_shell_reads_back_what_was_recorded(body: str, name: str, value: str) -> None:
    request = Prepared(
        method="POST",
        path="/api/v1/leads",
        query=(("q", value),),
        headers={"content-type": "application/json", "accept": value},
        content=body.encode(),
        parts=[(name, value)],
        made_up=[],
    )

    command = curl_of(request, "http://127.0.0.1:8000", "fc_test_x")
    words = shlex.split(command.replace(" \\\n  -", " -"))

    assert words[:3] == ["curl", "-X", "POST"]
    assert words[3].startswith("http://127.0.0.1:8000/api/v1/leads?q=")
    assert words[4:] == [
        "-H",
        "Authorization: Bearer fc_test_x",
        "-H",
        "Content-Type: application/json",
        "-H",
        f"Accept: {value}",
        "--data-raw",
        body,
        "--form-string",
        f"{name}={value}",
    ]


def test_without_a_key_the_shells_variable_stands_in_its_place() -> None:
    request = Prepared(method="GET", path="/", query=(), headers={}, content=None, parts=[], made_up=[])

    assert f'"Authorization: Bearer {KEY}"' in curl_of(request, "http://127.0.0.1", None)
