"""One person's data: found, handed out, erased."""
