/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a program was built: the folder of its sources, the name of its debug symbols, the folder it was installed in.
 *
 * A build system unpacks a product's sources into a folder that is called after it and its version, and assert(3) and debug
 * symbols leave the paths of those sources in the program. Red Hat's and SUSE's debugedit and eu-strip call the file with the debug
 * symbols FILE-VERSION-RELEASE.ARCHITECTURE.debug (rpm, find-debuginfo --unique-debug-suffix) and write its name into the section
 * .gnu_debuglink, and that of what several files share, .dwz/PACKAGE-VERSION-RELEASE.ARCHITECTURE, into .gnu_debugaltlink.
 *
 * No evidence: what only a compiler, a linker or a package manager was pointed to (-I, -rpath, --with-foo=), headers, libraries
 * and folders that are called after packages of a language (crates, gems, modules), which have names of products they bind.
 */
#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

#define PATH_MAX_LENGTH 512u
#define PARTS_MAX 32u
#define CRATE_HASH 64u /* digits */
#define NAME_MAX_LENGTH 64u
#define DEBUG_MAX 160u
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A path, its folders and what stands before it on the line. */
struct path {
	struct text whole, before;
	struct text part[PARTS_MAX];
	size_t n;
};

/* What one of its folders tells. */
struct origin {
	const struct product *product;
	struct text version;
	struct text from; /* of the evidence */
	bool certain;     /* nothing else than what is built stands in such a folder */
	bool alone;       /* nor any other product's sources */
};

static bool is_one_of(struct text t, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_is(t, words[i]))
			return true;
	return false;
}

static struct text behind(struct text t, size_t n)
{
	return text_of(t.p + n, t.n - n);
}

/* ---- names ---- */

/* "ImageMagick", "SDL2", "libX11": in the case of its authors. A name like "Cairo" or "Redis" is rather a module of Perl, which is
 * called after what it binds. */
static const struct product *product_of_tarball(struct text name)
{
	char lower[NAME_MAX_LENGTH];
	bool mixed = false;
	for (size_t i = 0; i < name.n && i < sizeof lower; i++) {
		lower[i] = ascii_is_upper(name.p[i]) ? (char)(name.p[i] | 0x20) : name.p[i];
		mixed = mixed || (i > 0 && ascii_is_upper(name.p[i]));
	}
	if (name.n > sizeof lower || (!mixed && !text_is(name, "Python")))
		return NULL;
	const struct product *product = product_of_package(text_of(lower, name.n));
	return product ? product : product_named(text_of(lower, name.n));
}

/* "python39" of 3.9.2, "lua5.3" of 5.3.3: a distribution's package of one series. */
static struct text without_series(struct text name, struct text version)
{
	size_t n = name.n, digits = 0, at = 0;
	while (n > 0 && (ascii_is_digit(name.p[n - 1]) || name.p[n - 1] == '.'))
		n--;
	for (size_t i = n; i < name.n; i++) {
		if (name.p[i] == '.')
			continue;
		at += at < version.n && version.p[at] == '.';
		if (at == version.n || version.p[at++] != name.p[i])
			return name;
		digits++;
	}
	return digits > 1 && n > 1 && name.p[n - 1] != '-' ? text_of(name.p, n) : name;
}

/* By the name of a source or a package: "openssl", "openssl-libs", "compat-openssl10". */
static const struct product *product_packaged(struct text name, struct text version)
{
	const struct product *product = product_of_package(name);
	product = product ? product : product_named(name);
	product = product ? product : product_of_tarball(name);
	if (product || name.n < 3)
		return product;
	struct text series = without_series(name, version);
	if (series.n < name.n)
		return product_packaged(series, version);
	if (text_starts(name, "compat-"))
		return product_packaged(behind(name, strlen("compat-")), version);
	return text_ends(name, "-libs") ? product_packaged(text_of(name.p, name.n - strlen("-libs")), version) : NULL;
}

static struct text digits_of(struct text t)
{
	size_t n = 0;
	while (n < t.n && ascii_is_digit(t.p[n]))
		n++;
	return text_of(t.p, n);
}

/* What another project builds a file of the same name of: zlib-ng "libz.so.1.3.1.zlib-ng", LibreSSL "libssl.so.48.0.1" with versions
 * of its own, SSSD (1 and 2) "libwbclient.so", MariaDB "mysql". */
