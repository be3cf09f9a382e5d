/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few strings of a program, one of them a version without a name: of which product all of them speak.
 *
 * The best that they say counts: a text that only one product has; its name where a program tells it (its usage, its version,
 * the address for faults); its name in an identifier, a folder, an address of the Web or by itself. Where there are more
 * strings, one of them that names a product says too little: it may be spoken of. Two products that are named equally well are
 * none.
 */
#include "inspect/components.h"

#define NAME_MIN 4u
#define WORD_MIN 5u
#define PRODUCTS_MAX 8u
/* Of more strings two at least must name the product. */
#define STRINGS_FEW 6u
/* A text of more words is prose. */
#define WORDS_PLAIN 3u
/* A table of digits without a NUL, as md5sum(1) has one before its version. */
#define HEX_DIGITS "0123456789abcdef"
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum strength { SAID_BESIDE, SAID_PLAINLY, SAID_BY_TEXT, STRENGTHS };

/* How many strings speak of each product, by the best that each says. */
struct said {
	const struct product *products[PRODUCTS_MAX];
	size_t strings[PRODUCTS_MAX][STRENGTHS];
	size_t n;
	bool full;
};

/* What one string says: no more than one product counts. */
struct saying {
	const struct product *product;
	enum strength strength;
	bool several;
};

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_of_name(char c)
{
	return is_alnum(c) || (c && strchr("_.+-", c));
}

static void say(struct saying *said, const struct product *product, enum strength strength)
{
	bool anybodys = strength == SAID_BESIDE && product && component_is_of_everybody(product);
	if (!product || anybodys || (said->product && strength < said->strength))
		return;
	said->several = said->product && strength == said->strength && (said->several || said->product != product);
	said->product = product;
	said->strength = strength;
}

static void count(struct said *said, const struct saying *one)
{
	size_t i = 0;
	while (i < said->n && said->products[i] != one->product)
		i++;
	said->full = said->full || i == PRODUCTS_MAX;
	if (said->full)
		return;
	said->n = i == said->n ? i + 1 : said->n;
	said->products[i] = one->product;
	said->strings[i][one->strength]++;
}

static struct text name_at(struct text t)
{
	size_t n = 0;
	while (n < t.n && is_of_name(t.p[n]))
		n++;
	while (n > 0 && !is_alnum(t.p[n - 1]) && t.p[n - 1] != '+')
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
	static const char *const kinds[] = { ".conf", ".cfg", ".ini", ".pid", ".sock", ".socket", ".log", ".d", ".lock", "rc", "-devel", "-bugs", "-users", "-dev" };
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
		if (at && (at == s.p || !is_alnum(at[-1])))
			say(said, called(name_at(behind(s, (size_t)(at - s.p) + strlen(words[i])))), SAID_PLAINLY);
	}
}

/* "bug-sed@gnu.org" */
static void hear_bugs(struct saying *said, struct text s)
{
	const char *at = memmem(s.p, s.n, "bug-", 4);
	struct text name = at ? name_at(behind(s, (size_t)(at - s.p) + 4)) : text_of(s.p, 0);
	if (name.n && name.p + name.n < s.p + s.n && name.p[name.n] == '@')
		say(said, product_named(name), SAID_PLAINLY);
}

/* "dnsmasq version %s" */
static void hear_format(struct saying *said, const struct component_file *file, struct text s)
{
	const char *percent = memmem(s.p, s.n, "%s", 2);
	struct text before = text_of(s.p, percent ? (size_t)(percent - s.p) : 0), lead;
	if (text_has(behind(s, before.n + 2), " version %s")) /* "MOST version %s (S-Lang version %s)": which is it? */
		return;
	const struct product *product = component_name_before(file, before, &lead);
	if (product && !component_is_mention(lead) && s.p[before.n - 1] != '=') /* no row of what is built in */
		say(said, product, SAID_PLAINLY);
}

/* "/etc/dnsmasq.conf", "/var/run/dnsmasq/", "/.dnsmasqrc" */
static void hear_folders(struct saying *said, struct text s)
{
	static const char *const folders[] = { "/etc/", "/run/", "/lib/", "/share/", "/libexec/", "/log/", "/cache/", "/spool/", "/.", "/.config/" };
	for (size_t i = 0; i < COUNT(folders); i++)
		for (struct text t = s; t.n;) {
			const char *at = memmem(t.p, t.n, folders[i], strlen(folders[i]));
			if (!at)
				break;
			t = behind(t, (size_t)(at - t.p) + strlen(folders[i]));
			say(said, called(name_at(t)), SAID_BESIDE);
		}
}

/* "https://www.dnsmasq.org/", "https://github.com/x/dnsmasq": each part of the address, but the program that serves it, and a
 * project that keeps other products, too. */
static void hear_address(struct saying *said, struct text s)
{
	const char *at = memmem(s.p, s.n, "://", 3);
	struct text t = at ? behind(s, (size_t)(at - s.p) + 3) : text_of(s.p, 0);
	for (size_t parts = 0; t.n && parts < PRODUCTS_MAX && (is_of_name(t.p[0]) || strchr("/#~", t.p[0])); parts++) {
		size_t n = 0;
		while (n < t.n && is_of_name(t.p[n]) && t.p[n] != '.')
			n++;
		struct text part = text_of(t.p, n);
		if (!text_is(part, "cgit") && !text_is(part, "gitlab") && !text_is(part, "redmine") && !text_is(part, "faac"))
			say(said, called(part), SAID_BESIDE);
		t = behind(t, n + 1);
	}
}

/* "openvpn failed to start", "Node %x Heartbeat publish status": a word of prose, which speaks of something. A name that a
 * text begins with has a mark behind it: "genromfs: no device". */
static bool is_prose(struct text s, size_t end)
{
	size_t words = 1;
	for (size_t i = 1; i < s.n; i++)
		words += s.p[i - 1] == ' ' && s.p[i] != ' ';
	bool marked = end < s.n && (strchr(":(/[", s.p[end]) || (s.n - end > 1 && s.p[end] == ' ' && strchr("%v(", s.p[end + 1])));
	return words > WORDS_PLAIN && !marked;
}

/* A word by which the product names itself: the whole string, or what it begins with, or in capitals; but not in prose, nor as
 * something that is built in or wanted. */
static void hear_words(struct saying *said, struct text s)
{
	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		while (at + n < s.n && is_of_name(s.p[at + n]))
			n++;
		struct text word = name_at(text_of(s.p + at, n));
		bool own = at == 0 || (word.n && word.p[0] >= 'A' && word.p[0] <= 'Z');
		if (own && !is_prose(s, at + word.n) && (word.n >= WORD_MIN || (word.n + 1 >= NAME_MIN && word.n == s.n)) && !component_is_mention(text_of(s.p, at)))
			say(said, product_of_word(word), SAID_BESIDE);
		at += n ? n : 1;
	}
}

/* "gsasl_init": a symbol, maybe of what the program is linked to. */
static bool is_identifier(struct text s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}

static void hear(struct said *said, const struct component_file *file, struct text s)
{
	struct component_speech speech = { 0 };
	struct saying one = { 0 };
	component_speaks(&speech, s);
	if (speech.product && !speech.mention && !speech.several)
		say(&one, speech.product, is_identifier(s) ? SAID_BESIDE : SAID_PLAINLY);
	say(&one, product_of_text(s), SAID_BY_TEXT);
	hear_usage(&one, s);
	hear_bugs(&one, s);
	hear_format(&one, file, s);
	hear_folders(&one, s);
	hear_address(&one, s);
	hear_words(&one, s);
	if (one.product && !one.several)
		count(said, &one);
}

static bool is_printable(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t';
}

/* The only product of which so many strings at least speak in that way; NULL: none does, or two do. */
static const struct product *only_said(const struct said *said, enum strength strength, size_t needed, bool *several)
{
	const struct product *product = NULL;
	for (size_t i = 0; i < said->n; i++) {
		size_t strings = 0;
		for (size_t k = strength; k < STRENGTHS; k++)
			strings += said->strings[i][k];
		if (!said->strings[i][strength] || strings < needed)
			continue;
		*several = product != NULL;
		product = product ? product : said->products[i];
		if (*several)
			return NULL;
	}
	return product;
}

