"""The editor of a scene's bible."""
