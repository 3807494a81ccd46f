"""Rtsp."""
