"""The inbox: every customer as one row, whoever waits in front."""
