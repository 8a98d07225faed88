"""Reports: who enquired, how soon they were answered and what came of it; and sources that have gone quiet."""
