"""Widgets, models and presenters. Screens do not import each other."""
