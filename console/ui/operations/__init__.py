"""What admins keep healthy: jobs, months, servers, and the audit."""