static bool is_of_namesake(struct text name, struct text version, const struct product *product)
{
	const char *so = memmem(name.p, name.n, ".so.", strlen(".so."));
	struct text behind_so = so ? behind(name, (size_t)(so - name.p) + strlen(".so.")) : text_of(name.p, 0);
	const char *called = product_strings + product->name;
	if (strcmp(called, "openssl") == 0)
		return behind_so.n && !text_eq(digits_of(behind_so), digits_of(version)) && digits_of(behind_so).n > 1;
	if (strcmp(called, "samba") == 0)
		return text_starts(version, "1.") || text_starts(version, "2.");
	return strcmp(called, "mysql") == 0 || text_has(behind_so, "-");
}

/* By the name of a file: its owner, if there is one. `named`: it is called like the product. */
static const struct product *product_of_debug(struct text name, struct text version, bool *named)
{
	const struct product *owners[2], *product = product_packaged(name, version);
	size_t n = product_owners(name, owners, 2);
	*named = product && (n == 0 || (n == 1 && owners[0] == product));
	product = *named ? product : n == 1 && (!product || product == owners[0]) ? owners[0] : NULL;
	return product && !is_of_namesake(name, version, product) ? product : NULL;
}

/* ---- versions ---- */

/* "590", "20210722": one number and nothing else, of two digits at least, a day or what may count releases. */
static bool is_lone_number(struct text t)
{
	return digits_of(t).n == t.n && t.p[0] != '0' && ((t.n >= 2 && t.n <= 4) || (t.n == 8 && t.p[0] == '2' && t.p[1] == '0'));
}

/* Those whose releases are such numbers, but for days. */
static bool may_have_lone_number(const struct product *product)
{
	static const char *const names[] = { "cockpit", "dbus-broker", "dracut", "ecryptfs-utils", "efibootmgr", "efivar", "elogind",
										 "eudev", "fastd", "jose", "kmod", "less", "libnss-ldap", "ndctl", "ngircd", "pam-ldap",
										 "polkit", "shim", "smartdns", "systemd", "tang", "usbutils", "xterm" };
	return is_one_of(text_c(product_strings + product->name), names, COUNT(names));
}

static struct text version_of(struct text t)
{
	return component_version(span_of(t.p, t.n));
}

static bool is_architecture(struct text t)
{
	static const char *const names[] = { "x86_64",  "aarch64", "armv7hl", "armv7hnl", "armv7l",  "armv6hl", "armv5tel", "i386",
										 "i486",    "i586",    "i686",    "ppc",      "ppc64",   "ppc64le", "ppc64p7",  "s390",
										 "s390x",   "riscv64", "mips",    "mipsel",   "mips64",  "mips64el", "loongarch64",
										 "athlon",  "noarch" };
	return is_one_of(t, names, COUNT(names));
}

/* Takes ".ARCHITECTURE" from the end. */
static bool take_architecture(struct text *t)
{
	size_t n = t->n;
	while (n > 0 && t->p[n - 1] != '.')
		n--;
	if (n < 2 || !is_architecture(behind(*t, n)))
		return false;
	t->n = n - 1;
	return true;
}

/* Takes what stands behind the last dash: neither a version nor a release of rpm has one. */
static struct text take_last(struct text *t)
{
	size_t n = t->n;
	while (n > 0 && t->p[n - 1] != '-')
		n--;
	struct text last = behind(*t, n);
	t->n = n ? n - 1 : 0;
	return last;
}

/* "dnsmasq-2.80-1.fc35.x86_64" */
static bool split_rpm(struct text t, struct text *name, struct text *version)
{
	if (!take_architecture(&t))
		return false;
	struct text release = take_last(&t), v = take_last(&t);
	*version = is_lone_number(v) ? v : version_of(v);
	*name = t;
	if (component_is_early_release(span_of(release.p, release.n)))
		return false;
	return t.n > 0 && version->n > 0 && (digits_of(release).n > 0 || text_starts(release, "lp")); /* of a Leap */
}

/* ---- paths ---- */

