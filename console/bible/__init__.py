"""Pure work on a scene's canon: validation, diff, merge."""
