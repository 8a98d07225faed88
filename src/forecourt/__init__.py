"""Forecourt: an open server for car dealerships' sales leads."""

__version__ = "0.1.0"
