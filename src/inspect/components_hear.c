/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a string tells the product that it is of: by its usage, an address, a folder, a source file, a word of `context`.
 * components_hear_names.c looks for names within it. */
#include "inspect/components_hear.h"

/* So many parts of an address are looked at. */
#define ADDRESS_PARTS_MAX 8u
/* The shortest name in passing. */
#define PASSING_MIN 3u

void component_say(struct saying *said, const struct product *product, enum strength strength)
{
	bool anybodys = strength <= SAID_BESIDE && product && (component_is_of_everybody(product) || component_is_host(product));
	if (!product || anybodys || (said->product && strength < said->strength))
		return;
	said->several = said->product && strength == said->strength && (said->several || said->product != product);
	said->product = product;
	said->strength = strength;
}

/* "corosync.conf", "stunnel.pid": the name before what a file is. */
static struct text without_kind(struct text name)
{
	static const char *const kinds[] = { ".conf", ".cfg", ".ini", ".pid", ".sock", ".socket", ".log",
										 ".d",   ".lock", "rc", "-devel", "-bugs", "-users", "-dev" };
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (text_ends(name, kinds[i]) && name.n > strlen(kinds[i]) + NAME_MIN)
			return text_of(name.p, name.n - strlen(kinds[i]));
	return name;
}

/* What is called so, and nothing else: no "timeout", which is one of many programs of a product. */
static const struct product *known_as(struct text name)
{
	const struct product *product = name.n >= NAME_MIN ? product_of_context(name) : NULL;
	if (!product && name.n >= NAME_MIN)
		product = product_named(name);
	return product;
}

static const struct product *called(struct text name)
{
	const struct product *product = known_as(name);
	return product ? product : known_as(without_kind(name));
}

/* ---- what a string says ---- */

/* "Usage: dnsmasq [options]", "Try `dnsmasq --help'" */
static void hear_usage(struct saying *said, struct text s)
{
	static const char *const words[] = { "Usage: ", "usage: ", "USAGE: ", "Usage:\t", "Try `", "Try '", "try `", "try '" };
	for (size_t i = 0; i < COUNT(words); i++) {
		const char *at = memmem(s.p, s.n, words[i], strlen(words[i]));
		if (!at || (at > s.p && ascii_is_alnum(at[-1])))
			continue;
		struct text rest = behind(s, (size_t)(at - s.p) + strlen(words[i]));
		while (rest.n && rest.p[0] == ' ')
			rest = behind(rest, 1);
		component_say(said, called(name_at(rest)), SAID_PLAINLY);
	}
}

/* "bug-sed@gnu.org"; "ntfs-3g-devel@lists.sf.net" is a list, where others may be spoken of, too. */
static void hear_bugs(struct saying *said, struct text s)
{
	const char *mark = s.n ? memchr(s.p, '@', s.n) : NULL;
	size_t n = 0, end = mark ? (size_t)(mark - s.p) : 0;
	while (n < end && is_of_word(s.p[end - n - 1]))
		n++;
	struct text name = text_of(s.p + end - n, n);
	if (text_starts(name, "bug-"))
		component_say(said, product_named(behind(name, 4)), SAID_PLAINLY);
	else if (name.n && without_kind(name).n < name.n)
		component_say(said, called(name), SAID_BESIDE);
}

/* "dnsmasq version %s" */
static void hear_format(struct saying *said, const struct component_file *file, struct text s)
{
	const char *percent = memmem(s.p, s.n, "%s", 2);
	struct text before = text_of(s.p, percent ? (size_t)(percent - s.p) : 0), lead;
	/* "MOST version %s (S-Lang version %s)": which is it? */
	if (component_is_row(before) || text_has(behind(s, before.n + 2), " version %s"))
		return;
	const struct product *product = component_name_before(file, before, &lead);
	if (product && !component_is_mention(lead) && s.p[before.n - 1] != '=') /* no row of what is built in */
		component_say(said, product, SAID_PLAINLY);
}

/* "/etc/cgitrc": the settings of what has a name of four letters, but of nothing that many others read. */
static const struct product *product_of_settings(struct text name)
{
	bool settings = name.n == NAME_MIN + 2 && text_ends(name, "rc");
	const struct product *product = settings ? product_named(text_of(name.p, NAME_MIN)) : NULL;
	return product && !component_is_spoken_of(product) ? product : NULL;
}

/* "/etc/dnsmasq.conf", "/var/run/dnsmasq/", "/.dnsmasqrc" */
static void hear_folders(struct saying *said, struct text s)
{
	static const char *const folders[] = { "/etc/", "/run/",   "/lib/",   "/share/", "/libexec/",
										   "/log/", "/cache/", "/spool/", "/.",      "/.config/" };
	for (size_t i = 0; i < COUNT(folders); i++)
		for (struct text t = s; t.n;) {
			const char *at = memmem(t.p, t.n, folders[i], strlen(folders[i]));
			if (!at)
				break;
			t = behind(t, (size_t)(at - t.p) + strlen(folders[i]));
			const struct product *product = called(name_at(t));
			component_say(said, product || i > 0 ? product : product_of_settings(name_at(t)), SAID_BESIDE);
		}
}

/* "liblo-tools": the package of that name, or what is called so but for a part of the product. Plug-ins, clients and tools are as
 * often another project's ("audacious-plugins", "mesa-utils"), but for those of a library: "libbpf-tools" is the only other one
 * that Debian has. */
static const struct product *product_of_binary_package(struct text name)
{
	static const char *const parts[] = { "-bin", "-common", "-extra", "-base", "-progs", "-server", "-clients", "-tools", "-utils" };
	const struct product *product = product_of_package(name);
	product = product ? product : product_named(name);
	size_t n = text_starts(name, "lib") && !text_is(name, "libbpf-tools") ? COUNT(parts) : COUNT(parts) - 2;
	for (size_t i = 0; !product && i < n; i++)
		if (text_ends(name, parts[i])) {
			struct text whole = text_of(name.p, name.n - strlen(parts[i]));
			product = product_of_package(whole);
			product = product ? product : product_named(whole);
		}
	return product;
}

/* "/usr/lib/debug/.dwz/x86_64-linux-gnu/gnome-shell.debug": where debhelper has dwz(1) keep what a package's
 * programs share. */
static void hear_debug_file(struct saying *said, struct text s)
{
	struct text name = text_base(s);
	if (!text_has(s, "/.dwz/") || !text_ends(name, ".debug"))
		return;
	name.n -= strlen(".debug");
	component_say(said, product_of_binary_package(name), SAID_BY_PACKAGE);
}

/* "http://packages.qa.debian.org/gst-plugins-base1.0", "https://launchpad.net/distros/ubuntu/+source/gst-plugins-base1.0": where a
 * distribution says what package it built. */
static void hear_package_page(struct saying *said, struct text s)
{
	static const char *const pages[] = { "packages.qa.debian.org/", "tracker.debian.org/pkg/", "tracker.debian.org/", "/+source/" };
	for (size_t i = 0; i < COUNT(pages); i++) {
		const char *at = text_starts(s, "http") ? memmem(s.p, s.n, pages[i], strlen(pages[i])) : NULL;
		struct text name = at ? behind(s, (size_t)(at - s.p) + strlen(pages[i])) : text_of(s.p, 0);
		if (name.n && name_at(name).n == name.n)
			component_say(said, product_of_binary_package(name), SAID_BY_PACKAGE);
	}
}

/* A name that only this product would have: no word of a language, and none that many other programs speak of. */
const struct product *component_named_in_passing(struct text name)
{
	char lower[NAME_LENGTH_MAX];
	if (name.n < PASSING_MIN || name.n > sizeof lower)
		return NULL;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = ascii_is_upper(name.p[i]) ? (char)(name.p[i] | 0x20) : name.p[i];
	const struct product *product = product_named(text_of(lower, name.n));
	return product && !component_is_spoken_of(product) ? product : NULL;
}

