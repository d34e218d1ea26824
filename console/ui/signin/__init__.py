"""Signing in, and what is shown before there is anything to sign in to."""
