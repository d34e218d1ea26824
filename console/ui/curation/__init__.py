"""Curation: topics and categories as one tree, what users suggest, and files of both."""
