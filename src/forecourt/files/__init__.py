"""Attachments: what is taken, where it lies, how it is given out again."""
