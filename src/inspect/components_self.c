/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products that name themselves before their version: "dnsmasq 2.80", "Dnsmasq version 2.80", "dnsmasq/2.80".
 *
 * Read from the version on: a dot between two digits is looked for, and what stands before it on the line. So a blob costs
 * the same however many products are known.
 */
#include <strings.h>

#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

/* How much of a line is looked at before and behind a version. */
#define BEFORE_MAX 96u
#define BEHIND_MAX 48u
#define WORDS_MAX 6u
#define LIST_LINES 16u
/* Interfaces for whose library the whole file is searched. */
#define INTERFACES_MAX 8u
/* The shortest name of a file that is a word. */
#define FILE_MIN 5u
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static bool is_one_of(struct text t, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (t.n && (t.p[0] | 0x20) == (words[i][0] | 0x20) && t.n == strlen(words[i]) && strncasecmp(t.p, words[i], t.n) == 0)
			return true;
	return false;
}

static struct text without_marks(struct text t, const char *marks)
{
	while (t.n && strchr(marks, t.p[t.n - 1]))
		t.n--;
	return t;
}

static struct text last_word(struct text t)
{
	size_t n = 0;
	while (n < t.n && ascii_is_letter(t.p[t.n - n - 1]))
		n++;
	return text_of(t.p + t.n - n, n);
}

/* ---- what stands around a version ---- */

struct text component_without_brackets(struct text t)
{
	size_t n = t.n;
	if (!n || t.p[n - 1] != ')')
		return t;
	while (n > 0 && t.p[n - 1] != '(')
		n--;
	return n > 0 ? without_marks(text_of(t.p, n - 1), " ") : t;
}

static const char joints[] = " \t-/_:,=(.\"'";

static struct text without_number_joint(struct text t)
{
	if (t.n && (t.p[t.n - 1] == 'v' || t.p[t.n - 1] == 'V') && (t.n == 1 || !ascii_is_letter(t.p[t.n - 2])))
		t.n--;
	return without_marks(t, joints);
}

struct text component_without_joint(struct text t)
{
	static const char *const words[] = { "version", "ver", "release", "rev", "revision", "v", "is", "version number" };
	t = without_number_joint(t);
	struct text word = last_word(t);
	if (word.n < t.n && is_one_of(word, words, COUNT(words)))
		t = without_marks(text_of(t.p, t.n - word.n), joints);
	return t;
}

bool component_is_labelled(struct text before)
{
	static const char *const words[] = { "version", "ver", "release", "revision", "git", "tarball" };
	return is_one_of(last_word(without_marks(before, " \t:=.v(\"")), words, COUNT(words));
}

/* What may stand before the name in a line of its own. */
static bool is_lead(struct text t)
{
	static const char *const leads[] = {
		"this is", "welcome to",       "gnu", "the",  "%s:",       "@(#)",     "server:", "starting", "version",
		"running", "using libraries:", "%s",  "$id:", "copyright", "program:", "package"
	};
	t = without_marks(t, " \t*#-<[(\"'=>!|");
	while (t.n && strchr(" \t*#-<[(\"'=>!|", t.p[0]))
		t = text_of(t.p + 1, t.n - 1);
	return t.n == 0 || is_one_of(t, leads, COUNT(leads));
}

/* "requires foo", "built with foo": the name of another product follows. */
bool component_is_mention(struct text t)
{
	static const char *const words[] = { "with",  "requires", "require",    "using",   "than",   "for",   "from",
										 "by",    "to",       "of",         "and",     "or",     "since", "needs",
										 "need",  "against",  "compatible", "like",    "in",     "on",    "as",
										 "a",     "an",       "via",        "until",   "before", "after", "use",
										 "uses",  "not",      "see",        "into",    "at",     "under", "old",
										 "older", "required", "used",       "between", "pre",  "least", "minimum",
										 "supports", "supported", "support", "prior", "no",
										 "without" };
	return is_one_of(last_word(without_marks(t, " \t(\"'`<")), words, COUNT(words));
}

