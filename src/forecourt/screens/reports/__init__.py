"""Reports as pages, and as files of the same tables."""
