"""Installs the roles as systemd services, and is the `hexabrand` command.

It knows the standard library alone: it runs before anything is installed, with the system's Python.
"""
