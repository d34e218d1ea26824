"""One folder a platform: schema, queues, decisions, demo data."""
