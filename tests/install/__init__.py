"""Installations as people make them, on machines that are not ours.

What once failed there, and the tests that show that it does not any more (in this folder, unless
another one is named):

| failed | shown by |
|---|---|
| a command of README or docs, on a fresh clone | `test_documents.py` finds who types it |
| `make demo`, `pi`, `office`, in a path with a space | `test_demo.py`, `test_pi_and_office.py` |
| `backup` and `restore` on Python 3.11.2 | `test_pi_and_office.py`, `test_restore.py` |
| a port in use, a second start, `.env` | `system/test_start.py`, `hexabrand/test_settings.py` |
| a Python upgraded under `.venv`, an installation cut off | `../test_bootstrap.py` |
| older code on newer tables or backups | `test_pi_and_office.py`, `hexabrand/test_releases.py` |
| sign-in behind a TLS proxy | `test_proxy.py` |
| addresses that change, come late, or need DNS; a new certificate | `test_two_machines.py` |
| services: folders, root's commands, files of root, reboots | `test_service.py`, `test_deb.py` |
| secrets and levels in logs | `hexabrand/test_logs.py`, `hexabrand/test_priorities.py` |
| health, heartbeats and the banner while the database is away | `system/test_postgres.py` |
| receiver or worker gone, and nothing outside says so | `system/test_from_outside.py` |
| the office's clock two weeks off | `tests/system/test_clocks.py` |
"""
