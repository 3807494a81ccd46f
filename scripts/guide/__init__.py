"""The pictures of the guide: the real window over stand-in cameras that show the demo films."""
