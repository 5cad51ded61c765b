# The whole vocabulary. Each target works on a fresh clone with python3, git and make alone; `lock`
# needs uv besides.

PYTHON ?= python3
RUN := .venv/bin/python
SOURCES := manage.py hexabrand herd lora remote tests benchmarks deploy

.PHONY: demo test test-faults fuzz check format bench pi office lock screenshots install install-dev

demo: install  ## a Pi, an office and a simulated barn on this machine
	$(RUN) deploy/demo.py

pi: install  ## the barn's role, for real
	$(RUN) deploy/run_pi.py

office: install  ## the office's role, for real
	DJANGO_SETTINGS_MODULE=hexabrand.settings.ui $(RUN) manage.py setup
	DJANGO_SETTINGS_MODULE=hexabrand.settings.ui exec $(RUN) manage.py serve

test: install-dev
	deploy/test_tools.sh
	deploy/test.sh

check: install-dev
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check $(SOURCES)
	.venv/bin/mypy $(SOURCES)
	.venv/bin/lint-imports
	.venv/bin/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html')
	.venv/bin/codespell $$(git ls-files)
	DJANGO_SETTINGS_MODULE=hexabrand.settings.pi $(RUN) manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=hexabrand.settings.pi $(RUN) manage.py check --deploy --fail-level WARNING
	DJANGO_SETTINGS_MODULE=hexabrand.settings.ui $(RUN) manage.py check --deploy --fail-level WARNING

format: install-dev
	.venv/bin/ruff check --fix $(SOURCES)
	.venv/bin/ruff format $(SOURCES)
	.venv/bin/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

bench: install-dev  ## every figure of the live path beside the floor of this machine
	deploy/test_tools.sh
	$(RUN) -m benchmarks

test-faults: install-dev  ## every fault on the real processes, with a ledger; FAULT_TRIALS=n, FAULT_IMAGES=n
	$(RUN) -m tests.faults
	$(RUN) -m tests.faults.powercut
	$(RUN) -m tests.faults.figures

fuzz: install-dev  ## hostile input on every door of the real processes; FUZZ_SECONDS=n
	$(RUN) -m tests.fuzz

screenshots: install-dev  ## the pictures of the documents
	mkdir -p docs/screenshots
	HEXABRAND_SCREENSHOTS=docs/screenshots $(RUN) -m pytest --ds=hexabrand.settings.ui tests/system/test_browser.py -k pictures

install:
	PYTHON=$(PYTHON) deploy/bootstrap.sh requirements.txt

install-dev:
	PYTHON=$(PYTHON) deploy/bootstrap.sh requirements-dev.txt

lock:  ## after a change to a requirements*.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-postgres.in -o requirements-postgres.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt
