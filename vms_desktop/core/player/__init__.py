"""Clips played in both directions, several cameras on one clock; knows no thread and no window."""
