"""The diary: appointments and test drives by day and by week, of people and of cars."""