bool component_is_condition(struct text t)
{
	static const char *const words[] = { "or",       "and",      "is",       "was",        "has",    "does",
										 "required", "requires", "compat",   "compatible", "format", "formats",
										 "through",  "to",       "protocol", "API",        "ABI",    "needs",
										 "support",  "of",       "only",     "style",      "plugin", "plugins",
										 "module",   "modules",  "syntax",   "so",         "x",      "gz",     "xz" };
	bool built = t.n > 1 && t.p[0] == '+' && (ascii_is_letter(t.p[1]) || ascii_is_digit(t.p[1])); /* "+dfsg1", and no "1.2+" */
	if (t.n && strchr("[*?+%]/", t.p[0]) && !built)
		return true;
	while (t.n && strchr(" ,()\t.-", t.p[0]))
		t = text_of(t.p + 1, t.n - 1);
	size_t n = 0;
	while (n < t.n && ascii_is_letter(t.p[n]))
		n++;
	bool goes_on = n < t.n && (ascii_is_digit(t.p[n]) || t.p[n] == '_'); /* "x86_64" */
	static const char number[] = " version ";                      /* "2.80  protocol version 31" */
	goes_on = goes_on || (t.n > n + sizeof number && memcmp(t.p + n, number, sizeof number - 1) == 0 &&
						  ascii_is_digit(t.p[n + sizeof number - 1]));
	return !goes_on && is_one_of(text_of(t.p, n), words, COUNT(words));
}

bool component_is_symbol_version(struct text word, struct text before)
{
	if (before.n <= word.n || before.p[before.n - 1] != '_')
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= 'a' && word.p[i] <= 'z')
			return false;
	return true;
}

static bool is_boundary(char c)
{
	switch (c) {
	case ' ': case '\t': case '/': case '(': case '[': case '<': case '"':
	case '\'': case ':': case ',': case '@': case '=': case '*': case '#':
		return true;
	default:
		return false;
	}
}

/* A word of the table, or in a file of a product the name of any of its files. */
const struct product *component_product_of(const struct component_file *file, struct text word)
{
	const struct product *product = product_of_word(word);
	for (size_t i = 0; !product && word.n > 1 && i < file->nowners; i++)
		if (text_eq(word, file->name) || product_owns_file(file->owners[i], word))
			product = file->owners[i];
	return product;
}

const struct product *component_word_at_end(const struct component_file *file, struct text t, struct text *lead)
{
	const struct product *best = NULL;
	size_t words = 0;
	for (size_t i = t.n; i > 0 && words < WORDS_MAX; i--) {
		if (i > 1 && !is_boundary(t.p[i - 2]))
			continue;
		const struct product *product = component_product_of(file, text_of(t.p + i - 1, t.n - i + 1));
		words++;
		if (!product)
			continue;
		best = product;
		*lead = text_of(t.p, i - 1);
	}
	return best;
}

/* A word may end with "version" itself: "RPM version". */
const struct product *component_name_before(const struct component_file *file, struct text before, struct text *lead)
{
	struct text whole = without_number_joint(before), named = component_without_joint(before);
	const struct product *product = whole.n > named.n ? component_word_at_end(file, whole, lead) : NULL;
	if (!product && named.n < before.n)
		product = component_word_at_end(file, named, lead);
	return product;
}

/* True where the version is that of debug symbols, or in somebody else's file of a folder, which tell the product. */
static bool is_in_origin(const struct component_file *file, const struct component_list *list, struct text version)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct component_self *v = &list->v[i];
		bool origin = v->rank == COMPONENT_DEBUG || (v->rank == COMPONENT_PATH && !component_owns(file, v->product));
		if (origin && v->version.p == version.p)
			return true;
	}
	return false;
}

/* ---- one version ---- */

/* In bytes that may be anybody's, "tempfile 5.7": a string that begins with the name of a file of one product only. What
 * is called like a product has a word of its own where one is trusted. */
static void try_file(const struct component_file *file, struct text named, struct text before, struct text version,
					 struct text behind, struct component_list *list)
{
	const struct product *owners[2];
	bool compares = memchr(before.p + named.n, '=', before.n - named.n) != NULL; /* "scalar == -1.0" */
	bool word = named.n >= FILE_MIN && before.n < BEFORE_MAX && !compares;
	for (size_t i = 0; word && i < named.n; i++)
		word = ascii_is_letter(named.p[i]) || ascii_is_digit(named.p[i]) || (i > 0 && strchr("-_.+", named.p[i]));
	if (file->nowners == 0 && word && (behind.n == 0 || (behind.n > 2 && memcmp(behind.p, " (", 2) == 0)) &&
		!product_named(named) && !product_of_package(named) && product_owners(named, owners, 2) == 1)
		component_add(list, owners[0], version, (uint64_t)((const uint8_t *)named.p - file->bytes.p), COMPONENT_LABEL);
}

/* "  jansson:       2.14", "Facebook plugin / BitlBee / 1.2.1": a row of what a program was built with, and one of the things
 * that are listed in a line. */
