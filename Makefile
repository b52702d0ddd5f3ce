# Everything a checkout needs, from git, make and Python 3.11 or newer alone.
# PYTHON=/path/to/python picks the interpreter; ARGS="…" is handed to the command a target runs.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
ARGS ?=
CHECKED := ot client actors gateway persistence building property_tests tests benchmarks
# Node and npm are those of the virtual environment.
IN_EDITOR := cd editor && PATH="$(CURDIR)/$(BIN):$$PATH" PYTHON="$(CURDIR)/$(BIN)/python"
PIP_TOOLS := pip-tools==7.6.2
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" PIP_CONFIG_FILE=/dev/null \
	$(VENV)-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-options --no-emit-index-url --no-emit-find-links

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help serve editor client test editor-test e2e conformance attacks socket-fuzz check format fuzz mutants mermaid-oracle bench lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make serve    serve on http://127.0.0.1:8080 with an embedded database in ./data'
	@echo 'make editor   build the web editor into gateway/static, if it has changed'
	@echo 'make client   pack the client of docs/client.md, a .tgz for npm install'
	@echo 'make test     run every test            (ARGS="tests/ot -k undo" runs some)'
	@echo 'make editor-test   the editor'\''s own tests, without a browser  (ARGS go to vitest)'
	@echo 'make e2e      the scenes in a real browser                  (ARGS go to vitest)'
	@echo 'make conformance   the MCP conformance suite against our server (ARGS go to pytest)'
	@echo 'make attacks  every attack on a running server              (ARGS go to pytest)'
	@echo 'make socket-fuzz   200,000 messages to the socket, right and wrong'
	@echo 'make check    lint, formatting, types, import contracts'
	@echo 'make format   rewrite the code in the one format'
	@echo 'make fuzz     look for a counterexample for MINUTES=5'
	@echo 'make mutants  plant bugs, one after another, and see each one found'
	@echo 'make mermaid-oracle   hold our reading of Mermaid against mermaid.js, at length'
	@echo 'make bench    run the benchmarks'
	@echo 'make lock     resolve the dependencies anew into requirements*.txt'
	@echo 'make clean    remove what the targets above made, except ./data'

serve: editor
	@$(BIN)/diagramai serve $(ARGS)

# Does nothing where the sources are those of the last build.
editor: $(VENV)/installed
	@$(BIN)/python -m building

# The name that npm gives the package is printed last.
client: $(VENV)/installed
	@$(BIN)/python -m building install
	@$(IN_EDITOR) npm run --silent pack:client -- --silent --pack-destination ..

# Everything by several processes, a file of tests to each; with ARGS by one, as they say.
ALL := --numprocesses 3 --dist loadfile --no-loadscope-reorder
test: $(VENV)/installed-dev
	@$(BIN)/python -m building
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),$(ALL))

editor-test: $(VENV)/installed-dev
	@$(BIN)/python -m building
	@$(IN_EDITOR) npx vitest run --project unit --project server $(ARGS)

e2e: $(VENV)/installed-dev
	@$(BIN)/python -m building
	@chromium=$$(.ci/chromium) && $(IN_EDITOR) CHROMIUM=$$chromium npx vitest run --project e2e $(ARGS)

# Requirements of both revisions of the protocol; part of `make test`, too.
conformance: $(VENV)/installed-dev
	@$(BIN)/python -m pytest tests/conformance $(ARGS)

# What they are and what stops them: docs/security.md; part of `make test`, too.
attacks: $(VENV)/installed-dev
	@$(BIN)/python -m building
	@$(BIN)/python -m pytest tests/attacks $(ARGS)

socket-fuzz: $(VENV)/installed-dev
	@$(BIN)/python -m tests.support.socket_fuzzer $(ARGS)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(CHECKED)
	$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m building install
	$(IN_EDITOR) npm run --silent check

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@$(BIN)/python -m building install
	@$(IN_EDITOR) npm run --silent format

# Throws concurrent edits at the operation type and the actor; MINUTES says for how long.
MINUTES ?= 5
fuzz: $(VENV)/installed-dev
	@$(BIN)/diagramai fuzz --minutes $(MINUTES) $(ARGS)

mutants: $(VENV)/installed-dev
	@$(BIN)/python -m property_tests.mutants $(ARGS)

mermaid-oracle: $(VENV)/installed-dev
	@$(BIN)/python -m tests.support.mermaid_oracle $(ARGS)

bench: $(VENV)/installed-dev
	@$(BIN)/python -m benchmarks $(ARGS)

# The stamps are newer than what they were installed from, or the installation runs again.
$(VENV)/installed: requirements.txt requirements-build.txt pyproject.toml .ci/venv
	@PYTHON='$(PYTHON)' .ci/venv $(VENV) requirements.txt requirements-build.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt pyproject.toml .ci/venv
	@PYTHON='$(PYTHON)' .ci/venv $(VENV) requirements-dev.txt
	@touch $@

# Run with Python 3.11, the oldest version served; a lock made there installs on later ones.
lock:
	@PYTHON='$(PYTHON)' .ci/venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet $(PIP_TOOLS)
	$(PIP_COMPILE) --upgrade --build-deps-for editable \
		--output-file requirements.txt pyproject.toml
	$(PIP_COMPILE) --only-build-deps --build-deps-for wheel --constraint requirements.txt \
		--output-file requirements-build.txt pyproject.toml
	$(PIP_COMPILE) --extra dev --build-deps-for editable \
		--constraint requirements.txt --constraint requirements-build.txt \
		--output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) $(VENV)-lock build dist *.egg-info *.tgz gateway/static
	rm -rf tests/conformance/node_modules
	rm -rf editor/node_modules editor/client/dist editor/tests/e2e/output
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find $(CHECKED) -name __pycache__ -type d -prune -exec rm -rf {} +
