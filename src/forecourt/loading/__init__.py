"""Loading reference data: dealerships, their people, their stock and the catalogue, from JSON or CSV."""

from forecourt.loading.files import UnknownTable, UnreadableFile, read_csv, read_json
from forecourt.loading.load import WrittenMeanwhile, load
from forecourt.loading.report import Counts, Report, RowError
from forecourt.loading.tables import TABLES

__all__ = [
    "TABLES",
    "Counts",
    "Report",
    "RowError",
    "UnknownTable",
    "UnreadableFile",
    "WrittenMeanwhile",
    "load",
    "read_csv",
    "read_json",
]
