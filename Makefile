# Windfire, by hand. `make` alone lists what there is.
#
# One environment, .venv, in two sizes: the demo's (requirements/run.txt) and everyone's who changes
# code (requirements/dev.txt, with 800 MB of CUDA compiler more). A stamp says which is installed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help venv venv-dev demo test chaos faults bench bench-render bench-gpu bench-gui bench-dispatch
.PHONY: bench-agent bench-scenes monkey picture lock clean

bin := .venv/bin
project := pyproject.toml requirements/uv.txt scripts/venv

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: .venv/.run-stamp ## build .venv: all that the program needs

venv-dev: .venv/.dev-stamp ## build .venv: all that the checks need too

.venv/.run-stamp: requirements/run.txt $(project)
	@scripts/venv run

.venv/.dev-stamp: requirements/dev.txt $(project)
	@scripts/venv dev

demo: venv ## render a small film on this machine, to out/demo (SCENE=path: your scene; HEADLESS=1: no window)
	@scripts/system_libs $(if $(HEADLESS),headless,window)
	@$(bin)/windfire demo --out out/demo $(if $(SCENE),--scene "$(SCENE)") $(if $(HEADLESS),--headless)

test: venv-dev ## run every check: format, lint, types, layers, tests
	@scripts/system_libs test
	@$(bin)/python scripts/check

chaos: venv-dev ## run a thousand simulated farms in which anything may break (SEEDS=5000 FIRST=1)
	@$(bin)/python -m tests.simulation --seeds $(or $(SEEDS),1000) --first $(or $(FIRST),1)

faults: venv-dev ## break whatever may break, for some fifteen minutes (FAULTS="3 17": those of docs/faults.md alone)
	@$(bin)/python -m tests.faults $(FAULTS)

bench: venv-dev ## measure every figure that the README quotes
	@$(bin)/python -m benchmarks

bench-scenes: ## fetch the scene of others that bench-render measures (from npm, to out/scenes)
	@mkdir -p out/scenes
	@cd out/scenes && npm pack --silent bunny@1.0.1

bench-render: venv-dev ## measure the path tracer: rays, samples, trees, a crowd of 10^9 triangles
	@$(bin)/python -m benchmarks render rays kernel render_mitsuba

bench-gpu: venv-dev ## measure the path tracer on this machine's NVIDIA GPU
	@$(bin)/python -m benchmarks gpu

bench-gui: venv-dev ## measure the window on the farm of a film; fails above its bars
	@$(bin)/python -m benchmarks gui

bench-dispatch: venv-dev ## measure the dispatcher alone: rates, waits, restart, CURVE and the store
	@$(bin)/python -m benchmarks dispatch dispatch_costs dispatch_waits dispatch_programs dispatch_peers

bench-agent: venv-dev ## measure what the agent costs a node, beside OpenCue's rqd and Afanasy's afrender
	@$(bin)/python -m benchmarks agent agent_load

monkey: venv-dev ## let a monkey play with the window for ten minutes (SEED=n: that play again)
	@QT_QPA_PLATFORM=offscreen $(bin)/python -m tests.gui.monkey $(if $(SEED),--seed $(SEED))

picture: venv-dev ## make the pictures of README and docs anew
	@$(bin)/python scripts/picture

lock: ## resolve requirements/ anew (UPGRADE=1: to the newest versions)
	@scripts/lock $(if $(UPGRADE),--upgrade)

clean: ## remove .venv, out and what the tools cache
	rm -rf .venv out dist build .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find app node_agent tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +
