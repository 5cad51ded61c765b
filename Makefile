# The whole vocabulary; `make help` prints it. Each target works on a fresh clone with python3, git
# and make alone; `lock` needs uv besides.

# PYTHON=… chooses another Python for .venv; without it what is there stays, and python3 makes it.
export PYTHON
# What root runs is the system's, where it is there: services cannot run another's Python.
SYSTEM_PYTHON := $(or $(wildcard /usr/bin/python3),python3)
RUN := .venv/bin/python
SOURCES := manage.py hexabrand herd lora remote tests benchmarks deploy

.PHONY: help demo dev pi office shell service service-remove deb deb-check t test check format bench \
	test-faults fuzz conform screenshots install install-dev version lock

help:  ## what can be typed after make
	@sed -n 's/^\([a-z-]*\):[^#=]*## \(.*\)/\1\t\2/p' Makefile | awk -F'\t' '{ printf "make %-16s%s\n", $$1, $$2 }'

demo: install  ## a Pi, an office and a simulated barn on this machine
	$(RUN) deploy/demo.py

dev: install  ## the demo, with templates read anew and programs started again as files change
	$(RUN) deploy/dev.py

pi: install  ## the barn's role, for real
	$(RUN) deploy/roles.py pi

office: install  ## the office's role, for real
	$(RUN) deploy/roles.py office

# The office has no database: what can be looked at there is its settings and its pure rules.
shell: export DJANGO_SETTINGS_MODULE := hexabrand.settings.$(if $(filter office,$(ROLE)),ui,pi)
shell: install  ## Python with this role's settings and models; ROLE=pi (which it is) or office
	$(RUN) manage.py shell

service:  ## as root: this machine's role as services; ROLE=pi, office or both
	$(SYSTEM_PYTHON) -I deploy/service/__main__.py install $(ROLE)

service-remove:  ## as root: the services go, the herd and the settings stay
	$(SYSTEM_PYTHON) -I deploy/service/__main__.py remove

deb: install  ## dist/hexabrand_<version>_<arch>.deb, for machines without internet; ARCH=arm64 for a Pi
	$(RUN) deploy/deb.py $(if $(ARCH),--arch $(ARCH))

deb-check: install  ## the wheels that a 64-bit Pi and a PC would get
	$(RUN) deploy/deb.py --check arm64 amd64

t: install-dev  ## some tests, each with its role's settings: ARGS="tests/herd -k notch"
	$(RUN) -m tests.roles $(ARGS)

test: install-dev  ## all tests; half an hour
	deploy/test_tools.sh
	deploy/test.sh

check: export HEXABRAND_STATE_DIR ?= var
check: install-dev  ## style, types, contracts, templates, migrations, system checks
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check $(SOURCES)
	.venv/bin/mypy $(SOURCES)
	.venv/bin/lint-imports
	.venv/bin/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html')
	.venv/bin/codespell $$(git ls-files)
	DJANGO_SETTINGS_MODULE=hexabrand.settings.pi $(RUN) manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=hexabrand.settings.pi $(RUN) manage.py check --deploy --fail-level WARNING
	DJANGO_SETTINGS_MODULE=hexabrand.settings.ui $(RUN) manage.py check --deploy --fail-level WARNING

format: install-dev  ## rewrites what check would complain about
	.venv/bin/ruff check --fix $(SOURCES)
	.venv/bin/ruff format $(SOURCES)
	.venv/bin/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

bench: install-dev  ## every figure of the live path beside the floor of this machine
	deploy/test_tools.sh
	$(RUN) -m benchmarks

test-faults: install-dev  ## every fault on the real processes, with a ledger; FAULT_TRIALS=n, STRESS_SECONDS=n
	$(RUN) -m tests.faults
	$(RUN) -m tests.faults.powercut
	$(RUN) -m tests.faults.figures
	$(RUN) -m tests.faults.stress

fuzz: install-dev  ## hostile input on every door of the real processes; FUZZ_SECONDS=n
	$(RUN) -m tests.fuzz

conform: install-dev  ## every answer held against the API's own description; CONFORM_SECONDS=n
	$(RUN) -m tests.fuzz.conformance

screenshots: install-dev  ## the pictures of the documents
	mkdir -p docs/screenshots
	HEXABRAND_SCREENSHOTS=docs/screenshots $(RUN) -m pytest tests/system/test_pictures.py

install:  ## .venv with what HexaBrand needs
	deploy/bootstrap.sh requirements.txt

install-dev:  ## .venv with what developing and testing need besides
	deploy/bootstrap.sh requirements-dev.txt

version:  ## the release, bare
	@sed -n 's/^RELEASE: Final = "\([0-9.]*\)".*/\1/p' remote/wire.py

lock:  ## after a change to a requirements*.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-postgres.in -o requirements-postgres.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt
