"""Backups of the Pi: making them, proving them, and the way back from one."""
