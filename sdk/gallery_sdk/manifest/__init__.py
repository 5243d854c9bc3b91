"""What a connector declares: its manifest, connector.toml."""
