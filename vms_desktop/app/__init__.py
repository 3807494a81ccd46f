"""The program put together: the only room that knows every layer.

A small parent process starts the child, which builds fleet, library and window around one data
folder and takes them down again. Nothing is imported here and nothing is offered: the parent,
which must stay small, imports this package too.
"""
