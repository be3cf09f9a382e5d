/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions that stand alone in a string: "2.80", "v2.80", "2.80 (2019-01-01)". A program that prints "dnsmasq version %s" keeps
 * its version so, mostly beside that text.
 */
#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

#define LONE_MAX 64u
#define FORMATS_MAX 128u
/* Strings that are looked at before and behind a version. */
#define NEIGHBOURS 2u
#define GAP_MAX 24u
#define STRING_MAX 128u
#define LABEL_MAX 24u
/* A shorter word says nothing in a file that may be anybody's. */
#define WORD_MIN 5u

struct lone {
	struct text version;
	uint64_t at, end; /* of its string */
	bool labelled;    /* "%s version 2.80", without a name */
};

/* "dnsmasq version %s" */
struct version_format {
	const struct product *product;
	uint64_t at;
};

struct lones {
	const struct component_file *file;
	struct lone *v;
	size_t n;
	struct version_format *formats;
	size_t nformats;
};

static bool is_text(uint8_t c)
{
	return is_printable(c) || c == '\n' || c == '\r';
}

/* ---- versions of something else ---- */

/* What a header of a library puts into whatever is compiled with it, and the function that takes it. */
static const struct header_version {
	const char *function, *prefix;
} header_versions[] = {
	{ "inflateInit", "1.2." },
	{ "inflateInit", "1.3" },
	{ "deflateInit", "1.2." },
	{ "deflateInit", "1.3" },
	{ "png_create_", "1." },
	{ "gcry_check_version", "1." },
	{ "gpgme_check_version", "1." },
	{ "gnutls_check_version", "2." },
	{ "gnutls_check_version", "3." },
	{ "gpg_error_check_version", "1." },
	{ "LZ4F_", "1.9." },
};

#define NHEADERS (sizeof header_versions / sizeof header_versions[0])

/* Whether the file names each of the functions: looked for once, when the first version wants to know. */
struct named_functions {
	bool asked[NHEADERS], named[NHEADERS];
};

static bool is_of_header(const struct component_file *file, struct named_functions *f, struct text version)
{
	for (size_t i = 0; i < NHEADERS; i++) {
		const struct header_version *h = &header_versions[i];
		if (!text_starts(version, h->prefix))
			continue;
		if (!f->asked[i])
			f->named[i] = holes_memmem(file->bytes, h->function, strlen(h->function)) != NULL;
		f->asked[i] = true;
		if (f->named[i])
			return true;
	}
	return false;
}

/* ---- gathering ---- */

/* Bytes of code and of tables may look like a short string: one of text has another string beside it, or nothing at all. */
static bool stands_among_strings(struct span bytes, uint64_t from, uint64_t end)
{
	uint64_t before = from, behind = end;
	size_t n = 0;
	while (before > 0 && from - before < GAP_MAX && bytes.p[before - 1] == 0)
		before--;
	behind += behind < bytes.n && bytes.p[behind] == '\n'; /* its own */
	while (behind < bytes.n && behind - end < GAP_MAX && bytes.p[behind] == 0)
		behind++;
	if (before == 0 && behind == bytes.n)
		return true;
	/* A variable of its own, between the padding of sections or of other variables. */
	if (from - before >= 8 && behind > end && end - from >= 5)
		return true;
	while (n < 3 && before > n && before < from && is_text(bytes.p[before - n - 1]))
		n++;
	if (n == 3)
		return true;
	for (n = 0; n < 3 && behind + n < bytes.n && behind > end && is_text(bytes.p[behind + n]); n++)
		;
	return n == 3;
}

/* Where the string begins that a label and the version at `at` stand in; `at`: there is none. */
static uint64_t label_before(struct span bytes, uint64_t at)
{
	uint64_t from = at;
	while (from > 0 && at - from < LABEL_MAX && is_printable(bytes.p[from - 1]))
		from--;
	bool begins = from < at && (from == 0 || !is_printable(bytes.p[from - 1]));
	return begins && component_label(span_from(bytes, from)) == at - from ? from : at;
}

