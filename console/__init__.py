"""Greenroom: a desktop moderation and curation console."""

__version__ = "0.1.0"
