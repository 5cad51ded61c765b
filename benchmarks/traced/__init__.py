"""A Django app that makes a Pi's process write down its turns in the writers' queue."""
