"""Use cases, async, free of Qt and SQL. What they need from outside stands in `ports`."""