/* A table, since every character of every path is asked. */
static bool is_of_path(uint8_t c)
{
	static const bool of_path[UINT8_MAX + 1] = {
		['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['_'] = true, ['.'] = true, ['+'] = true, ['-'] = true,
		['/'] = true,         ['@'] = true,         ['~'] = true,         ['%'] = true, ['<'] = true, ['>'] = true, ['^'] = true,
	};
	return of_path[c];
}

static const struct text no_part = { "", 0 };

/* The folder `up` above the one at `i`. */
static struct text above(const struct path *p, size_t i, size_t up)
{
	return i >= up ? p->part[i - up] : no_part;
}

static bool is_header(struct text path)
{
	static const char *const ends[] = { ".h", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".ipp", ".tcc" };
	for (size_t i = 0; i < COUNT(ends); i++)
		if (text_ends(path, ends[i]))
			return true;
	return text_has(path, "/include/"); /* "include/string_view" of C++ */
}

/* A library, a folder of libraries or headers. */
static bool is_library(const struct path *p)
{
	static const char *const folders[] = { "lib", "lib64", "include", ".libs", "bin", "sbin" };
	struct text last = p->part[p->n - 1];
	return is_one_of(last, folders, COUNT(folders)) || text_ends(last, ".a") || text_ends(last, ".la") || text_ends(last, ".so") ||
		   text_has(last, ".so.");
}

/* What says where the sources of that very program are: "-ffile-prefix-map=", "-iremap" of OpenWrt, "PWD=". */
static bool is_of_sources(struct text t)
{
	static const char *const words[] = { "--srcdir=", "--remap-path-prefix=", "-iremap", "-trimpath=", "PWD=", "VPATH=", "SRCDIR=" };
	for (size_t i = 0; i < COUNT(words); i++)
		if (text_starts(t, words[i]))
			return true;
	return text_starts(t, "-f") && (text_has(t, "-prefix-map=") || text_has(t, "-compilation-dir="));
}

static struct text without_quotes(struct text t)
{
	while (t.n && strchr("\"'`\\(", t.p[0]))
		t = behind(t, 1);
	return t;
}

/* "-Ibuild/", "-DFOODIR=", "--with-foo=", "PKG_CONFIG_PATH=": where an argument or a variable begins. */
static bool is_argument(struct text t)
{
	size_t n = 0;
	t = without_quotes(t);
	while (n < t.n && (ascii_is_upper(t.p[n]) || t.p[n] == '_'))
		n++;
	bool variable = n > 1 && n < t.n && t.p[n] == '=';
	struct text value = variable ? without_quotes(behind(t, n + 1)) : TEXT_NONE;
	if (text_starts(value, "-")) { /* CFLAGS=-O2 */
		t = value;
		variable = false;
	}
	size_t dashes = text_starts(t, "--") ? 2 : text_starts(t, "-");
	return !is_of_sources(t) && (variable || (dashes && dashes < t.n && ascii_is_letter(t.p[dashes])));
}

/* "-I/build/foo-1.2", "--with-foo=/build/foo-1.2": something that a compiler or a configure script was told to use. */
bool component_is_option(struct text before)
{
	static const char *const options[] = { "-I", "-L", "-I=", "-L=", "-isystem", "-iquote", "-idirafter", "-rpath", "-rpath,", "-rpath=",
										   "-rpath-link,", "-rpath-link=", "-R", "-B", "--sysroot=", "-sysroot" };
	size_t n = before.n;
	while (n > 0 && !strchr(" \t'", before.p[n - 1]))
		n--;
	if (is_argument(behind(before, n)))
		return true;
	while (before.n && before.p[before.n - 1] == ' ')
		before.n--;
	for (size_t i = 0; i < COUNT(options); i++)
		if (text_ends(before, options[i]))
			return true;
	return false;
}

/* Folders of packages of a language, and of tools of the computer that built the program. */
static bool is_of_others(const struct path *p, size_t i)
{
	static const char *const names[] = { ".cargo", "cargo", "cargo_home", "cargo-crates", "registry", "vendor", "node_modules", ".cpan",
										 ".cpanm", "gems", "site-packages", "dist-packages", "hostpkg", "staging_dir", "host",
										 "recipe-sysroot", "recipe-sysroot-native", "external-toolchain", "third_party" };
	for (size_t k = 0; k < i; k++)
		if (is_one_of(p->part[k], names, COUNT(names)) || text_starts(p->part[k], "toolchain-") || text_has(p->part[k], "-native"))
			return true;
	return false;
}

/* What was only used, and not compiled. */
static bool is_used(const struct path *p)
{
	return is_library(p) || component_is_option(p->before);
}

/* ---- folders of sources ---- */

/* "/build/dnsmasq-OEFsp3/dnsmasq-2.80", "/private/tmp/dnsmasq-20210301-1-abc/dnsmasq-2.80",
 * "/tmp/guix-build-dnsmasq-2.80.drv-0/dnsmasq-2.80" */
static bool is_own_folder(struct text parent, struct text name)
{
	if (text_starts(parent, "guix-build-"))
		parent = behind(parent, strlen("guix-build-"));
	return parent.n > name.n + 1 && memcmp(parent.p, name.p, name.n) == 0 && parent.p[name.n] == '-';
}

/* "work", "work-py311", "work.x86_64": of FreeBSD's ports and of pkgsrc. */
static bool is_work(struct text t)
{
	return text_is(t, "work") || text_starts(t, "work-") || text_starts(t, "work.");
}

/* Folders in which build systems unpack sources, where nothing else stands: dpkg-buildpackage's /build/NAME-RANDOM, rpmbuild's
 * BUILD, OpenWrt's build_dir/target-ARCH, Buildroot's output/build, abuild's aports/REPOSITORY/NAME/src, makepkg's
 * /build/NAME/src, Portage's CATEGORY/NAME-VERSION, that of ports, Homebrew's and Guix's. */
static bool is_certain_folder(const struct path *p, size_t i, struct text name)
{
	struct text a = above(p, i, 1), b = above(p, i, 2), c = above(p, i, 3), d = above(p, i, 4);
	bool rpm = text_is(a, "BUILD") || (text_is(b, "BUILD") && is_own_folder(a, name));
	bool debian = text_is(a, "reproducible-path") || (is_own_folder(a, name) && (text_is(b, "build") || text_is(b, "tmp")));
	bool router = text_is(b, "build_dir") || text_is(c, "build_dir") || (text_is(a, "build") && text_is(b, "output"));
	bool source = text_is(a, "src") && (text_is(d, "aports") || text_is(c, "build"));
	bool ports = text_is(b, "portage") || (is_work(a) && (text_is(d, "portage") || text_is(d, "ports") || text_is(d, "pkgsrc")));
	return rpm || debian || router || source || ports || (text_is(a, "debug") && text_is(b, "src"));
}

/* Folders that are called so by many, and those a step deeper. */
static bool is_build_folder(const struct path *p, size_t i)
{
	static const char *const names[] = { "build", "build_dir", "builddir", "sources", "BUILD", "work", "build-target",
										 "reproducible-path" };
	struct text a = above(p, i, 1), b = above(p, i, 2), c = above(p, i, 3), d = above(p, i, 4);
	/* "lib/gstreamer-1.0", "share/glib-2.0": the version of an interface */
	static const char *const installed[] = { "lib", "lib64", "share", "include", "etc", "libexec" };
	if (is_one_of(a, installed, COUNT(installed)))
		return false;
	bool action = text_is(c, "work") && text_is(d, "runner") && text_eq(a, b); /* of GitHub */
	return is_one_of(a, names, COUNT(names)) || is_one_of(b, names, COUNT(names)) || is_work(a) || action ||
		   (text_is(b, "debug") && text_is(above(p, i, 3), "src"));
}

/* "-5cc91aac060a...", a crate's SHA-256 behind its version, as bazel and other tools name what they fetch for Rust. */
static bool is_of_crate(struct text rest)
{
	size_t n = 1;
	while (n < rest.n && (ascii_is_digit(rest.p[n]) || (rest.p[n] >= 'a' && rest.p[n] <= 'f')))
		n++;
	return rest.n == CRATE_HASH + 1 && rest.p[0] == '-' && n == rest.n;
}

/* What may follow a version in the folder's name: nothing, a suffix of the sources or of a package. */
static bool is_suffix(struct text rest, bool package)
{
	bool number = rest.n > 1 && rest.p[0] == '-' && ascii_is_digit(rest.p[1]);
	size_t n = number ? 1 + digits_of(behind(rest, 1)).n : 0;
	bool version = number && n + 1 < rest.n && rest.p[n] == '.' && ascii_is_digit(rest.p[n + 1]); /* "libsigc++-2.0-2.10.7" */
	return (!version || package) && !is_of_crate(rest) && !text_has(rest, ".so") && !text_has(rest, ".a") && !(rest.n && strchr("@/", rest.p[0]));
}

/* "NAME-VERSION", "NAME-vVERSION" with the last name that is a product's. */
static bool split_folder(struct text part, bool certain, struct origin *o)
{
	struct text whole = part;
	bool package = take_architecture(&whole), found = false;
	for (size_t i = 1; i + 1 < part.n; i++) {
		struct text rest = behind(part, i + 1);
		if (part.p[i] != '-')
			continue;
		rest = rest.p[0] == 'v' ? behind(rest, 1) : rest;
		struct text version = version_of(rest);
		if (!version.n && certain && is_lone_number(rest))
			version = rest;
		if (!version.n || !is_suffix(behind(rest, version.n), package))
			continue;
		const struct product *product = product_packaged(text_of(part.p, i), version);
		if (product && version.p == rest.p && digits_of(version).n == version.n && version.n != 8 && !may_have_lone_number(product))
			continue;
		if (product)
			*o = (struct origin){ product, version, part, certain, false };
		found = found || product;
	}
	return found;
}

static struct text name_of_folder(struct text part)
{
	size_t n = 0;
	while (n + 1 < part.n && !(part.p[n] == '-' && (ascii_is_digit(part.p[n + 1]) || part.p[n + 1] == 'v')))
		n++;
	return text_of(part.p, n);
}

/* "2.80-r0", "1_2.80-r1", "2.80+git0+abc-r0", "2.80": a recipe's version, with an epoch. */
static struct text version_of_recipe(struct text t)
{
	struct text epoch = digits_of(t);
	if (epoch.n && epoch.n + 1 < t.n && t.p[epoch.n] == '_')
		t = behind(t, epoch.n + 1);
	struct text lone = digits_of(t), version = version_of(t);
	bool revision = lone.n + 2 < t.n && t.p[lone.n] == '-' && t.p[lone.n + 1] == 'r' && ascii_is_digit(t.p[lone.n + 2]);
	return !version.n && revision && is_lone_number(lone) ? lone : version;
}

/* bitbake's tmp/work/ARCH-VENDOR-linux/NAME/VERSION-rN, and /usr/src/debug/NAME/VERSION-rN in the program. */
static struct text version_of_yocto(const struct path *p, size_t i)
{
	struct text arch = above(p, i, 2), work = above(p, i, 3);
	bool built = text_is(work, "work") && (text_has(arch, "-linux") || text_starts(above(p, i, 4), "tmp"));
	bool debug = text_is(arch, "debug") && text_is(work, "src");
	return built || debug ? version_of_recipe(p->part[i]) : TEXT_NONE;
}

/* vcpkg's buildtrees/NAME/src/VERSION-HASH.clean, of a version that is not cut off: it keeps ten characters. */
static struct text version_of_vcpkg(const struct path *p, size_t i)
{
	struct text part = p->part[i];
	bool tree = i >= 3 && text_is(above(p, i, 3), "buildtrees") && text_is(above(p, i, 1), "src") && text_ends(part, ".clean");
	part = part.n && part.p[0] == 'v' ? behind(part, 1) : part;
	struct text version = tree ? version_of(part) : TEXT_NONE;
	return version.n < 9 && version.n < part.n && part.p[version.n] == '-' ? version : TEXT_NONE;
}

/* Conan's data/NAME/VERSION/USER/CHANNEL/build. */
static struct text version_of_conan(const struct path *p, size_t i)
{
	bool conan = i >= 2 && i + 3 < p->n && text_is(above(p, i, 2), "data") && text_is(above(p, i, 3), ".conan");
	struct text what = conan ? p->part[i + 3] : no_part;
	return text_is(what, "build") || text_is(what, "source") ? version_of(p->part[i]) : TEXT_NONE;
}

/* "cargo/registry/NAME-VERSION/target": dh-cargo builds a program's own crate there, and leaves only sources in those of others. */
static bool is_own_crate(const struct path *p, size_t i)
{
	return i >= 2 && i + 1 < p->n && text_is(p->part[i + 1], "target") && text_is(above(p, i, 1), "registry") &&
		   text_is(above(p, i, 2), "cargo");
}

/* Whether the folder at `i` says what was built there. */
static bool is_built(const struct path *p, size_t i, struct origin *o)
{
	struct text part = p->part[i], version = version_of_yocto(p, i);
	version = version.n ? version : version_of_vcpkg(p, i);
	version = version.n ? version : version_of_conan(p, i);
	if (version.n) {
		struct text name = text_is(above(p, i, 1), "src") ? above(p, i, 2) : above(p, i, 1);
		*o = (struct origin){ product_packaged(name, version), version, name, true, false };
		return o->product != NULL;
	}
	bool crate = is_own_crate(p, i), certain = crate || is_certain_folder(p, i, name_of_folder(part));
	if (!(certain || is_build_folder(p, i)) || !split_folder(part, certain, o))
		return false;
	o->alone = crate || text_is(above(p, i, 1), "reproducible-path"); /* a root of its own for each package */
	return true;
}

/* ---- folders of programs ---- */

/* "HASH-dnsmasq-2.80" of Nix and Guix: a hash of 32 characters. */
static struct text without_hash(struct text part)
{
	size_t n = 0;
	while (n < part.n && (ascii_is_lower(part.p[n]) || ascii_is_digit(part.p[n])))
		n++;
	return n == 32 && n + 1 < part.n && part.p[n] == '-' ? behind(part, n + 1) : TEXT_NONE;
}

/* Whether the folder at `i` is that of a program and what belongs to it, rather than of what it needs: /nix/store/HASH-NAME-VERSION,
 * Homebrew's Cellar/NAME/VERSION. */
static bool is_installed(const struct path *p, size_t i, struct origin *o)
{
	bool store = text_is(above(p, i, 1), "store") && (text_is(above(p, i, 2), "nix") || text_is(above(p, i, 2), "gnu"));
	struct text part = store ? without_hash(p->part[i]) : TEXT_NONE;
	if (part.n)
		return split_folder(part, false, o);
	struct text name = above(p, i, 1), version = version_of(p->part[i]);
	if (!text_is(above(p, i, 2), "Cellar") || !version.n)
		return false;
	const char *series = name.n ? memchr(name.p, '@', name.n) : NULL; /* "openssl@1.1" */
	struct text plain = series ? text_of(name.p, (size_t)(series - name.p)) : name;
	*o = (struct origin){ product_packaged(plain, version), version, name, true, false };
	return o->product != NULL;
}

/* Whether what stands in the folder is called like the product: "etc/dnsmasq.conf", but no program and no library, which other
 * programs run and load. */
static bool is_for_itself(const struct path *p, size_t i, const struct product *product)
{
	static const char *const folders[] = { "etc", "share", "libexec", "var", "conf", "lib", "modules" };
	const char *name = product_strings + product->name;
	if (i + 2 >= p->n || !is_one_of(p->part[i + 1], folders, COUNT(folders)) || is_used(p) || is_header(p->whole))
		return false;
	for (size_t k = i + 2; k < p->n; k++)
		if (text_starts(p->part[k], name))
			return true;
	return false;
}

/* ---- all ---- */

static bool has_digit(struct span s)
{
	for (uint64_t i = 0; i < s.n; i++)
		if (ascii_is_digit(s.p[i]))
			return true;
	return false;
}

/* The path that begins at the first of its characters before `slash`; behind it comes back in *end. False: no folder of it can have a
 * version, as with most of a program's. */
static bool path_at(struct span bytes, uint64_t slash, struct path *p, uint64_t *end)
{
	uint64_t from = slash, line;
	*end = slash;
	while (from > 0 && slash - from < NAME_MAX_LENGTH && is_of_path(bytes.p[from - 1]))
		from--;
	while (*end < bytes.n && *end - from < PATH_MAX_LENGTH && is_of_path(bytes.p[*end]))
		(*end)++;
	if (!has_digit(span_sub(bytes, from, *end - from)))
		return false;
	for (line = from; line > 0 && from - line < NAME_MAX_LENGTH && is_printable(bytes.p[line - 1]); line--)
		;
	/* an option is joined to its path: "-I/build", "-I../build" */
	uint64_t root = from;
	while (bytes.p[from] == '-' && root < slash && bytes.p[root] != '.')
		root++;
	*p = (struct path){ .whole = text_of((const char *)bytes.p + root, *end - root),
						.before = text_of((const char *)bytes.p + line, root - line) };
	for (size_t i = 0; i < p->whole.n && p->n < PARTS_MAX; i++) {
		size_t n = 0;
		while (i + n < p->whole.n && p->whole.p[i + n] != '/')
			n++;
		if (n)
			p->part[p->n++] = text_of(p->whole.p + i, n);
		i += n;
	}
	return true;
}

/* One of each product and version. */
static void add_once(const struct component_file *file, const struct origin *o, enum component_rank rank, struct component_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].product == o->product && list->v[i].rank == rank && text_eq(list->v[i].version, o->version))
			return;
	component_add(list, o->product, o->version, (uint64_t)((const uint8_t *)o->from.p - file->bytes.p), rank);
}

