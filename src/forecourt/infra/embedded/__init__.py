"""PostgreSQL inside the application: started with it, ended with it, kept in its data folder.

``hold`` starts the server of a data folder or joins the one that runs. Behind it stands a keeper process per
data folder: PostgreSQL is its child, each holder keeps a connection to it, and when the last one is gone,
however it went, the keeper stops the server and ends.
"""

from forecourt.infra.embedded.hold import Hold, hold
from forecourt.infra.embedded.place import EmbeddedRefused

__all__ = ["EmbeddedRefused", "Hold", "hold"]
