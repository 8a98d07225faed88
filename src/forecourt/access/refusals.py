"""Why somebody is not let in."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class WrongPassword(Refusal):
    """The address is unknown, has no password or another one, or its user was disabled: nobody can tell which."""

    code = "wrong-password"
    title = "That e-mail address and password do not go together"


class WrongCode(Refusal):
    """A code that is not the second factor's of now, or was used before."""

    code = "wrong-code"
    title = "That code is wrong, or was used before"


class TooManyTries(Refusal):
    """So many tries failed that the next has to wait."""

    code = "too-many-tries"
    title = "Too many tries"

    def __init__(self, seconds: float | None) -> None:
        """After *seconds* another try is heard; None where only a link helps."""
        if seconds is None:
            super().__init__("Ask an owner, or whoever runs the server, for a link to set a new password.")
            return
        self.retry_after = max(1, round(seconds + 0.5))
        super().__init__(f"Try again in {_span(self.retry_after)}.")


class TooBusy(Refusal):
    """More passwords wait to be checked than the server takes on."""

    code = "too-busy"
    title = "Too many people sign in at this moment"
    retry_after = 2

    def __init__(self) -> None:
        super().__init__("Try again in a few seconds.")


class LinkEnded(Refusal):
    """A one-time link that was used, is too old, or never was one."""

    code = "link-ended"
    title = "This link does not work any more"

    def __init__(self) -> None:
        super().__init__("It was used, or its time is over. Ask for a new one.")


class SecondStepEnded(Refusal):
    """The second factor came too late, or without a password before it."""

    code = "second-step-ended"
    title = "Please sign in again"


class ProviderFailed(Refusal):
    """The identity provider could not be asked, or what it said cannot be believed."""

    code = "provider-failed"
    title = "Signing in with your identity provider did not work"


class NobodyHere(Refusal):
    """The identity provider knows somebody whom no user of this server is."""

    code = "nobody-here"
    title = "There is no user here for you"

    def __init__(self) -> None:
        super().__init__(
            "Ask an owner of your dealership to invite the e-mail address that you sign in with."
        )


def _span(seconds: int) -> str:
    if seconds < 60:  # noqa: PLR2004 - a minute
        return "a second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
