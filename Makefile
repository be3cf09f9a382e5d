# SPDX-License-Identifier: GPL-3.0-or-later
# The doors to the build: meson does the work, this installs what it needs and names what people do.
BUILD ?= build
IMAGE ?=
TIME ?= 60
PREFIX ?= /usr/local

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

BUILD_PACKAGES := gcc meson ninja-build pkg-config python3 python3-yaml libarchive-dev libbrotli-dev libbz2-dev libcmark-dev libgumbo-dev libpoppler-glib-dev libcrypt-dev libcurl4-openssl-dev \
	libdeflate-dev libexpat1-dev libjansson-dev liblz4-dev liblzma-dev liblzo2-dev libseccomp-dev libsqlite3-dev libssl-dev \
	libvectorscan-dev libyaml-dev libyara-dev libzstd-dev picosat zlib1g-dev linux-libc-dev
RUN_PACKAGES := openssl squashfs-tools u-boot-tools dpkg ca-certificates
TEST_PACKAGES := libcmocka-dev squashfs-tools u-boot-tools device-tree-compiler cpio xz-utils lzop lz4 zstd brotli bzip2 zip \
	p7zip-full 7zip hfsutils lhasa genisoimage openssl binutils sqlite3 python3-jsonschema man-db \
	mtd-utils genromfs e2fsprogs dosfstools mtools exfatprogs ntfs-3g erofs-utils f2fs-tools fdisk gdisk cramfsswap \
	android-sdk-libsparse-utils mkbootimg rauc srecord dfu-util udftools xorriso \
	gpg gpg-agent signify-openbsd minisign ovmf qemu-efi-aarch64 sbsigntool efitools seabios \
	xfsprogs rpm db5.3-util libdpkg-perl arj lzip ncompress makefs cryptsetup-bin qemu-utils partclone btrfs-progs libarchive-tools \
	apfsprogs nsis wixl innoextract makeself sharutils arc nomarch rzip lrzip unalz par2 wimtools \
	chromium poppler-utils groff libxml2-utils $(shell command -v npm > /dev/null 2>&1 || echo nodejs npm)
BENCH_PACKAGES := sqlite3 squashfs-tools binwalk checksec binutils e2fsprogs dosfstools mtools ntfs-3g p7zip-full genisoimage \
	gdisk erofs-utils mtd-utils time xfsprogs
FUZZ_PACKAGES := clang-14 libclang-rt-14-dev
LINT_PACKAGES := clang-format-14 clang-tidy-14 cppcheck mandoc shellcheck

# Installs what is missing; asks nobody when nothing is.
define install
	@missing=; for p in $(1); do dpkg -s $$p 2>/dev/null | grep -q '^Status: install ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
		echo "installing:$$missing"; \
		$(SUDO) apt-get update -q > /dev/null; \
		DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends $$missing > $(BUILD).apt.log 2>&1 \
			|| { tail -n 20 $(BUILD).apt.log; exit 1; }; \
		rm -f $(BUILD).apt.log; \
	fi
endef

.PHONY: all build run test bench fuzz sanitize lint format install clean distclean

all: build

build:
	$(call install,$(BUILD_PACKAGES))
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) > $(BUILD).log || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log
	@ninja -C $(BUILD) --quiet assay

# Assesses IMAGE, or the example: a careless camera made from Debian's packages.
run: build
ifeq ($(IMAGE),)
	$(call install,$(RUN_PACKAGES))
	@sh examples/make-camera.sh $(BUILD)/example
	@$(MAKE) --no-print-directory assess IMAGE=$(BUILD)/example/camera.bin
else
	@$(MAKE) --no-print-directory assess IMAGE="$(IMAGE)"
endif

# Exit code 1 means that a requirement failed, which is a result and not an error of make.
assess:
	@name=$$(basename "$(IMAGE)"); \
	$(BUILD)/assay "$(IMAGE)" --html "$$name.html"; code=$$?; [ $$code -le 1 ] || exit $$code

test:
	$(call install,$(BUILD_PACKAGES) $(TEST_PACKAGES))
	@[ -d viewer/node_modules/axe-core ] || npm ci --prefix viewer --silent --no-progress \
		|| echo "the modules of viewer/package.json could not be fetched: browser tests are skipped"
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD)
	@ninja -C $(BUILD)
	@sh tests/run.sh $(BUILD)

bench: build
	$(call install,$(BENCH_PACKAGES))
	@ninja -C $(BUILD) --quiet
	@sh bench/run.sh $(BUILD) $(IMAGE)

# All tests, watched by AddressSanitizer and UndefinedBehaviorSanitizer: without those that need a browser.
sanitize:
	$(call install,$(BUILD_PACKAGES) $(TEST_PACKAGES) $(FUZZ_PACKAGES))
	@sh tests/sanitized.sh

fuzz:
	$(call install,$(BUILD_PACKAGES) $(FUZZ_PACKAGES))
	@sh fuzz/run.sh $(TIME)

lint:
	$(call install,$(BUILD_PACKAGES) $(LINT_PACKAGES))
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD)
	@sh tests/lint.sh $(BUILD)

format:
	clang-format-14 -i $$(git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'tools/*.c' 'fuzz/*.c' 'bench/*.c')

install: build
	DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild --quiet

clean:
	rm -rf $(BUILD)

distclean: clean
	rm -rf build-* viewer/node_modules
