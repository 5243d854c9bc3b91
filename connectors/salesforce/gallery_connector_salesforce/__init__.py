"""Salesforce: users with profiles, permission sets and roles, and public groups."""
