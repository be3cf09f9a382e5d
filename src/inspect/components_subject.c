/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few strings of a program, one of them a version without a name: of which product all of them speak.
 *
 * The best that they say counts, in the order of `enum strength`. Where there are more strings, one of them that names a product
 * says too little: it may be spoken of. Two products that are named equally well are none. components_nameless.c finds the
 * version.
 */
#include <strings.h>

#include "inspect/components.h"
#include "inspect/components_letters.h"

#define NAME_MIN 4u
#define NAME_LENGTH_MAX 40u
#define WORD_MIN 5u
#define PRODUCTS_MAX 16u
#define ADDRESS_PARTS_MAX 8u
/* Of more strings two at least must name the product. */
#define STRINGS_FEW 6u
/* Strings that must name it, where each of them does so in passing, and the shortest such name. */
#define STRINGS_PASSING 2u
#define PASSING_MIN 3u
/* A text of more words is prose. */
#define WORDS_PLAIN 3u
/* So many words a name of `self` has at most. */
#define WORDS_SELF 4u
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* How a string tells a product, the best last. */
enum strength {
	SAID_FAINTLY,    /* its title, where many programs speak of it: in two strings */
	SAID_IN_PASSING, /* its name anywhere, in prose or as a part of an identifier, or a function of its library: in two strings */
	SAID_BESIDE,     /* its name by itself, in an identifier, a folder, an address, a name of D-Bus, a list for faults */
	SAID_PLAINLY,    /* its name where a program tells it: its usage, its version, its package, the address for faults */
	SAID_BY_TEXT,    /* a text that no other product has */
	SAID_BY_PACKAGE, /* the package that it is from: no program has the name of another's debug symbols */
	STRENGTHS
};

/* How many strings speak of a product, by the best that each says. */
struct spoken {
	const struct product *product;
	size_t strings[STRENGTHS];
	bool library; /* one of them is the name of a library's file: more of these are what the program is linked to */
};

struct said {
	struct spoken v[PRODUCTS_MAX];
	size_t n;
	size_t nstrings; /* whatever they say */
	bool full;       /* more are named than there is room for: which is meant is not known */
};

/* What one string says: no more than one product counts. */
struct saying {
	const struct product *product;
	enum strength strength;
	bool several;
	bool library;
};

static void say(struct saying *said, const struct product *product, enum strength strength)
{
	bool anybodys = strength <= SAID_BESIDE && product && (component_is_of_everybody(product) || component_is_host(product));
	if (!product || anybodys || (said->product && strength < said->strength))
		return;
	said->several = said->product && strength == said->strength && (said->several || said->product != product);
	said->product = product;
	said->strength = strength;
}

static void count(struct said *said, const struct saying *one)
{
	size_t i = 0;
	while (i < said->n && said->v[i].product != one->product)
		i++;
	bool room = i < PRODUCTS_MAX;
	said->full = said->full || (!room && one->strength > SAID_IN_PASSING);
	if (!room)
		return;
	said->n = i == said->n ? i + 1 : said->n;
	struct spoken *v = &said->v[i];
	v->product = one->product;
	v->strings[one->strength] += !(one->library && v->library);
	v->library = v->library || one->library;
}

static struct text name_at(struct text t)
{
	size_t n = 0;
	while (n < t.n && is_of_word(t.p[n]))
		n++;
	while (n > 0 && !ascii_is_alnum(t.p[n - 1]) && t.p[n - 1] != '+')
		n--;
	return text_of(t.p, n);
}

static struct text behind(struct text t, size_t n)
{
	return n < t.n ? text_of(t.p + n, t.n - n) : text_of(t.p + t.n, 0);
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
		say(said, called(name_at(rest)), SAID_PLAINLY);
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
		say(said, product_named(behind(name, 4)), SAID_PLAINLY);
	else if (name.n && without_kind(name).n < name.n)
		say(said, called(name), SAID_BESIDE);
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
		say(said, product, SAID_PLAINLY);
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
			say(said, product || i > 0 ? product : product_of_settings(name_at(t)), SAID_BESIDE);
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
	say(said, product_of_binary_package(name), SAID_BY_PACKAGE);
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
			say(said, product_of_binary_package(name), SAID_BY_PACKAGE);
	}
}

