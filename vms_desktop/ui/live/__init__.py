"""The Live page: the grid of cameras and today's events."""
