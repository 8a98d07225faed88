"""The profile: what users settle for themselves."""