/* A name that only this product would have: no word of a language, and none that many other programs speak of. */
static const struct product *named_in_passing(struct text name)
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
	return product ? product : named_in_passing(text_of(lower + prefix, n - prefix));
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
		say(said, product_of_gnome(text_of(rest.p, n)), SAID_BESIDE);
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
	return named_in_passing(behind(name, strlen("lib")));
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
	const struct product *product = named_in_passing(text_of(s.p, n));
	product = product ? product : product_of_library(text_of(s.p, n));
	if (product && !component_is_spoken_of(product))
		say(said, product, SAID_BESIDE);
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
		say(said, product, SAID_IN_PASSING);
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
			say(said, called(part), SAID_BESIDE);
		t = behind(t, n + 1);
	}
}

/* "openvpn failed to start", "Node %x Heartbeat publish status": words that speak of something. */
static bool is_prose(struct text s)
{
	size_t words = 1;
	for (size_t i = 1; i < s.n; i++)
		words += s.p[i - 1] == ' ' && s.p[i] != ' ';
	return words > WORDS_PLAIN;
}

/* "genromfs: no device", "openvpn [options] ...": what is told by a name that ends at `end`, even in prose. */
static bool is_marked(struct text s, size_t end)
{
	return end < s.n && (strchr(":(/[", s.p[end]) || (s.n - end > 1 && s.p[end] == ' ' && strchr("%v(", s.p[end + 1])));
}

/* "Open vSwitch sFlow": what names itself with several words, the longest of them. */
static struct text words_at(struct text s, size_t n)
{
	struct text longest = text_of(s.p, n);
	for (size_t end = n, words = 1; words < WORDS_SELF && end < s.n && s.p[end] == ' '; words++) {
		end++;
		while (end < s.n && is_of_word(s.p[end]))
			end++;
		if (product_of_word(text_of(s.p, end)) && !(end < s.n && s.p[end] == ':')) /* no row "GNU SASL: %s" */
			longest = text_of(s.p, end);
	}
	return longest;
}

/* A word by which the product names itself: the whole string, or what it begins with, or in capitals; but not in prose, nor as
 * something that is built in or wanted. */
static void hear_words(struct saying *said, struct text s)
{
	bool prose = is_prose(s);
	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		while (at + n < s.n && is_of_word(s.p[at + n]))
			n++;
		struct text word = words_at(behind(s, at), name_at(text_of(s.p + at, n)).n);
		bool own = at == 0 || (word.n && ascii_is_upper(word.p[0]));
		struct text lead = text_of(s.p, at);
		bool enough = word.n >= WORD_MIN || (word.n + 1 >= NAME_MIN && word.n == s.n);
		bool listed = at + n < s.n && s.p[at + n] == ';'; /* "wayland;ibus" */
		if (own && enough && !listed && (!prose || is_marked(s, at + word.n)) && !component_is_mention(lead) && !text_ends(lead, "::"))
			say(said, product_of_word(word), SAID_BESIDE);
		at += n ? n : 1;
	}
}

/* "unable", "VipsForeign": letters and digits, or only those before another word begins. */
static size_t part_length(struct text word, bool hump)
{
	size_t n = 0;
	while (n < word.n && ascii_is_alnum(word.p[n]) && !(hump && n > 0 && ascii_is_lower(word.p[n - 1]) && !ascii_is_lower(word.p[n])))
		n++;
	return n;
}

/* "at_spi2_core_init": where a name with "-" stands as an identifier has it, the longest one at the beginning. */
static const struct product *joined_in_passing(struct text word)
{
	char name[NAME_LENGTH_MAX];
	const struct product *product = NULL;
	size_t most = word.n < sizeof name ? word.n : sizeof name, joints = 0;
	for (size_t i = 0; i < most; i++) {
		joints += word.p[i] == '_';
		name[i] = word.p[i] == '_' ? '-' : word.p[i];
		bool ends = i + 1 == word.n || !ascii_is_alnum(word.p[i + 1]);
		const struct product *longer = joints && ends && name[i] != '-' ? named_in_passing(text_of(name, i + 1)) : NULL;
		product = longer ? longer : product;
	}
	return product;
}

/* "net.connman.Error": the whole word or, where nothing is called so, one of its parts or what a part begins with. */
static const struct product *part_in_passing(struct text word)
{
	const struct product *product = named_in_passing(word);
	product = product ? product : joined_in_passing(word);
	for (struct text t = word; !product && t.n; t = behind(t, part_length(t, false) + 1)) {
		product = named_in_passing(text_of(t.p, part_length(t, false)));
		if (!product)
			product = named_in_passing(text_of(t.p, part_length(t, true)));
	}
	return product;
}