const struct product *component_subject(const struct component_file *file)
{
	struct span b = file->bytes;
	struct said said = { 0 };
	size_t strings = 0;
	for (size_t at = 0; at < b.n;) {
		size_t n = 0;
		while (at + n < b.n && is_printable(b.p[at + n]))
			n++;
		if (n >= NAME_MIN - 1)
			hear(&said, file, text_of((const char *)b.p + at, n));
		strings += n >= NAME_MIN - 1;
		at += n + 1;
	}
	bool several = said.full;
	size_t needed = strings > STRINGS_FEW ? 2 : 1;
	const struct product *text = only_said(&said, SAID_BY_TEXT, needed, &several);
	const struct product *plain = several ? NULL : only_said(&said, SAID_PLAINLY, needed, &several);
	if (several || text || plain)
		return several || (text && plain && text != plain) ? NULL : text ? text : plain;
	return only_said(&said, SAID_BESIDE, needed, &several);
}

/* ---- the version ---- */

/* "t", "$@", "\"": what stood before the string in the program, and looks like its beginning. */
static bool is_stray(struct text t)
{
	size_t capitals = 0;
	for (size_t i = 0; i < t.n; i++) {
		if ((t.p[i] >= '0' && t.p[i] <= '9') || strchr("%./_-", t.p[i]))
			return false;
		capitals += t.p[i] >= 'A' && t.p[i] <= 'Z';
	}
	return t.n <= COMPONENT_STRAY_MAX && capitals < COMPONENT_STRAY_MAX; /* "TLS1.2" */
}

/* "%s: stable release 1.2", "%s 1.2": no name before the version. */
static bool is_nameless(struct text before)
{
	struct text t = component_without_joint(before);
	bool label = t.n < before.n && before.p[before.n - 1] != '-' && before.p[before.n - 1] != '/';
	if (t.n == 0 || is_stray(before) || text_ends(before, HEX_DIGITS))
		return true;
	if (text_ends(t, "%s") || component_label(span_of(before.p, before.n)) == before.n)
		return true;
	size_t name = 0;
	while (name < t.n && is_of_name(t.p[t.n - name - 1]))
		name++;
	return label && component_is_labelled(before) && !component_is_mention(t) &&
		   !component_is_mention(text_of(t.p, t.n - name)); /* "requires at least libfoo version " */
}

static bool is_free(const struct component_file *file, uint64_t first, struct text version)
{
	struct text before = component_line_before(file->bytes, first);
	uint64_t end = first + version.n;
	end += component_suffix(span_from(file->bytes, end));
	struct text rest = component_line_behind(file->bytes, end);
	bool ends = rest.n == 0 || (memchr(" ,-+(~[\"')", rest.p[0], 10) && !component_is_condition(rest));
	bool usual = version.n == 3 && (version.p[0] < '2' || version.p[2] == '0');
	return ends && !usual && is_nameless(before) && !component_is_no_version(version) && !component_is_of_compiler(version) &&
		   !component_is_measure(file->bytes, end) && !(before.n && before.p[before.n - 1] == '%');
}

void component_subject_find(const struct component_file *file, struct component_list *list)
{
	const struct product *subject = NULL;
	struct text only = TEXT_NONE;
	uint64_t first, from = 0;
	for (uint64_t at = 0; component_next_version(file->bytes, &at, &first);) {
		struct text version = component_version(span_from(file->bytes, first));
		if (!version.n || !is_free(file, first, version))
			continue;
		if (!subject && !(subject = component_subject(file)))
			return;
		if (component_is_of_zlib(file, subject, version))
			continue;
		bool more = !only.n || component_is_part(only, version);
		if (!more && !text_eq(only, version) && !component_is_part(version, only))
			return;
		only = more ? version : only;
		from = more ? first : from;
	}
	if (only.n)
		component_add(list, subject, only, from, COMPONENT_CONTEXT);
}