/* "ControlCenter", "control-center": as GNOME's programs have it in their names, with "gnome-" or without. */
static const struct product *product_of_gnome(struct text name)
{
	char lower[NAME_LENGTH_MAX] = "gnome-";
	const size_t prefix = strlen(lower);
	size_t n = prefix;
	for (size_t i = 0; i < name.n && n + 1 < sizeof lower; i++) {
		bool capital = ascii_is_upper(name.p[i]);
		if (capital && i > 0 && ascii_is_lower(name.p[i - 1]))
			lower[n++] = '-';
		lower[n++] = capital ? (char)(name.p[i] | 0x20) : name.p[i];
	}
	const struct product *product = name.n >= NAME_MIN && n + 1 < sizeof lower ? product_named(text_of(lower, n)) : NULL;
	return product ? product : component_named_in_passing(text_of(lower + prefix, n - prefix));
}

/* "/org/gnome/control-center/network/page.ui": a file that a program of GNOME has within it. "/org/gnome/SettingsDaemon/Power",
 * "org.gnome.ControlCenter" and "/org/gnome/desktop/interface/" are called and read by others, too. */
static void hear_gnome(struct saying *said, struct text s)
{
	static const char path[] = "/org/gnome/";
	static const char *const kinds[] = { ".ui", ".css", ".svg", ".png", ".xml", ".gresource", ".js", ".json" };
	struct text rest = text_starts(s, path) ? behind(s, sizeof path - 1) : text_of(s.p, 0);
	bool within = false;
	for (size_t i = 0; i < COUNT(kinds); i++)
		within = within || text_ends(rest, kinds[i]);
	size_t n = 0;
	while (n < rest.n && (ascii_is_alnum(rest.p[n]) || rest.p[n] == '-'))
		n++;
	if (within && n < rest.n && rest.p[n] == '/')
		component_say(said, product_of_gnome(text_of(rest.p, n)), SAID_BESIDE);
}

/* "librabbitmq": the product that has a library of that name, and "libcrun" for what is called without "lib". */
static const struct product *product_of_library(struct text name)
{
	char file[NAME_LENGTH_MAX];
	const struct product *owners[2];
	if (!text_starts(name, "lib") || name.n + strlen(".so") > sizeof file)
		return NULL;
	memcpy(file, name.p, name.n);
	memcpy(file + name.n, ".so", strlen(".so"));
	if (product_owners(text_of(file, name.n + strlen(".so")), owners, 2) == 1)
		return owners[0];
	return component_named_in_passing(behind(name, strlen("lib")));
}

/* "./librabbitmq/amqp_mem.c", "CODE_FILE=src/libcrun/error.c": a source file (__FILE__) in a folder of the sources that is called like
 * the product. What a product has of others stands deeper ("third_party/"), or is called a library without being one. */
static void hear_source(struct saying *said, struct text s)
{
	static const char *const starts[] = { "CODE_FILE=", "./", "../", "../", "src/", "source/", "lib/", "libs/" };
	static const char *const ends[] = { ".c", ".cc", ".cpp", ".cxx", ".C" };
	bool source = false;
	for (size_t i = 0; i < COUNT(ends); i++)
		source = source || text_ends(s, ends[i]);
	for (size_t i = 0; i < COUNT(starts) && source; i++)
		if (text_starts(s, starts[i]))
			s = behind(s, strlen(starts[i]));
	size_t n = 0;
	while (n < s.n && is_of_word(s.p[n]))
		n++;
	if (!source || n < NAME_MIN || n == s.n || s.p[n] != '/' || memchr(s.p, ' ', s.n))
		return;
	const struct product *product = component_named_in_passing(text_of(s.p, n));
	product = product ? product : product_of_library(text_of(s.p, n));
	if (product && !component_is_spoken_of(product))
		component_say(said, product, SAID_BESIDE);
}

