"""Tests of console/media."""
