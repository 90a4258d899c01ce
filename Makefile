# The targets that a user needs are `make verify` and `make test`; `make help` lists all.
# Each sets up .venv for itself. A set-up that was interrupted leaves .venv/.unfinished behind, and the next begins anew.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What is compiled where there is a C compiler: a change of it is compiled by the next target.
COMPILED := $(wildcard scalargrad/_build.py scalargrad/engine/*.p* scalargrad/programs/*.p* scalargrad/programs/*.h)

# Tests that run commands, notebooks and pages in processes of their own: coverage sees nothing of them.
IN_PROCESSES := tests/project tests/pictures/browser
TOUCHED_BY_THE_COMPILER := tests/engine tests/programs tests/nn tests/properties tests/arrays
NEWEST = $(shell .ci/newest-python)
# On all cores, each file in one process: what its tests share, such as the built site, is made once.
IN_PARALLEL := -m pytest -n auto --dist loadfile

.PHONY: help verify test proofs newest peers check format bench notebooks notebooks-run site playground wheels slides handout browser clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

verify: $(VENV)/.verify ## prove the formulas on Fisher's iris measurements and a sweep of small shapes
	$(BIN)/scalargrad verify

test: $(VENV)/.test browser ## run all tests, and on the source as well as compiled what the compiler touches
ifeq ($(COVERAGE),1) # as CI does: all on the source, with branch coverage, and on the compiled engine what it touches
	SCALARGRAD_PURE=1 $(BIN)/python $(IN_PARALLEL) --cov $(addprefix --ignore=,$(IN_PROCESSES))
	$(BIN)/python $(IN_PARALLEL) $(TOUCHED_BY_THE_COMPILER) $(IN_PROCESSES)
else
	$(BIN)/python $(IN_PARALLEL)
	if $(BIN)/scalargrad --version | grep compiled; then SCALARGRAD_PURE=1 $(BIN)/python $(IN_PARALLEL) $(TOUCHED_BY_THE_COMPILER); fi
endif

proofs: $(VENV)/.verify ## find or install Coq, and have it check the theorem of the affine layer and all certificates
	.ci/install-coq
	$(BIN)/python -m scalargrad.derivation.certificate

newest: ## the tests of the engine and of the affine layer on the newest Python here above 3.11
	@if [ -z "$(NEWEST)" ]; then echo "There is no Python above 3.11 here."; else \
	$(NEWEST) -m venv $(VENV)-newest && \
	SCALARGRAD_PURE=1 $(VENV)-newest/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[newest]' && \
	SCALARGRAD_PURE=1 $(VENV)-newest/bin/python $(IN_PARALLEL) tests/engine tests/affine; fi

peers: $(VENV)/.test ## add PyTorch, for the tests that check its backward passes (skipped without it)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[peers]'

browser: # Chromium for the tests of the page: installed where that can be done unasked, else those tests are skipped
	@if command -v chromium chromium-browser google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	else echo "No Chromium here: the tests of the page in a browser will be skipped."; fi

check: $(VENV)/.dev ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench ## measure beside micrograd, XAD, CasADi, heyoka, BLAS, SymPy and (after make peers) PyTorch, as ratios
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.checker

notebooks: $(VENV)/.lab ## open the course in JupyterLab
	$(BIN)/jupyter lab notebooks

notebooks-run: $(VENV)/.site ## run the notebooks, and store what they print and show
	$(BIN)/python notebooks/run.py

site: $(VENV)/.site ## build the website in build/site: the course with its outputs, derivations, reference
	$(BIN)/python -m website.build

slides: $(VENV)/.site ## make slides of notebooks 1 and 2 in build/slides: one file, with stepper and explorer (takes npm)
	$(BIN)/python -m website.slides

handout: $(VENV)/.site browser ## print the handout of one page to build/handout.pdf (takes npm and Chromium)
	$(BIN)/python -m website.handout

playground: $(VENV)/.playground ## build the page on which the engine runs in a browser: build/site/playground.html (takes npm)
	$(BIN)/python -m scalargrad.playground

WHEEL := -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

wheels: $(VENV)/.playground ## build wheels in dist: one for every machine and, where there is a C compiler, one for this
	rm -rf dist build/lib* build/bdist*
	SCALARGRAD_PURE=1 $(BIN)/python $(WHEEL)
	if command -v cc >/dev/null; then rm -rf build/lib* build/bdist* && $(BIN)/python $(WHEEL); fi
	@ls dist

clean: ## remove what the targets made
	rm -rf scalargrad/*/*.so scalargrad/*.so.sha256 $(VENV) $(VENV)-newest build dist *.egg-info .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.verify: EXTRAS := symbolic,check,diagrams
$(VENV)/.test: EXTRAS := test
$(VENV)/.dev: EXTRAS := dev,test
$(VENV)/.lab: EXTRAS := lab
$(VENV)/.site: EXTRAS := site
$(VENV)/.playground: EXTRAS := diagrams
$(VENV)/.bench: EXTRAS := bench,symbolic,check
$(VENV)/.verify $(VENV)/.test $(VENV)/.dev $(VENV)/.bench $(VENV)/.lab $(VENV)/.site $(VENV)/.playground: pyproject.toml setup.py $(COMPILED)
	@if [ -e $(VENV)/.unfinished ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then rm -rf $(VENV); fi
	@mkdir -p $(VENV) && touch $(VENV)/.unfinished
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@rm $(VENV)/.unfinished && touch $@
