"""The staff of a dealership as its owners see them: who is in, with which role, and who no longer is."""
