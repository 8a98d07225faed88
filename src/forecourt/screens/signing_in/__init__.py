"""Signing in and out: by password, second factor, one-time link and identity provider."""
