"""Media from allowed servers only, handed to the player through a loopback server."""