/* "janus_ice_debug", "_janus_auth_init", where "janus_" is a word of `context`: the longest such beginning. */
static const struct product *begun_in_passing(struct text word)
{
	const struct product *product = NULL;
	while (word.n && word.p[0] == '_')
		word = behind(word, 1);
	for (size_t n = word.n; !product && n > PASSING_MIN; n--)
		if (word.p[n - 1] == '_')
			product = product_of_context(text_of(word.p, n));
	return product;
}

/* "FFmpeg", "Motion: no device": a title as it is written, of what is called like no word without its capitals. */
static const struct product *titled(struct text word)
{
	char lower[NAME_LENGTH_MAX];
	bool capital = false;
	if (word.n < NAME_MIN || word.n > sizeof lower)
		return NULL;
	for (size_t i = 0; i < word.n; i++) {
		capital = capital || ascii_is_upper(word.p[i]);
		lower[i] = ascii_is_upper(word.p[i]) ? (char)(word.p[i] | 0x20) : word.p[i];
	}
	const struct product *product = capital ? product_named(text_of(lower, word.n)) : NULL;
	return product && text_is(word, product_strings + product->title) ? product : NULL;
}

/* "libdatrie.so.1", all of the string: the library's own name, or what the program is linked to, as a function may be. Of several
 * libraries ("libgobject-2.0.so.0", "libglib-2.0.so.0") one at most is its own. */
static void hear_library(struct saying *said, struct text s)
{
	const char *at = memmem(s.p, s.n, ".so", 3);
	struct text stem = text_of(s.p, at ? (size_t)(at - s.p) + 3 : 0), rest = behind(s, stem.n);
	const struct product *owners[2];
	if (!stem.n || name_at(s).n != s.n || (rest.n && (rest.n < 2 || rest.p[0] != '.' || !ascii_is_digit(rest.p[1]))))
		return;
	if (product_owners(s, owners, 2) != 1 || component_is_spoken_of(owners[0]))
		return;
	say(said, owners[0], SAID_IN_PASSING);
	said->library = true;
}

/* "net.connman.Error", "VIPS_ALIGN_HIGH", "unable to open dpkg status". A shared library is rather what is needed. */
static void hear_names(struct saying *said, struct text s)
{
	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		while (at + n < s.n && is_of_word(s.p[at + n]))
			n++;
		struct text word = name_at(text_of(s.p + at, n));
		if (word.n && !text_has(word, ".so") && !component_is_mention(text_of(s.p, at))) {
			say(said, part_in_passing(word), SAID_IN_PASSING);
			say(said, begun_in_passing(word), SAID_IN_PASSING);
			if (!text_ends(text_of(s.p, at), "::"))
				say(said, titled(word), SAID_FAINTLY);
		}
		at += n ? n : 1;
	}
}

/* "gsasl_init": a symbol, maybe of what the program is linked to. */
static bool is_identifier(struct text s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}

/* An identifier with the product's name: it may be a function of a library that the program calls. */
static void say_symbol(struct saying *said, const struct product *product, struct text symbol)
{
	const char *name = product ? product_strings + product->name : "";
	bool bare = symbol.n == strlen(name) && strncasecmp(symbol.p, name, symbol.n) == 0; /* no function is called so */
	say(said, product, product && component_has_library(product) && !bare ? SAID_IN_PASSING : SAID_BESIDE);
}

/* ---- what a name begins with ---- */

/* "RedisModule_OnLoad", "GDALAllRegister", "gdImageClone": where a word of it begins, the longest beginning that is a word of
 * `context`. A word with "_" at its end is for begun_in_passing(). */
static const struct product *product_of_beginning(struct text name)
{
	for (size_t n = name.n; n >= NAME_MIN; n--) {
		if (name.p[n - 1] == '_')
			continue;
		bool new_word = n == name.n || name.p[n] == '_' || (ascii_is_upper(name.p[n]) && !ascii_is_upper(name.p[n - 1])) ||
						(ascii_is_upper(name.p[n]) && n + 1 < name.n && ascii_is_alnum(name.p[n + 1]) && !ascii_is_upper(name.p[n + 1]));
		const struct product *product = new_word ? component_of_beginning(name, n) : NULL;
		if (product)
			return product;
	}
	return NULL;
}