/* "VERSION:2.0", a line of a vCard or of a calendar. */
static bool is_of_card(struct span bytes, uint64_t from, struct text version)
{
	return version.n == 3 && text_ends(version, ".0") && span_has(bytes, from, "VERSION:", 8);
}

/* A string is short, begins with the version (or "v" and it) and goes on with a date, a revision or nothing. */
static void gather_lone(struct lones *l, uint64_t at)
{
	struct span bytes = l->file->bytes;
	uint64_t from = at;
	if (from > 0 && (bytes.p[from - 1] == 'v' || bytes.p[from - 1] == 'V'))
		from--;
	bool labelled = from > 0 && is_printable(bytes.p[from - 1]);
	if (labelled && (from = label_before(bytes, at)) == at)
		return;
	struct text version = component_version(span_from(bytes, at));
	uint64_t numbers = at + version.n, behind = numbers + component_suffix(span_from(bytes, numbers)), end = numbers;
	while (end < bytes.n && end - from < STRING_MAX && is_printable(bytes.p[end]))
		end++;
	uint8_t next = behind < bytes.n ? bytes.p[behind] : 0;
	bool stands = end == behind || ((next == ' ' || next == ',' || next == '-' || (next == '+' && behind + 1 < end) ||
									 next == '(' || next == '~') &&
									end - from < 48);
	bool ends = end == bytes.n || bytes.p[end] == 0 || bytes.p[end] == '\n';
	if (next == ' ' && component_is_condition(text_of((const char *)bytes.p + behind, end - behind))) /* "4.8.6 or higher" */
		return;
	if (version.n && stands && ends && !is_of_card(bytes, from, version) && !(next == ' ' && component_is_measure(bytes, at + version.n)) &&
		!component_is_no_version(version) && l->n < LONE_MAX && stands_among_strings(bytes, from, end))
		l->v[l->n++] = (struct lone){ version, from, end, labelled };
}

static void gather_lones(struct lones *l)
{
	struct span bytes = l->file->bytes;
	for (uint64_t at = 0; at < bytes.n;) {
		const uint8_t *dot = holes_memchr(span_from(bytes, at), '.');
		if (!dot)
			break;
		at = (uint64_t)(dot - bytes.p) + 1;
		if (at == 1 || at == bytes.n || !ascii_is_digit(dot[-1]) || !ascii_is_digit(dot[1]))
			continue;
		uint64_t first = at - 1;
		while (first > 0 && at - first < 9 && ascii_is_digit(bytes.p[first - 1]))
			first--;
		if (first == 0 || bytes.p[first - 1] != '.')
			gather_lone(l, first);
	}
}

/* A text that ends with a product's word before "%s", and begins its string with it. */
static void gather_formats(struct lones *l)
{
	struct span bytes = l->file->bytes;
	for (uint64_t at = 0; at < bytes.n && l->nformats < FORMATS_MAX;) {
		const uint8_t *percent = holes_memchr(span_from(bytes, at), '%');
		if (!percent)
			break;
		uint64_t here = (uint64_t)(percent - bytes.p), from = here;
		at = here + 1;
		if (at == bytes.n || bytes.p[at] != 's')
			continue;
		while (from > 0 && here - from < STRING_MAX && is_printable(bytes.p[from - 1]))
			from--;
		struct text before = text_of((const char *)bytes.p + from, here - from), lead;
		const struct product *product = component_name_before(l->file, before, &lead);
		if (product && !component_is_row(before) && (lead.n == 0 || text_is(lead, "This is ") || text_is(lead, "GNU ")))
			l->formats[l->nformats++] = (struct version_format){ product, from };
	}
}

/* ---- neighbours ---- */

struct text component_string_before(struct span bytes, uint64_t at)
{
	uint64_t end = at, from;
	while (end > 0 && at - end < GAP_MAX && !is_printable(bytes.p[end - 1]))
		end--;
	for (from = end; from > 0 && end - from < STRING_MAX && is_printable(bytes.p[from - 1]); from--)
		;
	return at - end < GAP_MAX ? text_of((const char *)bytes.p + from, end - from) : TEXT_NONE;
}

