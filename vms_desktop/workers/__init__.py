"""Threads and signals around `core`; no decisions. Imports nothing of Qt but QtCore."""
