"""The seam of asyncio and Qt: loop, named tasks, operations, change bus, notices."""
