"""The doctor: whether an installation is well, looked at from outside of its processes."""
