"""A desktop program that watches, detects and records IP cameras."""

__version__ = "0.1.0"
