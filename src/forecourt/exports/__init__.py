"""Lists on their way out of the house, as files for people: leads and lead clusters, as CSV and XLSX."""