static void try_path(const struct component_file *file, const struct path *p, struct component_list *list)
{
	struct origin o;
	for (size_t i = 1; i < p->n; i++) {
		if (is_built(p, i, &o)) {
			bool own = component_owns(file, o.product), loose = !o.certain || component_is_of_everybody(o.product);
			/* a compiler's headers come from its build folder */
			bool used = (!o.alone && (is_library(p) || component_is_option(p->before))) || (is_header(p->whole) && loose);
			if (own || !(used || (!o.alone && is_of_others(p, i))))
				add_once(file, &o, COMPONENT_PATH, list);
		} else if (is_installed(p, i, &o) && component_owns(file, o.product)) {
			add_once(file, &o, COMPONENT_PATH, list);
		}
	}
}

/* "dnsmasq-2.80-1.fc35.x86_64.debug", "libcurl.so.4.7.0-7.79.1-1.fc35.x86_64.debug" before `end`. */
static void try_debug(const struct component_file *file, uint64_t end, struct component_list *list)
{
	struct span bytes = file->bytes;
	uint64_t from = end;
	struct text name, version;
	while (from > 0 && end - from < DEBUG_MAX && is_of_path(bytes.p[from - 1]) && bytes.p[from - 1] != '/')
		from--;
	if (!split_rpm(text_of((const char *)bytes.p + from, end - from), &name, &version))
		return;
	bool named;
	struct origin o = { product_of_debug(name, version, &named), version, name, true, false };
	if (o.product)
		add_once(file, &o, named ? COMPONENT_DEBUG : COMPONENT_PATH, list);
}

