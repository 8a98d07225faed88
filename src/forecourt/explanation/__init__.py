"""Why a lead is where it is, and who was told of it."""
