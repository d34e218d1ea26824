"""The console's own schema beside the platform's tables: attach, detach, staff."""
