"""SCIM 2.0 (any endpoint): `connector.toml` says all there is to say; there is no code."""