/* "_ZN6LibRaw6mallocEm", "_ZTV14CZNCTagHandler", "*N11libmatroska8KaxBlockE": the outermost name in the name of a symbol or a
 * type of C++ (Itanium C++ ABI, 5.1), but not of its standard library ("St"). */
static struct text name_of_cpp(struct text s)
{
	size_t at = 0, length = 0;
	while (at < s.n && strchr("*_ZTVISNKL", s.p[at]))
		at++;
	size_t from = at;
	while (at < s.n && at - from < 3 && s.p[at] >= '0' && s.p[at] <= '9')
		length = 10 * length + (size_t)(s.p[at++] - '0');
	return at > from && length >= NAME_MIN && length <= s.n - at ? text_of(s.p + at, length) : text_of(s.p, 0);
}

/* "Json::Value" of "_ZN4Json5ValueC1Ev": the outermost name and the one within it, in `room`. */
static struct text nested_of_cpp(struct text s, struct text outer, char room[NAME_LENGTH_MAX])
{
	struct text rest = behind(s, (size_t)(outer.p - s.p) + outer.n);
	size_t at = 0, length = 0;
	while (at < rest.n && at < 3 && ascii_is_digit(rest.p[at]))
		length = 10 * length + (size_t)(rest.p[at++] - '0');
	if (at == 0 || length == 0 || length > rest.n - at || outer.n + 2 + length > NAME_LENGTH_MAX)
		return text_of(room, 0);
	memcpy(room, outer.p, outer.n);
	memcpy(room + outer.n, "::", 2);
	memcpy(room + outer.n + 2, rest.p + at, length);
	return text_of(room, outer.n + 2 + length);
}

/* "net.connman.iwd.p2p.Device": a name of D-Bus, whose beginning is a word of `context`. */
static const struct product *product_of_bus_name(struct text s)
{
	for (size_t n = s.n; n > NAME_MIN; n--) {
		const struct product *product = n == s.n || s.p[n] == '.' ? product_of_context(text_of(s.p, n)) : NULL;
		if (product && memchr(s.p, '.', n))
			return product;
	}
	return NULL;
}

/* Whether a program is called like it, and no library ("libexiv2.so", "libbotan-2.so"). */
static bool is_program(const struct product *product)
{
	const char *name = product_strings + product->name;
	size_t n = strlen(name);
	for (const char *at = product_strings + product->files; *at;) {
		const char *end = strchrnul(at, ' '), *rest = at + 3 + n;
		bool library = (size_t)(end - at) > 3 + n + 1 && memcmp(at, "lib", 3) == 0 && strncasecmp(at + 3, name, n) == 0;
		if (library && (rest[0] == '.' || (rest[0] == '-' && ascii_is_digit(rest[1]))))
			return false;
		at = end + (*end == ' ');
	}
	return product_owns_file(product, text_of(name, n));
}

/* "Konsole" of "_ZNK7Konsole7Session4nameEv": a namespace that is called like a program. Three names at least, or "Screen::draw" of
 * any program would be the product; and none of a library, which is in whatever calls it, too. */
static void say_namespace(struct saying *said, struct text name, struct text nested, struct text s)
{
	char lower[NAME_LENGTH_MAX];
	for (size_t i = 0; i < name.n && i < sizeof lower; i++)
		lower[i] = ascii_is_upper(name.p[i]) ? (char)(name.p[i] | 0x20) : name.p[i];
	/* behind the two names and the digits between them stands a third, or a constructor */
	size_t length = nested.n - name.n - strlen("::");
	struct text rest = behind(s, (size_t)(name.p - s.p) + name.n + (length < 10 ? 1 : 2) + length);
	bool goes_on = rest.n && (ascii_is_digit(rest.p[0]) || (rest.n > 1 && strchr("CD", rest.p[0]) && ascii_is_digit(rest.p[1])));
	const struct product *product = goes_on && name.n <= sizeof lower ? product_named(text_of(lower, name.n)) : NULL;
	if (product && is_program(product) && !component_is_spoken_of(product))
		say(said, product, SAID_IN_PASSING);
}

