# Each target sets up what it needs (scripts/setup.sh) and is a fresh clone's first command. Settings come from the
# environment: `make run PORT=9000 VAR_DIR=/srv/recorder`. `exec`, so that signals arrive. GNU make 3.81 is enough.
PY := .venv/bin/python

.PHONY: demo run emulator test check bench bench-db faults runtime dev

demo: runtime
	@exec $(PY) manage.py demo

run: runtime
	@exec $(PY) manage.py serve

emulator: runtime
	@exec $(PY) -m acs_emulator $(EMULATOR)

test: dev
	@exec $(PY) -m pytest -n 3 --no-loadscope-reorder $(PYTEST)

check: dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict config calls media acs_emulator tests
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check

bench: dev
	@exec $(PY) -m tests.bench

bench-db: dev
	@exec $(PY) -m tests.bench.large

faults: dev
	@exec $(PY) -m tests.faults $(PYTEST)

runtime dev:
	@exec scripts/setup.sh $@