/* ".dwz/dnsmasq-2.80-1.fc35.x86_64" from `at` on. */
static void try_shared(const struct component_file *file, uint64_t at, struct component_list *list)
{
	struct span s = span_clip(file->bytes, at, DEBUG_MAX);
	size_t n = 0;
	while (n < s.n && is_of_path(s.p[n]) && s.p[n] != '/')
		n++;
	struct text name, version;
	if (!split_rpm(text_of((const char *)s.p, n), &name, &version))
		return;
	struct origin o = { product_packaged(name, version), version, name, true, false };
	if (o.product)
		add_once(file, &o, COMPONENT_DEBUG, list);
}

void component_origin_find(const struct component_file *file, struct component_list *list)
{
	static const char suffix[] = ".debug", shared[] = ".dwz/";
	struct span bytes = file->bytes;
	for (uint64_t at = 0; at < bytes.n;) {
		const uint8_t *slash = holes_memchr(span_from(bytes, at), '/');
		struct path p;
		if (!slash)
			break;
		if (path_at(bytes, (uint64_t)(slash - bytes.p), &p, &at))
			try_path(file, &p, list);
	}
	for (struct span s = bytes; s.n;) {
		const uint8_t *dot = holes_memchr(s, '.');
		if (!dot)
			break;
		s = span_from(bytes, (uint64_t)(dot - bytes.p) + 1);
		if (!s.n || *s.p != 'd')
			continue;
		struct span here = span_from(bytes, (uint64_t)(dot - bytes.p));
		if (span_has(here, 0, suffix, sizeof suffix - 1) && (here.n == sizeof suffix - 1 || !is_of_path(here.p[sizeof suffix - 1])))
			try_debug(file, (uint64_t)(dot - bytes.p), list);
		else if (span_has(here, 0, shared, sizeof shared - 1))
			try_shared(file, (uint64_t)(dot - bytes.p) + sizeof shared - 1, list);
	}
}

void component_origin_few(const struct component_file *file, struct component_list *list)
{
	struct span bytes = file->bytes;
	for (uint64_t at = 0; at < bytes.n;) {
		const uint8_t *slash = holes_memchr(span_from(bytes, at), '/');
		struct path p;
		struct origin o;
		if (!slash)
			break;
		if (!path_at(bytes, (uint64_t)(slash - bytes.p), &p, &at))
			continue;
		for (size_t i = 1; i < p.n; i++)
			if (is_installed(&p, i, &o) && !component_is_of_everybody(o.product) && is_for_itself(&p, i, o.product))
				add_once(file, &o, COMPONENT_CONTEXT, list);
	}
}
