# Every target sets itself up and may be repeated. "make" alone says what there is.
PYTHON ?= python3
JOBS ?= 3
BOOK_PORT ?=
LAB_PORT ?= 8888
SOAK ?= 600
SEEDS ?= 1000
VPY := .venv/bin/python
# What is compiled is kept, even where a machine says not to: hundreds of processes start here, all with the same modules.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv book site lab test lint notebooks bench sweep soak lock vendor clean

help:  ## What you can make
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1 \2/p' $(MAKEFILE_LIST) | awk '{t=$$1; $$1=""; printf "  %-10s%s\n", t, $$0}'

venv:
	@command -v $(PYTHON) >/dev/null || { echo 'The book needs Python 3.11 or newer; $(PYTHON) is not there.'; exit 1; }
	@$(PYTHON) tools/environment.py

book: venv  ## Build the book and open it on this machine (BOOK_PORT=8000, LIVE=0: no Python in its pages)
	@BOOK_PORT=$(BOOK_PORT) $(VPY) -m tools.site serve

site: venv  ## Build the book into _build/html, without serving it
	@$(VPY) -m tools.site build

lab: venv  ## Open the notebooks in JupyterLab (LAB_PORT=8888)
	@$(VPY) -m jupyter lab --allow-root --port $(LAB_PORT) --LabApp.default_url=/lab/tree/notebooks

# Three workers keep two cores busy: many a test waits for a browser, a server or another process.
test: venv  ## Lint, types, tests, notebooks, the built site in a browser
	@$(MAKE) --no-print-directory -j 2 lint site
	@$(VPY) -m pytest --nbval --nbval-current-env -n $(JOBS) --dist loadfile --no-loadscope-reorder

lint: venv  ## Style and types
	@$(VPY) -m ruff check .
	@$(VPY) -m mypy

notebooks: venv  ## Run every notebook and write its outputs in a normal form
	@$(VPY) -m tools.notebooks run

bench: venv  ## Run every benchmark beside its peers
	@$(VPY) -m benchmarks

sweep: venv  ## Every world that a chapter offers, under a thousand seeds; the tests run the first (SEEDS=1000)
	@for chapter in $$($(VPY) -m lessons.check sweep --list); do \
		$(VPY) -m lessons.check sweep $$chapter --seeds $(SEEDS) || exit; \
	done

soak: venv  ## Ten minutes of real faults against real processes, judged (SOAK=600)
	@$(VPY) -m lessons.chaos agreement/replicated_kv --seconds $(SOAK) --nodes 5 --clients 8

lock: venv  ## Renew requirements.txt from requirements.in and pyproject.toml
	@$(VPY) -m uv pip compile requirements.in -o requirements.txt --upgrade --quiet \
		--universal --python-version 3.11 --fork-strategy fewest --no-annotate --no-header --no-config

vendor: venv  ## Renew the files of others in book/_static/vendor
	@$(VPY) -m tools.vendor

clean:  ## Remove what was made, the environment too
	rm -rf .venv _build build .mypy_cache .pytest_cache .ruff_cache .hypothesis src/*.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