struct text component_string_behind(struct span bytes, uint64_t at)
{
	uint64_t from = at, end;
	while (from < bytes.n && from - at < GAP_MAX && !is_printable(bytes.p[from]))
		from++;
	for (end = from; end < bytes.n && end - from < STRING_MAX && is_printable(bytes.p[end]); end++)
		;
	return from - at < GAP_MAX ? text_of((const char *)bytes.p + from, end - from) : TEXT_NONE;
}

/* The product for whose version the string is a format. */
static const struct product *product_printing(const struct lones *l, struct text s)
{
	uint64_t at = s.n ? (uint64_t)((const uint8_t *)s.p - l->file->bytes.p) : 0;
	for (size_t i = 0; s.n && i < l->nformats; i++)
		if (l->formats[i].at == at)
			return l->formats[i].product;
	return NULL;
}

/* What a string beside a version says, as a rank. A bare word is no name in a file of somebody else: modules and
 * algorithms are called like products. */
static enum component_rank beside(const struct lones *l, struct text s, size_t distance, const struct product **product)
{
	*product = product_printing(l, s);
	if (*product)
		return COMPONENT_BESIDE;
	*product = distance == 0 && s.n ? component_product_of(l->file, s) : NULL;
	bool anybodys = l->file->nowners == 0 && s.n >= WORD_MIN;
	if (*product && !anybodys && !component_owns(l->file, *product))
		*product = NULL;
	return COMPONENT_CLOSE;
}

/* "1.42.3", "bzip2", "nbdkit bzip2 filter": what is called like the word may be a part of another product, of which the strings
 * around speak. */
static bool is_of_other_product(const struct lones *l, const struct lone *v, const struct product *product)
{
	return l->file->nowners == 0 && component_context_has_other(l->file->bytes, v->at, v->end, product);
}

/* The best of what stands around it; two products of the same rank: neither. In a file of one product another one is only
 * spoken of. */
static void try_neighbours(const struct lones *l, const struct lone *v, struct component_list *list)
{
	struct span bytes = l->file->bytes;
	uint64_t before = v->at, behind = v->end;
	const struct product *best = NULL;
	enum component_rank best_rank = COMPONENT_LONE;
	bool doubt = false;
	for (size_t i = 0; i < NEIGHBOURS; i++) {
		struct text s[2] = { component_string_before(bytes, before), component_string_behind(bytes, behind) };
		for (size_t k = 0; k < 2; k++) {
			const struct product *product;
			enum component_rank rank = beside(l, s[k], i, &product);
			if (!product || (best && rank < best_rank) || (l->file->nowners && !component_owns(l->file, product)))
				continue;
			doubt = best && rank == best_rank && best != product && (doubt || i == 0);
			best = best && rank == best_rank && !doubt ? best : product;
			best_rank = rank;
		}
		before = s[0].p ? (uint64_t)((const uint8_t *)s[0].p - bytes.p) : 0;
		behind = s[1].p ? (uint64_t)((const uint8_t *)s[1].p - bytes.p) + s[1].n : bytes.n;
	}
	if (best && !doubt && !(best_rank == COMPONENT_CLOSE && is_of_other_product(l, v, best)))
		component_add(list, best, v->version, v->at, best_rank);
}

/* ---- in a file of the product ---- */

/* Of several products that have a file of that name: the one whose text for its version is there. */
static const struct product *owner_of(const struct lones *l)
{
	const struct component_file *file = l->file;
	const struct product *owner = file->nowners == 1 ? file->owners[0] : NULL;
	for (size_t i = 0; file->nowners > 1 && i < file->nowners; i++) {
		const struct product *p = file->owners[i];
		const char *title = product_strings + p->title, *name = product_strings + p->name;
		if (!holes_memmem(file->bytes, title, strlen(title)) &&
			!holes_memmem(file->bytes, name, strlen(name)))
			continue;
		if (owner)
			return NULL;
		owner = p;
	}
	return owner;
}

/* "2.0.15", where the product calls itself "2.0". */
static void try_longer(const struct lones *l, const struct product *owner, struct component_list *list)
{
	size_t n = list->n;
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < n; k++)
			if (list->v[k].product == owner && !l->v[i].labelled &&
				component_is_part(list->v[k].version, l->v[i].version)) {
				component_add(list, owner, l->v[i].version, l->v[i].at, COMPONENT_LONE);
				break;
			}
}

/* "1.0", "0.9": numbers that protocols and formats have, too; "10.2.1 20210110" is the compiler's (__VERSION__ of GCC).
 * Alone they say too little. */
static bool is_usual(const struct lone *v, struct span bytes)
{
	size_t n = 0;
	struct span behind = span_from(bytes, v->end >= 9 ? v->end - 9 : 0);
	while (n < 9 && n < behind.n && (n == 0 ? behind.p[n] == ' ' : ascii_is_digit(behind.p[n])))
		n++;
	return n == 9 || (v->version.n == 3 && v->version.p[0] < '2');
}

/* In bytes that may be anybody's. A few strings are all from one program: what is beside the version must be what all of them
 * speak of. */
static void try_context(const struct lones *l, struct component_list *list)
{
	const struct product *asked = NULL; /* about which product, and the answer, which takes a reading of all strings */
	bool few = component_is_few(l->file), said = !few;
	for (size_t i = 0; i < l->n && l->file->nowners == 0; i++) {
		const struct lone *v = &l->v[i];
		bool says_little = is_usual(v, l->file->bytes) || component_is_of_compiler(v->version);
		const struct product *product = says_little ? NULL : component_context(l->file->bytes, v->at, v->end);
		if (few && product && product != asked) {
			asked = product;
			said = component_is_said(l->file, product);
		}
		if (product && said && !component_is_of_library(l->file, product, v->version))
			component_add(list, product, v->version, v->at, COMPONENT_CONTEXT);
	}
}

/* The file's name has more of the version than its text: "0.9.33" in libthread_db-0.9.33.2.so. */
static bool name_says_more(struct text name, struct text v)
{
	const char *suffix = memmem(name.p, name.n, ".so", 3);
	size_t n = suffix ? (size_t)(suffix - name.p) : 0;
	for (size_t i = 1; i + v.n + 1 < n; i++)
		if (name.p[i - 1] == '-' && memcmp(name.p + i, v.p, v.n) == 0)
			return name.p[i + v.n] == '.' && ascii_is_digit((uint8_t)name.p[i + v.n + 1]);
	return false;
}

/* "15.2.0" of GCC's __VERSION__, "17.0.0" of Unicode: a release of the product where it is said which ones that has. */
static bool is_doubtful(const struct product *owner, struct text version)
{
	bool standard = version.n == 6 && version.p[0] == '1' && text_ends(version, ".0.0");
	return (standard || component_is_of_compiler(version)) && !product_strings[owner->versions];
}

/* The only version of the file. */
static void try_only(const struct lones *l, struct component_list *list)
{
	const struct product *owner = owner_of(l);
	const struct lone *only = NULL;
	if (owner)
		try_longer(l, owner, list);
	for (size_t i = 0; owner && i < l->n; i++) {
		const struct lone *v = &l->v[i];
		if (v->labelled || is_usual(v, l->file->bytes) || is_doubtful(owner, v->version))
			continue;
		if (only && !text_eq(v->version, only->version))
			return;
		only = v;
	}
	if (owner && only && !name_says_more(l->file->name, only->version))
		component_add(list, owner, only->version, only->at, COMPONENT_LONE);
}

void component_lone_find(const struct component_file *file, struct arena *arena, struct component_list *list)
{
	struct lones l = {
		.file = file,
		.v = ARENA_ARRAY(arena, struct lone, LONE_MAX),
		.formats = ARENA_ARRAY(arena, struct version_format, FORMATS_MAX),
	};
	if (!l.v || !l.formats)
		return;
	gather_lones(&l);
	size_t kept = 0;
	struct named_functions functions = { 0 };
	for (size_t i = 0; i < l.n; i++)
		if (!is_of_header(file, &functions, l.v[i].version))
			l.v[kept++] = l.v[i];
	l.n = kept;
	if (l.n == 0)
		return;
	gather_formats(&l);
	for (size_t i = 0; i < l.n; i++)
		if (!l.v[i].labelled || file->nowners == 0)
			try_neighbours(&l, &l.v[i], list);
	try_context(&l, list);
	try_only(&l, list);
}
