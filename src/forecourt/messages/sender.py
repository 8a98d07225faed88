"""As whom the server writes, and where its links lead."""

from __future__ import annotations

import msgspec


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """What all that goes out has in common.

    Attributes:
        mail_from: the address that mail comes from.
        sms_sender: the name or number that text messages come from.
        public_url: where people reach the server, without a slash at the end.
    """

    mail_from: str = "forecourt@localhost"
    sms_sender: str = "Forecourt"
    public_url: str = "http://localhost:8000"

    @property
    def domain(self) -> str:
        """In which the ids of our mail are unique."""
        return self.mail_from.rpartition("@")[2]

    def inbox_link(self, dealership_slug: str, lead_cluster_id: int) -> str:
        """Where staff see a lead cluster."""
        return f"{self.public_url}/lead_clusters/{dealership_slug}/{lead_cluster_id}"

    def unsubscribe_link(self, token: str) -> str:
        """Where a customer says no to offers."""
        return f"{self.public_url}/unsubscribe/{token}"
