# Osier. `make` prints what there is to make.

export CGO_ENABLED = 1
GO ?= go
BINARY ?= osier
TOOLS = $(CURDIR)/.tools
# Long walks over thousands of requests, badges or millions of bytes, work on pixels
# (core/art) and what weighs a process (the kit for plugins, their memory) run without the race
# detector, which makes them ten times slower and larger.
HEAVY = ^(TestVariants|TestWorkOfLongSchemas|TestUnpackedBytesAreCapped|TestHostileHTML|TestCommunity|TestHostileInputs|TestHostileVisibility|TestHostileRaces|TestHostileFilesOnTheCommandLine|TestNothingLeaks|TestEveryPageIsDrawnWithSampleDataAndNoMissingMessage|TestHostilePDFs|TestPluginNewAndTest|TestMemoryLimit|TestAskedBehaviours)$$

.DEFAULT_GOAL := help
.PHONY: help demo run build compiler test check unit unit-core-a unit-core-b unit-others unit-host unit-heavy fuzz-engine fuzz e2e kill9 chaos lint api api-check generated vuln bench bench-check generate fmt clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: build ## serve a seeded community at http://localhost:8080, in a throw-away folder
	./$(BINARY) demo

run: build ## serve an empty passport, kept in ./data
	./$(BINARY) serve

build: compiler ## build ./osier
	$(GO) build -trimpath -ldflags="-s -w" -o $(BINARY) .

compiler:
	@command -v $(GO) >/dev/null || { echo "Go is missing: install Go 1.26 or newer, https://go.dev/dl"; exit 1; }
	@command -v $${CC:-cc} >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || \
		{ echo "A C compiler is missing (SQLite is C). Debian, Ubuntu: apt-get install gcc libc6-dev. Fedora: dnf install gcc. Alpine: apk add gcc musl-dev. macOS: xcode-select --install"; exit 1; }

test: compiler ## everything: installs what is missing where it can, then all tests and checks
	test/prepare
	$(MAKE) check
	test/with-postgres $(MAKE) unit
	$(MAKE) -j 4 e2e kill9 chaos fuzz-engine
	$(MAKE) lint api-check generated vuln

check: compiler ## build and vet, without build tags
	$(GO) build ./...
	$(GO) vet ./...
	cd test && $(GO) vet ./...
	cd bench && $(GO) vet ./...

# A test that fails is run once more by itself, and the end of the output names it either way;
# what fails twice, a data race or a panic fails the run. What kills servers is never run again.
AGAIN = $(TOOLS)/gotestsum --format standard-quiet --rerun-fails=1 --rerun-fails-max-failures=3 \
	--rerun-fails-run-root-test --rerun-fails-abort-on-data-race

# The tests of core wait more than they work, so they run in two halves beside the others.
APART = -e /osier/core$$ -e /core/art -e /core/share/host -e /sdk/sharetest -e '/plugins$$'

unit: $(TOOLS)/gotestsum ## unit, store and web tests with the race detector; PostgreSQL where OSIER_TEST_PG names one
	$(MAKE) -j 3 unit-core-a unit-core-b unit-others
	$(MAKE) -j 2 unit-host unit-heavy
	$(AGAIN) --packages='./core/art/... ./plugins ./plugins/sdk/sharetest' -- -timeout 20m
	cd bench && $(GO) test -timeout 10m ./...

unit-core-a: $(TOOLS)/gotestsum
	$(AGAIN) --packages=./core -- -race -timeout 20m -skip '$(HEAVY)' -run '^(Test|Fuzz|Example)[A-E]'
unit-core-b: $(TOOLS)/gotestsum
	$(AGAIN) --packages=./core -- -race -timeout 20m -skip '$(HEAVY)' -run '^(Test|Fuzz|Example)[^A-E]'
unit-others: $(TOOLS)/gotestsum
	$(AGAIN) --packages="$$($(GO) list ./... | grep -v $(APART))" -- -race -timeout 20m -skip '$(HEAVY)'
unit-host: $(TOOLS)/gotestsum
	$(AGAIN) --packages=./core/share/host -- -race -timeout 20m
	$(AGAIN) --packages=./core/share/host -- -timeout 20m -run '$(HEAVY)'
unit-heavy: $(TOOLS)/gotestsum
	$(AGAIN) --packages='./core ./core/demo ./core/text ./core/openbadge/bake ./core/openbadge/verify' -- -timeout 20m -run '$(HEAVY)'

e2e: build $(TOOLS)/gotestsum ## the real binary in a real browser
	cd test && OSIER_BINARY=$(CURDIR)/$(BINARY) ./with-postgres $(AGAIN) --packages='./e2e/... ./remotes/...' -- -count=1 -timeout 30m

fuzz-engine: # beside what waits for browsers and for killed servers
	FUZZJOBS=3 nice -n 5 test/fuzz core/openbadge

fuzz: compiler ## every fuzz target for FUZZTIME (30s), two at a time; a crash fails
	test/fuzz

kill9: build ## kill the server while it writes, exports, takes in and erases: nothing may be lost or half done
	cd test && OSIER_BINARY=$(CURDIR)/$(BINARY) ./with-postgres $(GO) test -count=1 -timeout 15m -run '^TestKill9|^TestReplicas' ./kill9

chaos: build ## end and stop 100 plugin processes during 1,000 shares, and then the server: nothing is posted twice
	cd test && OSIER_BINARY=$(CURDIR)/$(BINARY) $(GO) test -count=1 -timeout 25m -v -run '^TestChaos$$' ./kill9

lint: $(TOOLS)/golangci-lint ## golangci-lint with .golangci.yml
	$(TOOLS)/golangci-lint run --allow-parallel-runners ./...

api-check: $(TOOLS)/apidiff ## what plugin authors build on is still there (baseline: test/api-baseline)
	test/api check $(TOOLS)/apidiff

api: $(TOOLS)/apidiff ## write what is new in plugins/sdk to the baseline
	test/api write $(TOOLS)/apidiff

generated: ## the committed code of the plugin wire is what its .proto gives
	test/generated

vuln: $(TOOLS)/govulncheck ## known vulnerabilities, from the offline database where it is there
	test/vuln $(TOOLS)/govulncheck

$(TOOLS)/gotestsum: tools/go.mod
	@mkdir -p $(TOOLS)
	cd tools && $(GO) build -o $(TOOLS)/ gotest.tools/gotestsum

$(TOOLS)/%: tools/go.mod
	@mkdir -p $(TOOLS)
	cd tools && $(GO) build -o $(TOOLS)/ tool

bench: compiler ## benchmarks in turns with what they are held against: medians of CPU time, ratios
	bench/peers/prepare
	bench/run
	cd bench && $(GO) run ./cmd/timing

bench-check: compiler ## the same in short turns: fails when a ratio is below its floor
	bench/peers/prepare
	bench/run -check

generate: ## the plugin wire from its .proto
	$(GO) generate ./plugins/sdk/wire

fmt: ## gofmt everything
	gofmt -w $$(git ls-files '*.go')

clean: ## remove what was built
	rm -rf $(BINARY) $(TOOLS)
