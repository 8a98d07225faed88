"""The settings: what a dealership settles, a page for each thing, and the audit."""