bool component_is_listed(struct text before)
{
	struct text t = without_marks(before, " \t");
	bool indented = before.n > 2 && (before.p[0] == '\t' || (before.p[0] == ' ' && before.p[1] == ' '));
	return (indented && t.n < before.n && t.p[t.n - 1] == ':') || text_ends(before, " / ");
}

/* "Available extensions:\n\tNative POSIX Threads Library\n\tBIND-8.2.3-T5B": an indented line of a list below its heading, of what is in
 * a program (glibc csu/version.c). A usage has options there. `line` begins one of `bytes`. */
static bool is_of_list(struct span bytes, const char *line)
{
	uint64_t at = (uint64_t)((const uint8_t *)line - bytes.p);
	for (unsigned lines = 0; lines < LIST_LINES && at > 0 && bytes.p[at - 1] == '\n'; lines++) {
		if (bytes.p[at] != '\t')
			return false;
		struct text above = component_line_before(bytes, at - 1);
		if (above.n == 0 || text_ends(above, ":"))
			return above.n > 0 && above.p[0] != '\t';
		at = (uint64_t)((const uint8_t *)above.p - bytes.p);
	}
	return false;
}

bool component_is_of_title(struct text version, struct text behind)
{
	static const char *const words[] = { "Copyright", "Build", "Built", "Release", "Released", "Usage", "By", "Written" };
	bool usual = version.n == 3 && version.p[0] < '2';
	bool capital = behind.n > 2 && behind.p[0] == ' ' && behind.p[1] >= 'A' && behind.p[1] <= 'Z';
	size_t n = 1;
	while (capital && n < behind.n && ascii_is_letter(behind.p[n]))
		n++;
	return usual && capital && !is_one_of(text_of(behind.p + 1, n - 1), words, COUNT(words));
}

static bool try_words(const struct component_file *file, struct text named, struct text before, struct text version,
					  struct text behind, struct component_list *list)
{
	struct text lead;
	const struct product *product = component_word_at_end(file, named, &lead);
	if (!product)
		return false;
	bool own = component_owns(file, product), whole = is_lead(lead);
	if (!own && (component_is_listed(before) || is_of_list(file->bytes, before.p)))
		return true;
	struct text word = text_of(named.p + lead.n, named.n - lead.n);
	if ((!whole && (!own || component_is_mention(lead))) || component_is_condition(behind) || component_is_of_title(version, behind) ||
		component_is_symbol_version(word, text_of(before.p + lead.n, before.n - lead.n)))
		return true;
	enum component_rank rank = !whole ? COMPONENT_WITHIN : own ? COMPONENT_OWN : COMPONENT_STRING;
	component_add(list, product, version, (uint64_t)((const uint8_t *)word.p - file->bytes.p), rank);
	return true;
}

/* "Version 1.9.0", "signver - verify a signature - Version 3.87.1" in a file of one product. */
static void try_label(const struct component_file *file, struct text before, struct text version, struct text behind,
					  struct component_list *list)
{
	static const char *const words[] = { "version", "ver", "v" };
	struct text t = without_marks(before, " \t:=.");
	struct text word = last_word(t), lead = text_of(t.p, t.n - word.n);
	if (file->nowners != 1 || (version.n == 3 && version.p[0] < '2') || !is_one_of(word, words, COUNT(words)) ||
		component_is_condition(behind))
		return;
	bool named = lead.n > file->name.n && memcmp(lead.p, file->name.p, file->name.n) == 0 &&
				 strchr(" -:,", lead.p[file->name.n]);
	if (named || is_lead(lead))
		component_add(list, file->owners[0], version, (uint64_t)((const uint8_t *)before.p - file->bytes.p),
					  named ? COMPONENT_WITHIN : COMPONENT_LABEL);
}

struct text component_line_before(struct span bytes, uint64_t at)
{
	uint64_t from = at;
	while (from > 0 && at - from < BEFORE_MAX && is_printable(bytes.p[from - 1]))
		from--;
	return text_of((const char *)bytes.p + from, at - from);
}

struct text component_line_behind(struct span bytes, uint64_t at)
{
	size_t n = 0;
	while (at + n < bytes.n && n < BEHIND_MAX && is_printable(bytes.p[at + n]))
		n++;
	return text_of((const char *)bytes.p + at, n);
}

