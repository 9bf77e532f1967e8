# Short names for what meson and the scripts do. BUILD is the build directory.
BUILD ?= build
prefix ?= /usr/local
# of each target
FUZZ_SECONDS ?= 60

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@scripts/setup --check build
	meson setup -Dprefix=$(prefix) $(BUILD)

demo:
	@scripts/demo

test:
	@scripts/setup
	@scripts/test

# DESTDIR is taken from the environment or the command line.
install: all
	@meson configure $(BUILD) -Dprefix=$(prefix)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD)

bench: all
	@bench/run $(BUILD)

fuzz:
	@scripts/setup build test
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/test fuzz

format:
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf $(BUILD) build-gcc build-asan build-tsan build-valgrind build-fuzz build-tidy out

.PHONY: all demo test install bench fuzz format clean