static void hear_beginning(struct saying *said, struct text s)
{
	struct text name = name_of_cpp(s);
	if (is_identifier(s))
		say_symbol(said, product_of_beginning(s), s);
	char room[NAME_LENGTH_MAX];
	struct text nested = name.n ? nested_of_cpp(s, name, room) : name;
	const struct product *within = nested.n ? product_of_beginning(nested) : NULL;
	if (within)
		say_symbol(said, within, nested);
	else if (name.n)
		say_symbol(said, product_of_beginning(name), name);
	if (name.n >= WORD_MIN && nested.n)
		say_namespace(said, name, nested, s);
	if (name_at(s).n == s.n && memchr(s.p, '.', s.n))
		say(said, product_of_bus_name(s), SAID_BESIDE);
}

/* What words of `context` say; of a library, "gsasl_init failed" is said by what calls it, too. */
static void hear_context(struct saying *said, struct text s)
{
	struct component_speech speech = { 0 };
	component_speaks(&speech, s);
	if (!speech.product || speech.mention || speech.several)
		return;
	if (is_identifier(s) || (speech.symbol && component_has_library(speech.product)))
		say_symbol(said, speech.product, s);
	else if (component_is_host(speech.product))
		say(said, speech.product, SAID_BESIDE);
	else
		say(said, speech.product, SAID_PLAINLY);
}

static void hear(struct said *said, const struct component_file *file, struct text s)
{
	struct saying one = { 0 };
	if (!text_starts(s, "/org/gnome/")) /* "/org/gnome/RemoteDesktop/Pcscd" */
		hear_context(&one, s);
	hear_gnome(&one, s);
	say(&one, product_of_text(s), SAID_BY_TEXT);
	hear_usage(&one, s);
	hear_bugs(&one, s);
	hear_format(&one, file, s);
	hear_folders(&one, s);
	hear_debug_file(&one, s);
	hear_package_page(&one, s);
	hear_source(&one, s);
	hear_address(&one, s);
	hear_words(&one, s);
	hear_beginning(&one, s);
	if (!one.product)
		hear_library(&one, s);
	if (!one.product)
		hear_names(&one, s);
	if (one.product && !one.several)
		count(said, &one);
}

/* How many strings speak of the product in that way or a better one. */
static size_t strings_of(const struct said *said, size_t i, enum strength strength)
{
	size_t strings = 0;
	for (size_t k = strength; k < STRENGTHS; k++)
		strings += said->v[i].strings[k];
	return strings;
}

/* The only product of which so many strings at least speak in that way; NULL: none does, or two do, which is said, too. */
static const struct product *only_said(const struct said *said, enum strength strength, size_t needed, bool *several)
{
	const struct product *product = NULL;
	for (size_t i = 0; i < said->n; i++) {
		if (!said->v[i].strings[strength] || strings_of(said, i, strength) < needed)
			continue;
		if (product) {
			*several = true;
			return NULL;
		}
		product = said->v[i].product;
	}
	return product;
}

/* Of two products the one that two strings name plainly, where a single text is said to be the other's: that may be a third
 * one's, too. */
static const struct product *outspoken(const struct said *said, const struct product *plain, const struct product *text)
{
	size_t of_plain = 0, of_text = 0;
	for (size_t i = 0; i < said->n; i++) {
		of_plain += said->v[i].product == plain ? strings_of(said, i, SAID_PLAINLY) : 0;
		of_text += said->v[i].product == text ? strings_of(said, i, SAID_IN_PASSING) : 0;
	}
	return of_plain >= 2 && of_text < 2 ? plain : NULL;
}

/* Of a product that cannot have that version the strings do not speak. False: one of those is told too well to be left out, so that the
 * version is that of something within it. */
static bool leave_out(struct said *said, struct text version)
{
	size_t kept = 0;
	for (size_t i = 0; i < said->n; i++) {
		if (product_may_be(said->v[i].product, version))
			said->v[kept++] = said->v[i];
		else if (strings_of(said, i, SAID_PLAINLY) > 0)
			return false;
	}
	said->n = kept;
	return true;
}

static void hear_all(const struct component_file *file, struct said *said)
{
	struct span b = file->bytes;
	for (size_t at = 0; at < b.n;) {
		size_t n = 0;
		while (at + n < b.n && is_printable(b.p[at + n]))
			n++;
		if (n >= NAME_MIN - 1)
			hear(said, file, text_of((const char *)b.p + at, n));
		said->nstrings += n >= NAME_MIN - 1;
		at += n + 1;
	}
}