/* "github.com/mendersoftware/mender/app": a package of Go, of the program or of a module that it uses. Of what many programs
 * speak the project has the name, too. */
static void hear_module(struct saying *said, struct text s)
{
	static const char site[] = "github.com/";
	const char *at = memmem(s.p, s.n, site, sizeof site - 1);
	struct text owner = at ? behind(s, (size_t)(at - s.p) + sizeof site - 1) : text_of(s.p, 0);
	const char *slash = owner.n ? memchr(owner.p, '/', owner.n) : NULL;
	struct text name = name_at(behind(owner, slash ? (size_t)(slash - owner.p) + 1 : owner.n));
	const char *dot = name.n ? memchr(name.p, '.', name.n) : NULL;
	name.n = dot ? (size_t)(dot - name.p) : name.n;
	const struct product *product = known_as(name);
	if (product && (!component_is_spoken_of(product) || (owner.n > name.n && memcmp(owner.p, name.p, name.n) == 0)))
		component_say(said, product, SAID_IN_PASSING);
}

/* "https://www.dnsmasq.org/", "https://github.com/x/dnsmasq": each part of the address, but the program that serves it, and a
 * project that keeps other products, too. */
static void hear_address(struct saying *said, struct text s)
{
	const char *at = memmem(s.p, s.n, "://", 3);
	struct text t = at ? behind(s, (size_t)(at - s.p) + 3) : text_of(s.p, 0);
	if (!at)
		hear_module(said, s);
	for (size_t parts = 0; t.n && parts < ADDRESS_PARTS_MAX && (is_of_word(t.p[0]) || strchr("/#~", t.p[0])); parts++) {
		size_t n = 0;
		while (n < t.n && is_of_word(t.p[n]) && t.p[n] != '.')
			n++;
		struct text part = text_of(t.p, n);
		if (!text_is(part, "cgit") && !text_is(part, "gitlab") && !text_is(part, "redmine") && !text_is(part, "faac"))
			component_say(said, called(part), SAID_BESIDE);
		t = behind(t, n + 1);
	}
}

/* "gsasl_init": a symbol, maybe of what the program is linked to. */
bool component_is_identifier(struct text s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}

/* What words of `context` say; of a library, "gsasl_init failed" is said by what calls it, too. */
static void hear_context(struct saying *said, struct text s)
{
	struct component_speech speech = { 0 };
	component_speaks(&speech, s);
	if (!speech.product || speech.mention || speech.several)
		return;
	if (component_is_identifier(s) || (speech.symbol && component_has_library(speech.product)))
		component_say_symbol(said, speech.product, s);
	else if (component_is_host(speech.product))
		component_say(said, speech.product, SAID_BESIDE);
	else
		component_say(said, speech.product, SAID_PLAINLY);
}

/* "fsck_chk_xattr_blk": what a program calls something of its own. Another one may have called something so. */
static void hear_identifier(struct saying *said, struct text s)
{
	const struct product *product = product_of_identifier(s);
	if (product && !component_is_host(product))
		component_say(said, product, SAID_IN_PASSING);
}

void component_hear(struct saying *said, const struct component_file *file, struct text s)
{
	if (!text_starts(s, "/org/gnome/")) /* "/org/gnome/RemoteDesktop/Pcscd" */
		hear_context(said, s);
	hear_gnome(said, s);
	component_say(said, product_of_text(s), SAID_BY_TEXT);
	hear_usage(said, s);
	hear_bugs(said, s);
	hear_format(said, file, s);
	hear_folders(said, s);
	hear_debug_file(said, s);
	hear_package_page(said, s);
	hear_source(said, s);
	hear_address(said, s);
	component_hear_words(said, s);
	component_hear_beginning(said, s);
	if (!said->product)
		hear_identifier(said, s);
	if (!said->product)
		component_hear_library(said, s);
	if (!said->product)
		component_hear_names(said, s);
}
