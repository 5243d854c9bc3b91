"""The version, in the one place that packaging and the index of connectors read."""

__version__ = "0.1.0"
