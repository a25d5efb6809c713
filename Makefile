# make run        set up and start the app
# make test       set up, the browser and the servers for the tests included, and run the whole suite, two files at a time
# make test-fast  the suite without browsers, training and servers: under two minutes, for the loop while one works
# make lint       ruff, mypy and codespell        make format     rewrite what ruff can
# make bench      measure speed, on a quiet machine
# make train      train every net both ways       make screenshots  take the README's picture again
#
# ARGS="--model caps-net --share"                what `make run` gives to app.py, `make test` to pytest
# TORCH_INDEX=https://download.pytorch.org/whl/cpu  where torch comes from; by default its own index of CPU wheels
#     where no NVIDIA driver answers and that index can be reached, else the package index of this machine

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
TORCH_INDEX ?=
ARGS ?=

CPU_WHEELS := https://download.pytorch.org/whl/cpu
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH = $(shell sed -n 's/^\(torch[a-z]*==[^ ;]*\).*/\1/p' requirements.txt)

.PHONY: run test test-fast lint format train bench screenshots clean

run: $(VENV)/.app
	$(BIN)/python app.py $(ARGS)

test: $(VENV)/.browser
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

test-fast: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n auto --dist loadscope -m "not slow" --ignore=tests/browser --ignore=tests/bench $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find demo tests -name '*.pyi' -delete  # Gradio writes these beside its subclasses and never updates them
	$(BIN)/mypy
	$(BIN)/codespell

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: $(VENV)/.app
	$(BIN)/python -m checkpoints train --all

bench: $(VENV)/.browser
	$(BIN)/python -m checkpoints speed --json bench-nets.json
	$(BIN)/python -m tests.bench.page --json bench-page.json
	$(BIN)/python -m tests.bench.lessons --json bench-lessons.json

screenshots: $(VENV)/.browser
	$(BIN)/python -m tests.bench.screenshot

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache

# Each step leaves a stamp, so that the second time is quick.

$(VENV)/.python:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.app: $(VENV)/.python requirements.txt
	@index="$(TORCH_INDEX)"; \
	if [ -z "$$index" ] && [ "$$(uname -s)" = Linux ]; then \
		if command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1; then \
			echo "torch: an NVIDIA driver answers, so the default build with CUDA"; \
		elif $(BIN)/python -c "import urllib.request as u; u.urlopen('$(CPU_WHEELS)/torch/', timeout=3)" 2>/dev/null; then \
			index=$(CPU_WHEELS); echo "torch: no NVIDIA driver answers, so the CPU build of $$index"; \
		else \
			echo "torch: no NVIDIA driver answers, but $(CPU_WHEELS) cannot be reached, so the default build"; \
		fi; \
	fi; \
	if [ -n "$$index" ]; then $(PIP) install --quiet --index-url "$$index" $(TORCH); fi
	$(PIP) install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.app requirements-dev.txt
	$(PIP) install --quiet -r requirements-dev.txt
	@touch $@

$(VENV)/.browser: $(VENV)/.dev tests/set_up_machine.sh
	sh tests/set_up_machine.sh $(BIN)/python
	@touch $@
