/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where programs were built: names of files with debug symbols, folders of sources of many build systems. */
#include "component_claims.h"

/* Of an unknown program. */
#define IN(path) "\0some text\0" path "\0other text\0"
/* More strings than an excerpt has. */
#define MANY_12 "\0text" "\0text" "\0text" "\0text" "\0text" "\0text" "\0text" "\0text" "\0text" "\0text" "\0text" "\0text"
#define MANY_48 MANY_12 MANY_12 MANY_12 MANY_12
#define MANY MANY_48 MANY_48 MANY_48 MANY_48 MANY_48 MANY_48 MANY_48 MANY_48 "\0"
#define NIX "/nix/store/0c5b3lywqbzy3zfdfcxmkpbgbrxnlgbq-"

static const struct line_case debug_cases[] = {
	/* find-debuginfo --unique-debug-suffix of rpm: FILE-VERSION-RELEASE.ARCH.debug in .gnu_debuglink */
	LINE("/x", IN("dnsmasq-2.85-3.fc35.x86_64.debug"), "dnsmasq 2.85 likely"),
	LINE("/x", IN("xfs_db-5.14.2-1.el9.aarch64.debug"), "xfsprogs 5.14.2 possible"),
	LINE("/x", IN("libcurl.so.4.7.0-7.79.1-1.fc35.x86_64.debug"), "curl 7.79.1 possible"),
	LINE("/x", IN("libcurl.so.4.6.0-7.66.0-lp154.1.2.x86_64.debug"), "curl 7.66.0 possible"),
	LINE("/x", IN("libssl.so.1.1.1k-1.1.1k-5.el8_5.x86_64.debug"), "openssl 1.1.1k possible"),
	LINE("/x", IN("libz.so.1.2.11-1.2.11-30.fc35.x86_64.debug"), "zlib 1.2.11 possible"),
	LINE("/x", IN("libexpat.so.1.8.1-2.4.1-2.fc35.i686.debug"), "expat 2.4.1 possible"),
	LINE("/x", IN("bash-4.4-150400.25.22.x86_64.debug"), "bash 4.4 likely"),
	LINE("/x", IN("less-590-2.fc35.x86_64.debug"), "less 590 likely"),
	LINE("/x", IN("httpd-2.4.51-1.fc35.x86_64.debug"), "apache 2.4.51 likely"),
	LINE("/x", IN("python3.9-3.9.7-1.fc35.x86_64.debug"), "python 3.9.7 likely"),
	LINE("/usr/bin/x", IN("/usr/lib/debug/usr/sbin/dnsmasq-2.85-3.fc35.x86_64.debug"), "dnsmasq 2.85 likely"),
	LINE("/x", IN("../../../.dwz/openssl-1.1.1k-5.el8.x86_64"), "openssl 1.1.1k likely"),
	LINE("/x", IN("../../.dwz/systemd-249.7-2.fc35.x86_64"), "systemd 249.7 likely"),
	LINE("/x", IN("../../.dwz/bind-9.16.23-1.fc35.x86_64"), "bind 9.16.23 likely"),
	/* a text of the program itself says more */
	LINE("/usr/sbin/dnsmasq", "\0dnsmasq 2.86\0dnsmasq-2.85-3.fc35.x86_64.debug\0", "dnsmasq 2.86 proven"),
	/* before the release, as Fedora numbers its packages: the release is not told */
	LINE("/x", IN("openssl-3.0.0-0.beta2.1.fc35.x86_64.debug"), ""),
	LINE("/x", IN("dnsmasq-2.86-0.1.20210901git.fc35.x86_64.debug"), ""),
	LINE("/x", IN("/usr/src/debug/openssl-3.0.0-0.beta2.1.fc35.x86_64/ssl/t1_lib.c"), ""),
	/* neither names nor releases */
	LINE("/x", IN("dnsmasq.debug"), ""),
	LINE("/x", IN("dnsmasq-2.85.debug_info"), "dnsmasq 2.85 likely"),
	LINE("/x", IN("mydnsmasq-2.85-3.fc35.x86_64.debug"), ""),
	LINE("/x", IN("dnsmasq-2.85-3.fc35.vax.debug_line"), "dnsmasq 2.85 likely"),
	LINE("/x", IN("libfoo.so.4.7.0-7.79.1-1.fc35.x86_64.debug"), ""),
	LINE("/x", IN("perl-Redis-1.998-1.fc35.noarch.debug"), ""),
	LINE("/x", IN("openssl.so-2.2.1-3.fc35.x86_64.debug"), ""),
	LINE("/x", IN("-2.85-3.fc35.x86_64.debug"), ""),
	LINE("/x", "\0.debug", ""),
	/* files of the same name that another project builds */
	LINE("/x", IN("libz.so.1.3.1.zlib-ng-2.1.6-2.fc40.x86_64.debug"), ""),
	LINE("/x", IN("libssl.so.48.0.1-3.3.4-1.2.x86_64.debug"), ""),
	LINE("/x", IN("libcrypto.so.46.0.1-2.9.2-1.2.x86_64.debug"), ""),
	LINE("/x", IN("libcrypto.so.3.0.7-3.0.7-25.el9.x86_64.debug"), "openssl 3.0.7 possible"),
	LINE("/x", IN("libwbclient.so.0.14.0-2.5.2-2.fc35.x86_64.debug"), ""),
	LINE("/x", IN("libwbclient.so.0.15-4.15.2-3.fc35.x86_64.debug"), "samba 4.15.2 possible"),
	LINE("/usr/bin/x", MANY "mysql-5.5.68-1.el7.x86_64.debug\0", ""),
};

