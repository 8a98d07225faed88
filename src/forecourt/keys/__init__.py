"""API keys as the people of a dealership keep them: issued, replaced, revoked; and those that are their own."""