static void try_version(const struct component_file *file, uint64_t at, struct component_list *list)
{
	struct text version = component_version(span_from(file->bytes, at));
	struct text before = component_line_before(file->bytes, at);
	if (!version.n || before.n == 0 || component_is_address(version))
		return;
	struct text behind = component_line_behind(file->bytes, at + version.n), named = component_without_joint(before);
	if (named.n == before.n)
		return;
	if (is_in_origin(file, list, version))
		return;
	struct text whole = without_number_joint(before);
	if ((whole.n > named.n && try_words(file, whole, before, version, behind, list)) ||
		try_words(file, named, before, version, behind, list) ||
		try_words(file, component_without_brackets(named), before, version, behind, list))
		return;
	try_label(file, before, version, behind, list);
	try_file(file, named, before, version, behind, list);
}

/* "v.2.8.0", "ver.2.8.0": the dot is no part of the version. */
static bool is_abbreviation(struct span bytes, uint64_t dot)
{
	if (dot == 0 || !ascii_is_letter(bytes.p[dot - 1]))
		return false;
	struct text t = component_line_before(bytes, dot);
	struct text word = last_word(t);
	static const char *const words[] = { "v", "ver", "rel", "rev" };
	return word.n > 0 && (word.n == t.n || t.p[t.n - word.n - 1] == ' ') && is_one_of(word, words, COUNT(words));
}

/* Where the number that a dot at `dot` ends begins, when it is the first of a version; UINT64_MAX: it is not. */
static uint64_t first_number(struct span bytes, uint64_t dot)
{
	uint64_t at = dot;
	while (at > 0 && dot - at < 9 && ascii_is_digit((char)bytes.p[at - 1]))
		at--;
	bool number = at < dot && dot - at < 9;
	return number && (at == 0 || bytes.p[at - 1] != '.' || is_abbreviation(bytes, at - 1)) ? at : UINT64_MAX;
}

bool component_next_version(struct span bytes, uint64_t *at, uint64_t *first)
{
	while (*at < bytes.n) {
		const uint8_t *dot = holes_memchr(span_from(bytes, *at), '.');
		if (!dot)
			break;
		*at = (uint64_t)(dot - bytes.p) + 1;
		if (*at == 1 || *at == bytes.n || !ascii_is_digit((char)dot[-1]) || !ascii_is_digit((char)dot[1]))
			continue;
		*first = first_number(bytes, *at - 1);
		if (*first != UINT64_MAX)
			return true;
	}
	return false;
}

/* "gegl-0.4" at a string's end, with a version of two numbers: what may be an interface's name. */
static struct text interface_of(struct span file, const struct component_self *v)
{
	struct span bytes = span_clip(file, v->from, BEFORE_MAX);
	const char *version = bytes.n ? memmem(bytes.p, bytes.n, v->version.p, v->version.n) : NULL;
	size_t n = version ? (size_t)(version - (const char *)bytes.p) : 0, whole = n + v->version.n;
	const char *dot = memchr(v->version.p, '.', v->version.n);
	bool two = dot && !memchr(dot + 1, '.', v->version.n - (size_t)(dot + 1 - v->version.p));
	bool ends = whole + 3 < BEFORE_MAX && (whole == bytes.n || bytes.p[whole] == 0);
	return two && n > 1 && ends && bytes.p[n - 1] == '-' ? text_of((const char *)bytes.p, whole) : TEXT_NONE;
}

/* "libgegl-0.4.so.0" stands in the file, too. */
static bool is_of_library(struct span bytes, struct text interface)
{
	char name[BEFORE_MAX];
	memcpy(name, interface.p, interface.n);
	memcpy(name + interface.n, ".so", 3);
	return holes_memmem(bytes, name, interface.n + 3) != NULL;
}

void component_drop_interfaces(const struct component_file *file, struct component_list *list)
{
	size_t kept = 0;
	unsigned asked = 0;
	for (size_t i = 0; i < list->n; i++) {
		enum component_rank rank = list->v[i].rank;
		bool named = rank == COMPONENT_OWN || rank == COMPONENT_STRING || rank == COMPONENT_WITHIN || rank == COMPONENT_CONTEXT;
		struct text interface = named && asked < INTERFACES_MAX ? interface_of(file->bytes, &list->v[i]) : TEXT_NONE;
		asked += interface.n > 0;
		if (!interface.n || !is_of_library(file->bytes, interface))
			list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

void component_self_find(const struct component_file *file, struct component_list *list)
{
	uint64_t first;
	component_origin_find(file, list);
	for (uint64_t at = 0; component_next_version(file->bytes, &at, &first);)
		try_version(file, first, list);
	component_drop_interfaces(file, list);
}
