"""What the database refused: read, copied, tried again or dismissed, also after a restart."""