static const struct line_case build_cases[] = {
	/* Debian, Ubuntu */
	LINE("/x", IN("/build/dnsmasq-OEFsp3/dnsmasq-2.80/src/cache.c"), "dnsmasq 2.80 possible"),
	LINE("/x", IN("/build/reproducible-path/curl-8.14.1/lib/cfilters.c"), "curl 8.14.1 possible"),
	LINE("/x", IN("/build/reproducible-path/less-590/main.c"), "less 590 possible"),
	LINE("/x", IN("/build/reproducible-path/curl-8.14.1/lib/.libs"), "curl 8.14.1 possible"),
	LINE("/x", IN("/build/curl-AbCdEf/curl-7.74.0/lib/.libs"), ""),
	/* dh-cargo: a program's own crate, and another one's sources */
	LINE("/x", IN("/usr/share/cargo/registry/netavark-2.0.0/target/release/build/x"), "netavark 2.0.0 possible"),
	LINE("/x", IN("/usr/share/cargo/registry/netavark-2.0.0/src/lib.rs"), ""),
	LINE("/x", IN("/usr/share/cargo/registry/findutils-0.7.0/target/release/build/x"), ""), /* another project's */
	LINE("/x", IN("/build/buildd/bind9-9.8.1.dfsg.P1/bin/named/server.c"), "bind 9.8.1 possible"),
	LINE("/x", IN("-fdebug-prefix-map=/build/curl-AbCdEf/curl-7.74.0=."), "curl 7.74.0 possible"),
	LINE("/x", IN("/build/python3.9-RNBry6/python3.9-3.9.2/Modules/gcmodule.c"), "python 3.9.2 possible"),
	LINE("/x", IN("/build/lua5.3-5vVhXq/lua5.3-5.3.3/src/lapi.c"), "lua 5.3.3 possible"),
	LINE("/x", IN("/build/libmatroska-tIyaXi/libmatroska-1.6.2/matroska/KaxBlock.h"), "libmatroska 1.6.2 possible"),
	/* Fedora, Red Hat, Mageia */
	LINE("/x", IN("/builddir/build/BUILD/httpd-2.4.51/server/core.c"), "apache 2.4.51 possible"),
	LINE("/x", IN("/builddir/build/BUILD/curl-8.11.1-build/curl-8.11.1/lib/url.c"), "curl 8.11.1 possible"),
	LINE("/x", IN("/builddir/build/BUILD/less-590/main.c"), "less 590 possible"),
	LINE("/x", IN("/builddir/build/BUILD/systemd-249.7/src/basic/log.c"), "systemd 249.7 possible"),
	LINE("/x", IN("/builddir/build/BUILD/Python-3.10.0/Objects/dictobject.c"), "python 3.10.0 possible"),
	LINE("/x", IN("/builddir/build/BUILD/ImageMagick-6.9.12/magick/log.c"), "imagemagick 6.9.12 possible"),
	LINE("/x", IN("/builddir/build/BUILD/NetworkManager-1.32.12/src/main.c"), "network-manager 1.32.12 possible"),
	LINE("/x", IN("/builddir/build/BUILD/libX11-1.7.3.1/src/x.c"), "libx11 1.7.3.1 possible"),
	LINE("/x", IN("/builddir/build/BUILD/bind-9.16.23/lib/isc/mem.c"), "bind 9.16.23 possible"),
	LINE("/x", IN("/usr/src/debug/dnsmasq-2.85-3.fc35.x86_64/src/cache.c"), "dnsmasq 2.85 possible"),
	LINE("/x", IN("/usr/src/debug/openssl-1.1.1k-5.el8.x86_64/crypto/mem.c"), "openssl 1.1.1k possible"),
	LINE("/x", IN("/usr/src/debug/python39-3.9.6-1.el8.x86_64/Python/ceval.c"), "python 3.9.6 possible"),
	LINE("/x", IN("/usr/src/debug/compat-openssl10-1.0.2o-4.el8.x86_64/ssl/t1_lib.c"), "openssl 1.0.2o possible"),
	LINE("/x", IN("/usr/src/debug/openssl-libs-1.1.1k-5.el8.x86_64/ssl/t1_lib.c"), "openssl 1.1.1k possible"),
	/* a number alone is no release of what has releases of another kind */
	LINE("/x", IN("/builddir/build/BUILD/openssl-111/ssl/t1_lib.c"), ""),
	LINE("/x", IN("/builddir/build/BUILD/systemd-249/src/basic/log.c"), "systemd 249 possible"),
	/* arguments of a compiler and variables: what was used */
	LINE("/x", IN("gcc -Ibuild/build/openssl-1.1.1k"), ""),
	LINE("/x", IN("-Ideps/BUILD/openssl-1.1.1k/ssl"), ""),
	LINE("/x", IN("PKG_CONFIG_PATH=/home/u/build/openssl-1.1.1k/ssl"), ""),
	LINE("/x", IN("PKG_CONFIG_PATH=/usr/lib:/h/build/openssl-1.1.1k/ssl"), ""),
	LINE("/x", IN("-DOPENSSLDIR=/home/u/build/openssl-1.1.1k/ssl"), ""),
	LINE("/x", IN("-DOPENSSLDIR=\"\\\"/home/u/build/openssl-1.1.1k/ssl\\\"\""), ""),
	LINE("/x", IN("'--with-ssl=/home/u/build/openssl-1.1.1k/ssl'"), ""),
	LINE("/x", IN("PKG_CONFIG_PATH=/build/reproducible-path/curl-7.74.0/pkgconfig"), "curl 7.74.0 possible"),
	LINE("/x", IN("'--srcdir=/home/u/build/curl-7.74.0'"), "curl 7.74.0 possible"),
	LINE("/x", IN("-iremap/home/u/openwrt/build_dir/target-mips_24kc/dnsmasq-2.80:dnsmasq-2.80"), "dnsmasq 2.80 possible"),
	LINE("/x", IN("-fcoverage-prefix-map=/builddir/build/BUILD/dnsmasq-2.80=."), "dnsmasq 2.80 possible"),
	LINE("/x", IN("-fdebug-compilation-dir=/builddir/build/BUILD/dnsmasq-2.80"), "dnsmasq 2.80 possible"),
	LINE("/x", IN("CFLAGS=-ffile-prefix-map=/builddir/build/BUILD/dnsmasq-2.80=."), "dnsmasq 2.80 possible"),
	LINE("/x", IN("\"CFLAGS='-ffile-prefix-map=/builddir/build/BUILD/dnsmasq-2.80=.'\""), "dnsmasq 2.80 possible"),
	LINE("/x", IN("PWD=/builddir/build/BUILD/dnsmasq-2.80"), "dnsmasq 2.80 possible"),
	LINE("/x", IN("OLDPWD=/builddir/build/BUILD/dnsmasq-2.80"), ""),
	LINE("/x", IN("CFLAGS=-I/builddir/build/BUILD/dnsmasq-2.80/src"), ""),
	LINE("/x", IN("CFLAGS="), ""),
	LINE("/x", IN("/builddir/build/BUILD/shim-15/shim.c"), "shim 15 possible"),
	/* openSUSE */
	LINE("/x", IN("/home/abuild/rpmbuild/BUILD/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	LINE("/x", IN("/usr/src/packages/BUILD/wget-1.11.4/src/http.c"), "wget 1.11.4 possible"),
	LINE("/x", IN("/usr/src/debug/curl-7.79.1-150400.5.12.1.x86_64/lib/url.c"), "curl 7.79.1 possible"),
	/* OpenWrt */
	LINE("/x", IN("/builder/shared-workdir/build/sdk/build_dir/target-mips_24kc_musl/wget-ssl/wget-1.20.3/src/http.c"), "wget 1.20.3 possible"),
	LINE("/x", IN("/builder/shared-workdir/build/build_dir/target-mips_24kc_musl/dnsmasq-full/dnsmasq-2.80/src/cache.c"), "dnsmasq 2.80 possible"),
	LINE("/x", IN("/home/u/openwrt/build_dir/target-mips/dnsmasq-2.80/src"), "dnsmasq 2.80 possible"),
	LINE("/x", IN("/home/u/openwrt/build_dir/target-mips/linux-ath79_generic/busybox-1.30.1/x.c"), "busybox 1.30.1 possible"),
	/* Buildroot */
	LINE("/x", IN("/home/u/buildroot/output/build/lighttpd-1.4.59/src/server.c"), "lighttpd 1.4.59 possible"),
	/* Yocto */
	LINE("/x", IN("/usr/src/debug/dnsmasq/2.80-r0/dnsmasq-2.80/src/cache.c"), "dnsmasq 2.80 possible"),
	LINE("/x", IN("/usr/src/debug/wpa-supplicant/2.9-r0/wpa_supplicant-2.9/src/x.c"), "wpa_supplicant 2.9 possible"),
	LINE("/x", IN("/usr/src/debug/systemd/1_249.7-r0/git/src/x.c"), "systemd 249.7 possible"),
	LINE("/x", IN("/usr/src/debug/curl/7.82.0/lib/url.c"), "curl 7.82.0 possible"),
	LINE("/x", IN("/h/build/tmp/work/cortexa9hf-neon-poky-linux-gnueabi/openssl/1.1.1k-r0/openssl-1.1.1k/x.c"), "openssl 1.1.1k possible"),
	LINE("/x", IN("/h/tmp/work/core2-64-poky-linux/busybox/1.31.1-r0/busybox-1.31.1/x.c"), "busybox 1.31.1 possible"),
	/* Alpine, Arch, Void, Gentoo */
	LINE("/x", IN("/home/buildozer/aports/main/dnsmasq/src/dnsmasq-2.86/src/cache.c"), "dnsmasq 2.86 possible"),
	LINE("/x", IN("/home/buildozer/aports/main/less/src/less-590/main.c"), "less 590 possible"),
	LINE("/x", IN("/build/dnsmasq/src/dnsmasq-2.86/src/cache.c"), "dnsmasq 2.86 possible"),
	LINE("/x", IN("/usr/src/debug/curl/curl-8.1.2/lib/url.c"), "curl 8.1.2 possible"),
	LINE("/x", IN("/builddir/curl-7.80.0/lib/url.c"), "curl 7.80.0 possible"),
	LINE("/x", IN("/var/tmp/portage/net-misc/curl-7.79.1-r1/work/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	LINE("/x", IN("/var/tmp/portage/net-misc/curl-7.79.1-r1/temp/environment"), "curl 7.79.1 possible"),
	/* FreeBSD, NetBSD */
	LINE("/x", IN("/wrkdirs/usr/ports/ftp/curl/work/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	LINE("/x", IN("/wrkdirs/usr/ports/lang/python38/work/Python-3.8.12/Objects/x.c"), "python 3.8.12 possible"),
	LINE("/x", IN("/usr/pkgsrc/www/curl/work.x86_64/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	LINE("/x", IN("/usr/pkgsrc/www/curl/work/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	/* Nix, Guix, Homebrew */
	LINE("/x", IN("/build/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	LINE("/x", IN("/tmp/guix-build-curl-7.79.1.drv-0/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	LINE("/x", IN("/private/tmp/curl-20210922-1234-1abcd/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	LINE("/usr/sbin/dnsmasq", IN(NIX "dnsmasq-2.80/lib"), "dnsmasq 2.80 possible"),
	LINE("/x", IN(NIX "dnsmasq-2.80/etc/dnsmasq.conf"), "dnsmasq 2.80 possible"),
	LINE("/usr/bin/curl", IN("/home/linuxbrew/.linuxbrew/Cellar/curl/7.79.1/lib"), "curl 7.79.1 possible"),
	LINE("/x", IN("/usr/local/Cellar/dnsmasq/2.86_1/etc/dnsmasq.conf"), "dnsmasq 2.86 possible"),
	/* vcpkg, Conan, GitHub */
	LINE("/x", IN("/opt/vcpkg/buildtrees/zlib/src/v1.2.11-2e5db616bf.clean/inflate.c"), "zlib 1.2.11 possible"),
	LINE("/x", IN("/root/.conan/data/zlib/1.2.11/_/_/build/19729b9559f3ae196cad45cb2b97468ccb75dcd1/inflate.c"), "zlib 1.2.11 possible"),
	LINE("/x", IN("/home/runner/work/box/box/curl-7.79.1/lib/url.c"), "curl 7.79.1 possible"),
	/* a static library was compiled, too */
	LINE("/usr/sbin/dnsmasq", "\0dnsmasq 2.80\0/b/output/build/nettle-3.6/sha1.c\0", "nettle 3.6 possible, dnsmasq 2.80 proven"),
};

static const struct line_case other_cases[] = {
	/* what was used and not compiled: headers, libraries, options */
	LINE("/x", IN("/usr/include/openssl-1.1/openssl/ssl.h"), ""),
	LINE("/x", IN("/build/deps/openssl-1.1.1k/include/openssl/ssl.h"), ""),
	LINE("/x", IN("/b/output/build/curl-7.79.1/lib/.libs/libcurl.a"), ""),
	LINE("/x", IN("/b/output/build/curl-7.79.1/lib"), ""),
	LINE("/x", IN("/build/libdnsmasq-2.80.so"), ""),
	LINE("/x", IN("gcc -O2 -I/build/x/openssl-1.1.1k -c"), ""),
	LINE("/x", IN("gcc -O2 -L/build/x/openssl-1.1.1k -lssl"), ""),
	LINE("/x", IN("gcc -isystem /build/x/openssl-1.1.1k -c"), ""),
	LINE("/x", IN("gcc -O2 -I../build/x/openssl-1.1.1k -c"), ""),
	LINE("/x", IN("gcc -I../../build_dir/target-mips/openssl-1.1.1k/ -c"), ""),
	LINE("/x", IN("-I=/build/x/openssl-1.1.1k -L../build/x/openssl-1.1.1k"), ""),
	LINE("/x", IN("'--with-curl=shared,/build/curl-7.79.1'"), ""),
	LINE("/x", IN("-Wl,-rpath,/build/x/openssl-1.1.1k"), ""),
	LINE("/x", IN("--with-openssl=/build/x/openssl-1.1.1k --with-x"), ""),
	LINE("/x", IN("/h/tmp/work/x86-poky-linux/foo/1.0-r0/recipe-sysroot/usr/include/curl-7.79.1/x.c"), ""),
	LINE("/x", IN("/builddir/build/BUILD/gcc-10.3.1-20210422/obj-x86_64-redhat-linux/libstdc++-v3/include/bits/stl_stack.h"), ""),
	LINE("/x", IN("/builddir/build/BUILD/gcc-10.3.1-20210422/obj-x86_64-redhat-linux/libstdc++-v3/include/string_view"), ""),
	/* tools of the computer that built it */
	LINE("/x", IN("/h/openwrt/build_dir/toolchain-mips_24kc_gcc-8.4.0_musl/gcc-8.4.0/libgcc/x.c"), ""),
	LINE("/x", IN("/h/openwrt/build_dir/hostpkg/python-3.9.2/Objects/x.c"), ""),
	LINE("/x", IN("/h/tmp/work/x86_64-linux/curl-native/7.79.1-r0/curl-7.79.1/x.c"), ""),
	LINE("/x", IN("/h/buildroot/output/build/host-python3-3.9.2/Objects/x.c"), ""),
	/* packages of a language that are called like what they bind */
	LINE("/x", IN("/root/.cargo/registry/src/github.com-1ecc6299db9ec823/openssl-0.10.29/src/lib.rs"), ""),
	LINE("/x", IN("/build/x/.cargo/registry/src/index.crates.io-6f17d22bba15001f/curl-0.4.44/src/lib.rs"), ""),
	LINE("/x", IN("/wrkdirs/usr/ports/sysutils/x/work/cargo-crates/openssl-0.10.29/src/lib.rs"), ""),
	LINE("/x", IN("/builddir/build/BUILD/vendor/openssl-0.10.29/src/lib.rs"), ""),
	LINE("/x", IN("/usr/share/cargo/registry/curl-0.4.44/src/lib.rs"), ""),
	LINE("/x", IN("/go/pkg/mod/github.com/go-redis/redis@v8.11.4/redis.go"), ""),
	LINE("/x", IN("/go/pkg/mod/github.com/go-redis/redis/v8@v8.11.4/redis.go"), ""),
	LINE("/x", IN("/home/u/go/pkg/mod/github.com/mattn/sqlite3@v1.14.6/sqlite3.go"), ""),
	LINE("/x", IN("/root/.cpan/build/Redis-1.998/x.c"), ""),
	LINE("/x", IN("/builddir/build/BUILD/Cairo-1.109/Cairo.c"), ""),
	LINE("/x", IN("/usr/lib/ruby/gems/2.7.0/gems/redis-4.2.5/lib/x.c"), ""),
	LINE("/x", IN("/build/gems/redis-4.2.5/lib/x.c"), ""),
	LINE("/x", IN("/usr/lib/python3/dist-packages/redis-3.5.3/x.c"), ""),
	LINE("/x", IN("/build/app/node_modules/redis-3.1.2/x.js"), ""),
	/* what is needed, of stores that have a folder for each package */
	LINE("/x", IN(NIX "openssl-1.1.1k/lib:" NIX "zlib-1.2.11/lib"), ""),
	LINE("/x", IN(NIX "bash-5.1/bin/sh"), ""),
	LINE("/x", IN(NIX "glibc-2.33/share/glibc/x"), ""),
	LINE("/x", IN(NIX "gnupg-2.2.27/bin/gpg"), ""),
	LINE("/x", IN("/usr/local/Cellar/openssl@1.1/1.1.1k/lib"), ""),
	LINE("/x", IN("/usr/local/Cellar/curl/7.79.1/include/curl/curl.h"), ""),
	LINE("/x", IN("/root/.conan/data/zlib/1.2.11/_/_/package/19729b9559f3ae196cad/include/zlib.c"), ""),
	LINE("/x", IN("/opt/conda/pkgs/openssl-1.1.1k-h27cfd23_0/lib/x.c"), ""),
	LINE("/x", IN("/home/conda/feedstock_root/build_artifacts/openssl_1616163527/work/crypto/x.c"), ""),
	LINE("/x", IN("/buildbot/src/android/ndk-release-r21/external/libcxx/src/x.cpp"), ""),
	/* no build folder, no product, no version */
	LINE("/x", IN("/usr/share/dnsmasq-2.80/x"), ""),
	LINE("/x", IN("/opt/curl-7.79.1/lib/url.c"), ""),
	LINE("/x", IN("/build/nginx-1234/x.c"), ""),
	LINE("/x", IN("/build/foo-1.2/x.c"), ""),
	LINE("/usr/bin/x", MANY "/home/u/build/share/glib-2.0/schemas/x\0", ""),
	LINE("/usr/bin/x", MANY "/home/u/build/lib/gstreamer-1.0/x\0", ""),
	LINE("/usr/bin/x", MANY "/home/u/work/lib/gdk-pixbuf-2.0/2.10.0/loaders/x\0", ""),
	LINE("/x", IN("/build/dnsmasq-latest/x.c"), ""),
	LINE("/x", IN("/usr/src/debug/dnsmasq/0.0+gitAUTOINC+abc-r0/git/x.c"), ""),
	LINE("/x", IN("/opt/vcpkg/buildtrees/openssl/src/nssl-3.0.7-2e5db616bf.clean/x.c"), ""),
	LINE("/x", IN("/build/libsigc++-2.0-2.10.7-3.1/x.c"), ""),
};

static void test_debug(void **state)
{
	(void)state;
	check_lines(debug_cases, COUNT(debug_cases));
}

static void test_build(void **state)
{
	(void)state;
	check_lines(build_cases, COUNT(build_cases));
}

static void test_others(void **state)
{
	(void)state;
	check_lines(other_cases, COUNT(other_cases));
}

/* The same names as lines of an excerpt, behind a program's magic number and without one. */
static void test_excerpts(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "some text\ndnsmasq-2.85-3.fc35.x86_64.debug\n", "dnsmasq 2.85 likely" },
		{ "some text\nlibcurl.so.4.7.0-7.79.1-1.fc35.x86_64.debug\n", "curl 7.79.1 possible" },
		{ "some text\n/builddir/build/BUILD/httpd-2.4.51/server/core.c\n", "apache 2.4.51 possible" },
		{ "some text\n/usr/src/debug/dnsmasq/2.80-r0/git/cache.c\n", "dnsmasq 2.80 possible" },
		{ "some text\n/root/.cargo/registry/src/github.com-1ecc6299db9ec823/openssl-0.10.29/src/lib.rs\n", "" },
		{ "some text\n/go/pkg/mod/github.com/go-redis/redis/v8@v8.11.4/redis.go\n", "" },
	};
	char bytes[256], got[512];
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		struct claims t;
		int n = snprintf(bytes, sizeof bytes, "%s%s", i % 2 ? "\x7f" "ELF\n" : "", cases[i / 2][0]);
		inspect(&t, "/x", i % 2 ? "data" : "text", span_of(bytes, (size_t)n));
		describe(&t, got, sizeof got);
		assert_string_equal(got, cases[i / 2][1]);
		claims_free(&t);
	}
}

/* Each beginning of each case, and one path of nothing but folders. */
static void test_damage(void **state)
{
	(void)state;
	static char many[65536];
	struct claims t;
	for (size_t i = 0; i < COUNT(build_cases); i++)
		for (size_t n = 1; n < build_cases[i].n; n++) {
			inspect(&t, "/x", "data", span_of(build_cases[i].bytes, n));
			claims_free(&t);
		}
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = "/build/curl-1"[i % 13];
	inspect(&t, "/x", "data", span_of(many, sizeof many));
	claims_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debug),    cmocka_unit_test(test_build),  cmocka_unit_test(test_others),
		cmocka_unit_test(test_excerpts), cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
