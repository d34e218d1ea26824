"""Tests of console/bible."""
