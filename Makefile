# `make demo` and `make test` need git, make and Python 3.11 or newer; they bring the rest.

PYTHON ?= python3
SERVE ?= 1
VENV := .venv
STAMP := $(VENV)/.ready
UNIT := $(addprefix tooling/tests/,rules test_rules.py test_formats.py test_lint_command.py)
LOCK := $(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

# Material's banner about MkDocs 2 says nothing that a reader of the build can act on.
export NO_MKDOCS_2_WARNING := 1
export DISABLE_MKDOCS_2_WARNING := true

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit audit fmt lint types layers wheel docs bench-actions bench-export bench-intake bench-lsp bench-language bench-lint bench-one browser screenshots schemas lock clean fuzz public properdocs bench-wiki shots kills

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## Set up .venv with `incident` and `mkdocs`
	@test -z "$$GITHUB_PATH" || echo "$(CURDIR)/$(VENV)/bin" >>"$$GITHUB_PATH"

$(STAMP): requirements/uv.txt requirements/dev.txt pyproject.toml tooling/dev/mermaid.sh
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV)"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/uv.txt
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes --compile-bytecode \
		-r requirements/dev.txt
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/uv pip install --quiet --no-deps --no-build-isolation -e .
	@sh tooling/dev/mermaid.sh
	@touch $@

demo: setup ## Declare an incident, lint it, lint the archive, build the wiki and serve it (SERVE=0: no server)
	@SERVE=$(SERVE) sh tooling/dev/demo.sh

test: setup ## Everything that must hold
	@sh tooling/dev/check.sh

unit: setup ## The tests of the rules and the linter: under 10 seconds
	@$(VENV)/bin/pytest -q -x -n 2 -m "not slow" $(UNIT)

fmt: setup ## Format and mend what ruff can mend
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

lint: setup ## ruff
	@$(VENV)/bin/ruff format --check . && $(VENV)/bin/ruff check .

types: setup ## mypy --strict on package and tests
	@$(VENV)/bin/mypy

layers: setup ## Who may import whom
	@$(VENV)/bin/lint-imports --no-logo

wheel: setup ## Build wheel and sdist, twice alike, install them elsewhere, use them (DIST=dist: keep them)
	@sh tooling/dev/wheel.sh $(DIST)

audit: setup ## Known vulnerabilities of what the locks name (needs the network)
	@sh tooling/dev/audit.sh

docs: setup ## Build the wiki into site/
	@$(VENV)/bin/mkdocs build --strict

bench-language: setup ## Score the blameless rules on labelled lines
	@$(VENV)/bin/python tooling/bench/language/score.py

bench-lint: setup ## Time the linter beside rumdl and markdownlint-cli2
	@$(VENV)/bin/python tooling/bench/lint.py
public: setup ## Build the public edition into site-public/
	@$(VENV)/bin/mkdocs build --strict -f mkdocs.public.yml

properdocs: setup ## Build the wiki under ProperDocs, and compare
	@sh tooling/dev/properdocs.sh

bench-one: setup ## Time `incident lint` of one file
	@$(VENV)/bin/python tooling/bench/one_file.py

bench-export: setup ## Time the export of 10,000 incidents
	@$(VENV)/bin/python tooling/bench/export.py
bench-actions: setup ## Time the plan of `incident actions sync` for 50,000 action items
	@$(VENV)/bin/python tooling/bench/actions.py

bench-intake: setup ## Time and memory of a draft from a large dbt project
	@$(VENV)/bin/python tooling/bench/intake.py
bench-lsp: setup ## Time `incident lsp`
	@$(VENV)/bin/python tooling/bench/lsp.py
bench-wiki: setup ## Time the wiki beside stock Material: an hour (SIZES="100 1000": minutes)
	@$(VENV)/bin/python tooling/bench/wiki.py $(SIZES)

fuzz: setup ## Fuzz every parser (SECONDS=20 each, RUNS=, JOBS=1, BLIND=, TARGETS="csv slack")
	@$(VENV)/bin/python -c 'import atheris' 2>/dev/null || \
		VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/uv pip install --quiet atheris 2>/dev/null || \
		echo "atheris has no wheel for this Python: the run is blind" >&2
	@$(VENV)/bin/python tooling/fuzz/run.py $(TARGETS) --seconds $(or $(SECONDS),20) \
		--runs $(or $(RUNS),0) --jobs $(or $(JOBS),1) $(if $(BLIND),--blind)

browser: setup ## The tests in Chromium
	@sh tooling/dev/chromium.sh && $(VENV)/bin/pytest -m browser

kills: setup ## Kill, pause and race every command that writes: minutes (TIMES=60 random kills of each)
	@$(VENV)/bin/python tooling/tests/kills.py all $(or $(TIMES),60)

schemas: setup ## Write schemas/config.schema.json anew
	@$(VENV)/bin/python tooling/dev/config_schema.py

.PHONY: rule
rule: setup ## Write the skeleton of a rule with the next free code: NAME=title-shouts IN=1
	@$(VENV)/bin/python tooling/dev/new_rule.py "$(NAME)" "$(IN)"

.PHONY: snapshots
snapshots: setup ## Write the snapshots of what the formats print
	@$(VENV)/bin/pytest -q tooling/tests/test_formats.py --snapshot-update

.PHONY: pages
pages: setup ## Write the pages of docs/ that are made from the code
	@$(VENV)/bin/python tooling/dev/reference.py && $(VENV)/bin/python tooling/dev/architecture.py

lock: setup ## Compile the locks anew
	$(LOCK) pyproject.toml -o requirements/base.txt
	$(LOCK) pyproject.toml --extra site --extra lsp --extra parquet --group dev -o requirements/dev.txt
	echo uv | $(LOCK) - -o requirements/uv.txt
	printf 'dbt-core>=1.11,<1.12\ndbt-duckdb\n' | $(LOCK) - -o requirements/dbt.txt
	echo properdocs | $(LOCK) --no-deps - -o requirements/properdocs.txt
	printf 'pip-audit\ncyclonedx-bom\n' | $(LOCK) - -o requirements/audit.txt

clean: ## Remove what was built
	rm -rf $(VENV) site site-public dist .cache node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache

shots: setup ## Every kind of page as a picture, in build/shots: light, dark, and of a telephone
	@$(VENV)/bin/python tooling/dev/screenshots.py --every build/shots

screenshots: setup ## Make the README's pictures anew
	@$(VENV)/bin/python tooling/dev/screenshots.py build/shots
	@cp build/shots/lint.png .github/images/lint.png
	@cp build/shots/wiki-incident.png .github/images/wiki.png
