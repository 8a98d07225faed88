"""Why something about a key is not done."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class KeyOfOthers(Refusal):
    """The key speaks for a dealership, too, whose keys somebody else manages."""

    code = "key-of-others"
    title = "This key is not yours alone"

    def __init__(self) -> None:
        super().__init__(
            "It also speaks for a dealership whose keys you do not manage. Ask whoever runs the server."
        )


class KeyHasEnded(Refusal):
    """The key was revoked or has expired."""

    code = "key-has-ended"
    title = "This key has ended"

    def __init__(self) -> None:
        super().__init__("It works no more, and cannot be replaced. Make a new one.")


class KeyIsSomebodys(Refusal):
    """The key is somebody's own test key: its token is nobody else's to know."""

    code = "key-is-somebodys"
    title = "This is somebody's own test key"

    def __init__(self) -> None:
        super().__init__("They make themselves another one. You can revoke this one.")
