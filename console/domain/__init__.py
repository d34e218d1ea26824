"""Values that cross every layer: frozen, comparable, free of Qt, SQL and asyncio."""
