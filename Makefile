# The whole vocabulary. Each target works on a fresh clone with python3, git and make alone; `lock`
# needs uv besides.

# PYTHON=… chooses another Python for .venv; without it what is there stays, and python3 makes it.
export PYTHON
# What root runs is the system's, where it is there: services cannot run another's Python.
SYSTEM_PYTHON := $(or $(wildcard /usr/bin/python3),python3)
RUN := .venv/bin/python
SOURCES := manage.py hexabrand herd lora remote tests benchmarks deploy

.PHONY: demo service service-remove deb deb-check test test-faults fuzz check format bench pi office \
	lock screenshots install install-dev version

demo: install  ## a Pi, an office and a simulated barn on this machine
	$(RUN) deploy/demo.py

pi: install  ## the barn's role, for real
	$(RUN) deploy/roles.py pi

office: install  ## the office's role, for real
	$(RUN) deploy/roles.py office

service:  ## as root: this machine's role as services; ROLE=pi, office or both
	$(SYSTEM_PYTHON) -I deploy/service/__main__.py install $(ROLE)

service-remove:  ## as root: the services go, the herd and the settings stay
	$(SYSTEM_PYTHON) -I deploy/service/__main__.py remove

deb: install  ## dist/hexabrand_<version>_<arch>.deb, for machines without internet; ARCH=arm64 for a Pi
	$(RUN) deploy/deb.py $(if $(ARCH),--arch $(ARCH))

deb-check: install  ## the wheels that a 64-bit Pi and a PC would get
	$(RUN) deploy/deb.py --check arm64 amd64

test: install-dev
	deploy/test_tools.sh
	deploy/test.sh

check: export HEXABRAND_STATE_DIR ?= var
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
	deploy/bootstrap.sh requirements.txt

install-dev:
	deploy/bootstrap.sh requirements-dev.txt

version:  ## the release, bare
	@sed -n 's/^RELEASE: Final = "\([0-9.]*\)".*/\1/p' remote/wire.py

lock:  ## after a change to a requirements*.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-postgres.in -o requirements-postgres.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt
