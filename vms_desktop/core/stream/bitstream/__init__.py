"""Bitstream."""
