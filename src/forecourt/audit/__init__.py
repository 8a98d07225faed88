"""The audit: who has done what, when, from what to what."""
