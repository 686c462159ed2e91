# The commands of this project. `make` alone lists them.

RUNTIME ?= native
# What `make up` runs; another program that takes the same command line may stand in.
BINARY ?= dist/envoyage
export RUNTIME BINARY

quickstart := examples/quickstart
packages := node_modules/.package-lock.json
sources := $(shell find src protos -type f ! -name '*.test.ts' ! -path 'protos/descriptors/*') package.json tsconfig.json

.DEFAULT_GOAL := help

.PHONY: help
help: ## List what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do printf '%-20s %s\n' "$$target" "$$text"; done
	@echo
	@echo 'up: RUNTIME=native (default) or docker; ports: HTTP_PORT XDS_PORT ENVOY_PORT ADMIN_PORT UPSTREAM_A_PORT UPSTREAM_B_PORT;'
	@echo '    RUN_DIR (.run) keeps data, logs and process ids, and must be given again to the other targets where it is not the default.'

.PHONY: up
up: $(if $(filter native,$(RUNTIME)),$(BINARY)) ## Start two upstreams, the daemon and an Envoy, and wait until they work together
	@$(quickstart)/up

.PHONY: test-add
test-add: ## Add web.example.com and see upstream A answer through Envoy
	@$(quickstart)/test-add

.PHONY: test-switch
test-switch: ## Switch it to upstream B under load: same Envoy, no request lost
	@$(quickstart)/test-switch

.PHONY: test-remove
test-remove: ## Remove it and see Envoy answer 404
	@$(quickstart)/test-remove

.PHONY: logs
logs: ## Show the logs of what is up; FOLLOW=1 goes on, as it does on a terminal
	@$(quickstart)/logs

.PHONY: down
down: ## Stop what make up started; services are kept
	@$(quickstart)/down

.PHONY: clean
clean: clean-stack ## Stop it, and remove its data, its logs and what was built
	rm -rf dist

.PHONY: clean-stack
clean-stack:
	@$(quickstart)/clean

.PHONY: binary
binary: dist/envoyage ## Build dist/envoyage, which runs without Node

.PHONY: test
test: $(packages) ## Run every test, the end-to-end ones with real Envoys included
	npm run test

.PHONY: check
check: $(packages) ## Check types, style and formatting
	npm run check

.PHONY: golden
golden: $(packages) ## Rewrite the expected outputs in tests/golden; look at the difference before you commit it
	UPDATE_GOLDEN=1 npm run test:unit -- tests/golden src/envoy/bootstrap.test.ts
	UPDATE_GOLDEN=1 npm run test:integration -- tests/integration/translator-golden.test.ts

.PHONY: model
model: $(packages) ## Play the xDS protocol at random against its model: SEEDS (200) games of STEPS (4000) steps
	MODEL_SEEDS=$(or $(SEEDS),200) MODEL_STEPS=$(or $(STEPS),4000) node_modules/.bin/vitest run --config tests/vitest.config.ts --project integration tests/integration/xds-model.test.ts

.PHONY: bench
bench: dist/envoyage ## Measure xDS delivery beside other control planes: hours; can be resumed (needs Go; RUNS CELLS PROTOS SERVERS NAMES choose)
	@bench/xds/run bench

.PHONY: bench-quick
bench-quick: dist/envoyage ## The same, small, in a few minutes
	@bench/xds/run quick

.PHONY: soak
soak: dist/envoyage ## Half an hour (DURATION) of changes, reconnects and slow readers: do memory and handles stay flat?
	@bench/xds/run soak

.PHONY: protos
protos: ## Remake protos/envoy.binpb from Envoy's API (needs Go)
	cd protos/descriptors && go run . ../envoy.binpb

dist/envoyage: $(packages) $(sources)
	@echo 'building $@'
	@npm run -s binary
	@touch -c $@

# Node 26 is linked against a library that a bare Debian or Ubuntu lacks. Who may install it is spared the question;
# anybody else is told what to ask for.
libatomic := if command -v dpkg apt-get >/dev/null && [ "$$(id -u)" = 0 ] && ! dpkg -s libatomic1 >/dev/null 2>&1; then \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libatomic1; fi

# npm writes this file last.
$(packages): package-lock.json
	@command -v npm >/dev/null || { echo 'npm is not on the PATH: install Node 20 or later and npm (on Debian and Ubuntu: apt-get install nodejs npm)' >&2; exit 1; }
	@$(libatomic)
	@echo 'installing npm packages'
	@npm ci
	@node_modules/.bin/node --version >/dev/null || { echo 'Node 26 does not run here: install the library that it names (apt-get install libatomic1, dnf install libatomic)' >&2; exit 1; }
	@touch $@
