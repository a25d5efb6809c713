# make run    set up and start the app           make test   set up (browser included) and run the whole suite
# make lint   ruff and mypy                       make train  train every net by its recipe
# make bench  measure speed on a quiet machine    make pictures  draw the README's pictures again
#
# TORCH_INDEX=https://download.pytorch.org/whl/cpu   takes torch from there: a small install without CUDA
# ARGS="--model caps-net --share"                    what `make run` gives to app.py

PYTHON ?= python3.11
VENV ?= .venv
TORCH_INDEX ?=
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
NETS := $(shell sed -n 's/^torch/torch/p' requirements.txt)

.PHONY: run test lint format train bench pictures clean

run: $(VENV)/.app
	$(BIN)/python app.py $(ARGS)

test: $(VENV)/.browser
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find demo tests -name '*.pyi' -delete  # Gradio writes these beside its subclasses and never updates them
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: $(VENV)/.app
	for net in $$($(BIN)/python -c "import architectures; print(*architectures.names())"); do \
		$(BIN)/python -m checkpoints train $$net || exit 1; done

bench: $(VENV)/.browser
	$(BIN)/python -m checkpoints speed --json bench-nets.json
	$(BIN)/python -m tests.bench.page --json bench-page.json

pictures: $(VENV)/.browser
	$(BIN)/python -m tests.bench.screenshot

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache

# Each step leaves a stamp, so that the second time is quick.

$(VENV)/.python:
	$(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	@touch $@

$(VENV)/.app: $(VENV)/.python requirements.txt
	$(if $(TORCH_INDEX),$(PIP) install --quiet --index-url $(TORCH_INDEX) $(NETS))
	$(PIP) install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.app requirements-dev.txt
	$(PIP) install --quiet -r requirements-dev.txt
	@touch $@

$(VENV)/.browser: $(VENV)/.dev tests/set_up_machine.sh
	sh tests/set_up_machine.sh $(BIN)/python
	@touch $@
