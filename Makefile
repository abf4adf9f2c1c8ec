# Needs make and Python 3.11 or later, nothing else. `make studio` starts everything; docs/install.md tells more.
PYTHON ?= python3
BIN := .venv/bin
# Two processes, each with servers of its own; a file's tests stay together.
TWO := -n 2 --dist loadfile
.DEFAULT_GOAL := help
.PHONY: help setup studio test test-long test-vllm bench bench-vllm lint shots backup restore

help:
	@echo "make studio            set up if needed and start everything on http://127.0.0.1:8000 (PORT=8001 for another)"
	@echo "make setup             make .venv, install packages, fetch front-end files and the small model"
	@echo "make test              ruff, mypy, import contracts, tests        make test-long   the long fault and browser stories"
	@echo "make test-vllm         the vLLM engine and a vLLM server, in an environment of their own (3 GB)"
	@echo "make bench             every benchmark                            make shots       the screenshots of the docs"
	@echo "make backup            one dated file of database and data folder make restore FILE=...   put it back"

setup:
	@$(PYTHON) scripts/setup.py

studio:
	@$(PYTHON) scripts/setup.py --without-tests
	@exec $(BIN)/python -m rationale_studio.supervisor

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest $(TWO)

test-long: setup
	$(BIN)/python -m pytest $(TWO) -m "long and not gpu and not vllm"

test-vllm: setup
	@$(PYTHON) scripts/setup_vllm.py
	.venv-vllm/bin/python -m pytest -m vllm tests/vllm

bench-vllm: setup
	@$(PYTHON) scripts/setup_vllm.py
	.venv-vllm/bin/python benchmarks/engine_efficiency.py --engine vllm

bench: setup
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

shots: setup
	$(BIN)/python scripts/shots.py

backup:
	@$(BIN)/python -m rationale_studio.backup save $(if $(FILE),"$(FILE)")

restore:
	@test -n "$(FILE)" || { echo "Name the file: make restore FILE=studio-2026-01-31.tar"; exit 2; }
	@$(BIN)/python -m rationale_studio.backup restore "$(FILE)"
