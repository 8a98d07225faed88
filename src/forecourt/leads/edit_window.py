"""A lead can be updated by API for three days after it was created."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from forecourt.leads.refusals import LeadTooOld

# 72 hours, not "3 days": between two Melbourne days there can be 71 or 73.
EDIT_WINDOW = timedelta(hours=72)


def check(created_at: datetime, now: datetime) -> None:
    """Refuse a lead that is older than the window; exactly 72 hours is still in time.

    Args:
        created_at: when the lead was created.
        now: the database's clock at the start of the statement that read the lead.

    Raises:
        LeadTooOld: it is older.
    """
    # Two times of one zone would be subtracted by the clock on the wall.
    if now.astimezone(UTC) - created_at.astimezone(UTC) > EDIT_WINDOW:
        raise LeadTooOld
