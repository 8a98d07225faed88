"""How long a worker waits for what."""

from __future__ import annotations

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. All workers of an installation keep the same; tests keep a faster one.

    Attributes:
        lease: for so long a delivery is the worker's that claimed it; then it is anybody's again.
        patience: for one attempt, whatever the channel: longer than any of them takes, shorter than the lease.
        request: of a webhook, from resolving the name to the last byte that is read.
        mail: for handing one mail over.
        mail_step: for each reply of the mail server.
        reaping: between two looks for deliveries whose worker is gone.
        poll: between two looks for something to do; what has just happened is told at once.
        grace: for what is under way when the worker is told to end.
    """

    lease: float = 60.0
    patience: float = 50.0
    request: float = 15.0
    mail: float = 40.0
    mail_step: float = 20.0
    reaping: float = 5.0
    poll: float = 1.0
    grace: float = 5.0

    def __post_init__(self) -> None:
        if not max(self.request, self.mail) < self.patience < self.lease:
            raise ValueError("an attempt must end within the patience, and that within the lease")


USUAL = Pace()
