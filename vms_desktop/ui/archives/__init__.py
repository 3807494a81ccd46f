"""The Archives page."""
