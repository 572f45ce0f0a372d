# What a person or CI does with this repository. `make` alone lists it.

SHELL := /bin/sh

# The compiler that rust-toolchain.toml names, if it is there under another name only.
TOOLCHAIN := $(shell sh scripts/toolchain.sh)
ifneq ($(TOOLCHAIN),)
export RUSTUP_TOOLCHAIN := $(TOOLCHAIN)
endif

SETUP :=
TORU := $(or $(CARGO_TARGET_DIR),target)/release/toru

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: setup
setup: ## Install what the build needs beyond Rust: the WASM target, and a C compiler for native BLS
	@sh scripts/setup.sh $(SETUP)

.PHONY: build
build: setup ## Build toru with the kernel, from source, inside it, and check the kernel
	@echo "==> building toru and the kernel in it: some five minutes on two cores, the first time"
	cargo build --release --package toru
	@$(TORU) kernel write $(dir $(TORU))tx_kernel.wasm
	@$(TORU) kernel check $(dir $(TORU))tx_kernel.wasm

.PHONY: demo
demo: build ## Play a story through the kernel as real WASM
	$(TORU) run --accept-v1 --inputs toru/demo/story.json

.PHONY: test
test: SETUP := --tests
test: setup ## Run everything that CI runs, in the order of what fails soonest
	@cargo xtask test

.PHONY: fast
fast: setup ## Build toru with the fast engine, wasmtime, as well: some five minutes more on two cores, the first time
	cargo build --release --package toru --features fast
	@$(TORU) --version

.PHONY: test-fast
test-fast: SETUP := --tests
test-fast: setup ## Run all tests with every run of a kernel on both engines, which must come to the same
	@cargo xtask test-fast

.PHONY: bench
bench: SETUP := --bench
bench: setup ## Measure: bytes, instructions, host calls, times; counts are held against testing/bench/baseline.json
	cargo build --release --package toru
	@cargo xtask bench

.PHONY: bench-baseline
bench-baseline: SETUP := --bench
bench-baseline: setup ## Measure, and make the counts the ones that later runs are held against
	cargo build --release --package toru
	@cargo xtask bench --baseline

.PHONY: fuzz
fuzz: SECONDS := 60
fuzz: TARGETS := all
fuzz: ## Fuzz under libFuzzer, target after target: make fuzz SECONDS=3600 TARGETS="level v2"
	@cargo xtask fuzz $(SECONDS) $(TARGETS)

.PHONY: coverage
coverage: setup ## List the lines of the kernel that no test runs, and count them
	@cargo xtask coverage

.PHONY: clean
clean: ## Delete everything that was built
	cargo clean
