"""The scene workspace: a scene as one film, watched, marked and decided a segment at a time."""