static const struct product *subject_of(const struct said *said)
{
	size_t needed = said->nstrings > STRINGS_FEW ? 2 : 1;
	bool several = said->full;
	const struct product *package = several ? NULL : only_said(said, SAID_BY_PACKAGE, 1, &several);
	if (package)
		return package;
	const struct product *text = several ? NULL : only_said(said, SAID_BY_TEXT, needed, &several);
	const struct product *plain = several ? NULL : only_said(said, SAID_PLAINLY, needed, &several);
	if (!several && text && plain && text != plain)
		return outspoken(said, plain, text);
	if (several || text || plain)
		return several ? NULL : text ? text : plain;
	const struct product *beside = only_said(said, SAID_BESIDE, needed, &several);
	if (several || beside)
		return beside;
	const struct product *passing = only_said(said, SAID_IN_PASSING, STRINGS_PASSING, &several);
	if (several || passing)
		return passing;
	return only_said(said, SAID_FAINTLY, STRINGS_PASSING, &several);
}

/* What an extension of Python is called by, "orjson" of "orjson.cpython-313-riscv64-linux-gnu.so": "python-orjson". */
static const struct product *product_of_extension(struct text name)
{
	char room[NAME_LENGTH_MAX] = "python-";
	size_t prefix = strlen(room);
	if (name.n > sizeof room - prefix)
		return NULL;
	memcpy(room + prefix, name.p, name.n);
	return product_named(text_of(room, prefix + name.n));
}

/* What begins a file's name before `end`: the product of that name, but no plug-in or module of what is only one of its programs or
 * libraries ("libsane-airscan.so", FRRouting's "bgpd_snmp.so"), since other projects have those. */
static const struct product *product_of_beginning_of_file(struct text begin, struct text end)
{
	static const char *const others[] = { "plugin", "module", "addon", "add-on" };
	static const char *const kept[] = { ".txt", ".strings", ".lst", ".bin", ".elf", ".out" };
	const struct product *owners[2], *product = product_named(begin);
	if (text_starts(end, ".cpython-") || text_starts(end, ".abi3."))
		return product_of_extension(begin);
	for (size_t i = 0; i < COUNT(kept); i++)
		if (text_is(end, kept[i]))
			return product ? product : product_owners(begin, owners, 2) == 1 ? owners[0] : NULL;
	if (!product && text_starts(begin, "lib"))
		product = product_named(behind(begin, strlen("lib")));
	for (size_t i = 0; i < COUNT(others); i++)
		if (text_has(end, others[i])) /* "luajit_plugin.so" */
			return NULL;
	bool plugged = product && (component_is_spoken_of(product) || component_is_host(product));
	return end.p[0] != '.' && !plugged ? product : NULL;
}

/* "bogofilter-sqlite", "libstrongswan-aes.so": the product with whose name a file's begins; "dnsmasq.txt" is what was kept of a file. */
static const struct product *kin_of(struct text name)
{
	const struct product *product = NULL;
	for (size_t n = name.n; n-- > NAME_MIN && !product;)
		if (strchr("-_.", name.p[n]))
			product = product_of_beginning_of_file(text_of(name.p, n), behind(name, n));
	return product;
}

/* What the file's name says, where no string speaks of another product by more than a name in passing. */
static const struct product *owner_of(const struct component_file *file, const struct said *said, struct text version)
{
	const struct product *owner = said->full || file->nowners > 1 ? NULL : file->nowners ? file->owners[0] : kin_of(file->name);
	for (size_t i = 0; i < said->n && owner; i++)
		if (said->v[i].product != owner && strings_of(said, i, SAID_BESIDE) > 0)
			owner = NULL;
	return owner && product_may_be(owner, version) ? owner : NULL;
}

const struct product *component_subject(const struct component_file *file, struct text version)
{
	struct said said = { 0 };
	hear_all(file, &said);
	const struct product *product = subject_of(&said);
	if (!version.n || (product && product_may_be(product, version)))
		return product;
	const struct product *owner = product ? NULL : owner_of(file, &said, version);
	if (owner)
		return owner;
	return leave_out(&said, version) ? subject_of(&said) : NULL;
}

bool component_is_said(const struct component_file *file, const struct product *product)
{
	struct said said = { 0 };
	hear_all(file, &said);
	if (said.nstrings <= STRINGS_FEW)
		return subject_of(&said) == product;
	bool several = said.full;
	const struct product *text = several ? NULL : only_said(&said, SAID_BY_TEXT, 1, &several);
	return !several && (!text || text == product);
}
