"""The request log: what integrators asked, what they were answered, and no personal data."""
