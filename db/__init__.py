"""Everything that speaks SQL: engines, routing, the console's own schema and the platforms."""
