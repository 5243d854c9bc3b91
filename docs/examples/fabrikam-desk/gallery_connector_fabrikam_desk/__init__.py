"""Fabrikam Desk: users and groups over SCIM 2.0."""
