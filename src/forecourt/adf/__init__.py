"""ADF 1.0, the car trade's XML for leads: read whatever calls itself so, written by the rules."""
