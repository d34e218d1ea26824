"""Who is staff: logins made, changed and revoked, and the two who make an admin."""
