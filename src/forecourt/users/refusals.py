"""Why something about a user is not done."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class UserNotFound(Refusal):
    """There is no such user at this dealership."""

    code = "user-not-found"
    title = "User NOT found"


class LastOwner(Refusal):
    """Without this user nobody would own the dealership."""

    code = "last-owner"
    title = "A dealership needs an owner"

    def __init__(self, dealership: str) -> None:
        super().__init__(f"Nobody else owns {dealership}: make somebody else an owner first.")


class UserOfOthers(Refusal):
    """The user works at a dealership that somebody else owns, too: the account is not this owner's alone."""

    code = "user-of-others"
    title = "This user works elsewhere too"

    def __init__(self) -> None:
        super().__init__(
            "They have a role at a dealership that you do not own. Change their role here, or ask whoever runs the server."
        )


class OwnAccount(Refusal):
    """Nobody shuts themselves out."""

    code = "own-account"
    title = "That is your own account"

    def __init__(self) -> None:
        super().__init__("Ask another owner to do it.")


class UserExists(Refusal):
    """A user with this address can sign in already."""

    code = "user-exists"
    title = "There is a user with this address already"


class GroupNotYours(Refusal):
    """A role in a whole group is given by an owner of the group."""

    code = "group-not-yours"
    title = "Only an owner of the whole group can do that"
