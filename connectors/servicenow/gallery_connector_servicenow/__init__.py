"""ServiceNow: users with manager, department, location and roles, and groups."""
