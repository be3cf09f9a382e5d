/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a version looks like, whose a file is, and which of several versions of a product counts. */
#include <stdio.h>
#include <strings.h>

#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

#define VERSION_MAX 32u
/* Digits behind the point of a number that is a version of two parts, as dates are ("20240608.083822"). */
#define FRACTION_MAX 8u
/* Of four numbers of a byte each the first two are this large in an address only: "123.234.123.234", "64.56.78.90". */
#define HOST_MIN 64u
#define HOST_NEXT_MIN 32u

/* ---- versions ---- */

static size_t digits(struct span s, size_t at)
{
	size_t n = at;
	while (n < s.n && ascii_is_digit(s.p[n]))
		n++;
	return n;
}

/* What may follow the numbers and is part of the version: "-P1", "p15", "op2", ".STABLE9" of Squid, "rel.2" of Lynx, "AR.3" of
 * NTFS-3G. Gives the end. */
static size_t stage(struct span s, size_t at)
{
	static const char *const words[] = { "test", "STABLE", "rel", "AR", "op", "pl", "p", "P", "a", "b" };
	size_t word = at < s.n && memchr("-._~", s.p[at], 4) ? at + 1 : at;
	if (word >= s.n || !ascii_is_letter(s.p[word]))
		return at;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i]);
		if (!span_has(s, word, words[i], n))
			continue;
		size_t number = word + n < s.n && memchr("-.", s.p[word + n], 2) ? word + n + 1 : word + n;
		size_t end = digits(s, number);
		if (end > number && (end == s.n || !ascii_is_letter(s.p[end])))
			return end;
	}
	return at;
}

/* "4.1-ESV-R16-P2": a branch of ISC's that is maintained for longer has releases of its own. */
static size_t extended_support(struct span s, size_t at)
{
	static const char mark[] = "-ESV", release[] = "-R";
	size_t end = at + strlen(mark), number = end + strlen(release);
	if (!span_has(s, at, mark, strlen(mark)) || (end < s.n && ascii_is_letter(s.p[end])))
		return at;
	return span_has(s, end, release, strlen(release)) && digits(s, number) > number ? digits(s, number) : end;
}

size_t component_patch(struct span s, size_t at)
{
	size_t end = extended_support(s, at), number = end + strlen("-P");
	bool patch = span_has(s, end, "-P", strlen("-P")) && digits(s, number) > number;
	size_t behind = patch ? digits(s, number) : end;
	return behind < s.n && ascii_is_letter(s.p[behind]) ? end : behind;
}

/* "0.9.8zh", "1.0.2zg": the letters behind OpenSSL's z. */
static size_t letters(struct span s, size_t at)
{
	size_t end = at + (at < s.n && ascii_is_lower(s.p[at]) && s.p[at] != 'x');
	end += end > at && s.p[at] == 'z' && end < s.n && ascii_is_lower(s.p[end]);
	return end < s.n && ascii_is_letter(s.p[end]) ? at : end;
}

/* "gitabcdef0": a commit's name behind the word, that does not begin with a digit. */
static bool is_object_name(struct span s, size_t at)
{
	size_t n = at;
	while (n < s.n && (ascii_is_digit(s.p[n]) || (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	return n >= at + 7 && (n == s.n || !ascii_is_letter(s.p[n]));
}

size_t component_stage(struct span s, size_t at)
{
	static const struct {
		const char *word;
		bool object; /* the name of a commit may follow */
	} stages[] = { { "rc", false },      { "pre", false },     { "alpha", false },    { "beta", false }, { "dev", false },
				   { "devel", false },   { "preview", false }, { "snapshot", true },  { "git", true },   { "svn", true },
				   { "nightly", false }, { "cvs", true },      { "candidate", false } };
	size_t word = at < s.n && memchr("-._~", s.p[at], 4) ? at + 1 : at;
	if (word >= s.n || !ascii_is_letter(s.p[word])) /* as behind most versions */
		return at;
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
		size_t end = word + strlen(stages[i].word);
		if (end > s.n || strncasecmp((const char *)s.p + word, stages[i].word, end - word) != 0)
			continue;
		size_t number = end < s.n && memchr("-.", s.p[end], 2) ? end + 1 : end, behind = digits(s, number);
		if (behind > number && (behind == s.n || !ascii_is_letter(s.p[behind])))
			return behind;
		if (end == s.n || !(ascii_is_letter(s.p[end]) || (!stages[i].object && ascii_is_digit(s.p[end]))) ||
			(stages[i].object && is_object_name(s, end)))
			return end;
	}
	return at;
}

bool component_is_early_release(struct span s)
{
	bool early = span_has(s, 0, "0.", 2);
	for (size_t i = 2; early && i < s.n && i < VERSION_MAX && (ascii_is_letter(s.p[i]) || ascii_is_digit(s.p[i]) || s.p[i] == '.'); i++)
		if (!ascii_is_letter(s.p[i - 1]) && component_stage(s, i) > i + 1)
			return true;
	return false;
}

size_t component_suffix(struct span s)
{
	static const char *const words[] = { "devel", "dev", "git", "svn", "cvs", "std", "snapshot", "experimental", "unofficial" };
	size_t word = s.n && memchr("-._~+", s.p[0], 5) ? 1 : 0;
	if (word >= s.n || !ascii_is_letter(s.p[word]))
		return 0;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t end = word + strlen(words[i]);
		if (span_has(s, word, words[i], end - word) && (end == s.n || !ascii_is_letter(s.p[end])))
			return end;
	}
	return 0;
}

/* Numbers and dots. */
static struct text numbers_of(struct span bytes)
{
	struct span s = span_clip(bytes, 0, VERSION_MAX);
	size_t first = digits(s, 0), n = first;
	while (n + 1 < s.n && s.p[n] == '.' && ascii_is_digit(s.p[n + 1]))
		n = digits(s, n + 1);
	return first && n > first ? text_from_span(span_clip(s, 0, n)) : TEXT_NONE;
}

struct text component_version(struct span bytes)
{
	struct span s = span_clip(bytes, 0, VERSION_MAX + 2);
	size_t n = digits(s, 0);
	size_t first = n;
	while (n + 1 < s.n && s.p[n] == '.' && ascii_is_digit(s.p[n + 1]))
		n = digits(s, n + 1);
	if (first == 0 || n == first)
		return TEXT_NONE;
	size_t end = component_stage(s, n);
	end = end == n ? component_patch(s, n) : end;
	end = end == n ? component_stage(s, stage(s, n)) : end; /* "4.2.8p1-beta1" */
	if (end == n && letters(s, n) > n)
		end = digits(s, letters(s, n));
	bool more = end < s.n && ascii_is_letter(s.p[end]) && !component_suffix(span_from(s, end)) && !(end > n && is_object_name(s, end));
	if (end > VERSION_MAX || more || (end < s.n && s.p[end] == '%'))
		return TEXT_NONE;
	if (end < s.n && s.p[end] == '-' && component_is_early_release(span_from(bytes, end + 1)))
		return TEXT_NONE;
	if (span_has(bytes, end, "+really", strlen("+really"))) /* "3.1.7+really3.1.2" */
		return numbers_of(span_from(bytes, end + strlen("+really")));
	return text_from_span(span_clip(s, 0, end));
}

static size_t dots_of(struct text v)
{
	size_t dots = 0;
	for (size_t i = 0; i < v.n; i++)
		dots += v.p[i] == '.';
	return dots;
}

/* Four numbers of a byte each: "127.0.6533.88" is none. */
static bool is_quad(struct text v)
{
	unsigned number = 0;
	for (size_t i = 0; i < v.n && number < 256; i++)
		number = v.p[i] == '.' ? 0 : ascii_is_digit((uint8_t)v.p[i]) ? number * 10 + (unsigned)(v.p[i] - '0') : 256;
	return dots_of(v) == 3 && number < 256;
}

/* The part of a version at that place. */
static unsigned number_at(struct text v, size_t place)
{
	unsigned number = 0;
	for (size_t i = 0; i < v.n && (place > 0 || ascii_is_digit((uint8_t)v.p[i])); i++)
		if (place == 0)
			number = number * 10 + (unsigned)(v.p[i] - '0');
		else
			place -= v.p[i] == '.';
	return number;
}

bool component_is_address(struct text v)
{
	static const char *const addresses[] = { "0.0.0.0", "127.0.", "192.168.", "169.254.", "224.0.", "239.255.",
											 "255.25",  "255.0.", "255.128.", "255.192.", "255.224.", "255.240.",
											 "255.248.", "8.8.8.8", "8.8.4.4" };
	for (size_t i = 0; is_quad(v) && i < sizeof addresses / sizeof addresses[0]; i++)
		if (text_starts(v, addresses[i]))
			return true;
	return false;
}

/* "2.5.29.14", "1.3.6.1": arcs of object identifiers (X.660) that certificates and MIBs have; "802.2", "802.11i": standards. */
static bool is_identifier(struct text v)
{
	static const char *const arcs[] = { "2.5.29.", "2.5.4.", "2.16.840", "1.2.840.", "1.3.6.1.", "1.3.14." };
	for (size_t i = 0; dots_of(v) == 3 && i < sizeof arcs / sizeof arcs[0]; i++)
		if (text_starts(v, arcs[i]))
			return true;
	return text_starts(v, "1.2.840.") || text_is(v, "2.5.29") || (dots_of(v) == 1 && text_starts(v, "802."));
}

/* "0.0000", "0.021160211005187134", "100.0": what a program counts with or prints. */
static bool is_fraction(struct text v)
{
	const char *dot = v.n ? memchr(v.p, '.', v.n) : NULL;
	size_t behind = dot ? v.n - (size_t)(dot - v.p) - 1 : 0, numbers = 0, zeros = 0;
	while (numbers < behind && ascii_is_digit(dot[1 + numbers]))
		numbers++;
	while (zeros < behind && dot[1 + zeros] == '0')
		zeros++;
	if (numbers == 0 || numbers < behind)
		return false;
	return behind > FRACTION_MAX || (behind > 2 && zeros == behind) || text_is(v, "100.0");
}

bool component_is_no_version(struct text v)
{
	static const char *const addresses[] = { "0.0.", "127.", "10.", "224.", "239.", "255.", "8.8.", "172.", "1.1.1.1", "1.2.3.4" };
	for (size_t i = 0; is_quad(v) && i < sizeof addresses / sizeof addresses[0]; i++)
		if (text_starts(v, addresses[i]))
			return true;
	if (is_quad(v) && number_at(v, 0) >= HOST_MIN && number_at(v, 1) >= HOST_NEXT_MIN)
		return true;
	return dots_of(v) > 3 || text_is(v, "0.0") || text_is(v, "0.0.0") || is_identifier(v) || is_fraction(v) ||
		   component_is_address(v);
}

/* ---- files ---- */

struct component_file component_file_of(struct span bytes, struct text name)
{
	struct component_file file = { .bytes = bytes, .name = name };
	file.nowners = product_owners(name, file.owners, COMPONENT_OWNERS_MAX);
	return file;
}

bool component_owns(const struct component_file *file, const struct product *product)
{
	for (size_t i = 0; i < file->nowners; i++)
		if (file->owners[i] == product)
			return true;
	return false;
}

bool component_may_be_of(const struct component_file *file, const struct product *product)
{
	return file->nowners == 0 || component_owns(file, product);
}

/* Whether the shared library's name stands in the bytes, as in the dynamic section of what is linked to it. */
static bool names_library(struct span bytes, struct text stem)
{
	for (struct span s = bytes; s.p;) {
		const uint8_t *at = holes_memmem(s, stem.p, stem.n);
		if (!at)
			return false;
		uint64_t from = (uint64_t)(at - bytes.p);
		if (from > 0 && bytes.p[from - 1] == 0)
			return true;
		s = span_from(bytes, from + 1);
	}
	return false;
}

bool component_is_elsewhere(const struct component_file *file, const struct product *product)
{
	bool library = false;
	if (component_owns(file, product))
		return false;
	for (const char *at = product_strings + product->files; *at;) {
		struct text stem = text_of(at, strcspn(at, " "));
		if (text_ends(stem, ".so")) {
			library = true;
			if (names_library(file->bytes, stem))
				return true;
		}
		at += stem.n;
		at += strspn(at, " ");
	}
	return !library && file->nowners > 0;
}

/* ---- choosing ---- */

void component_add(struct component_list *list, const struct product *product, struct text version, uint64_t from,
				   enum component_rank rank)
{
	bool zeros = text_is(version, "0.0") || text_is(version, "0.0.0"); /* what recipes call sources without a version */
	if (list->n < list->max && !zeros && product_may_be(product, version))
		list->v[list->n++] = (struct component_self){ product, version, from, rank };
}

bool component_is_part(struct text shorter, struct text longer)
{
	if (shorter.n >= longer.n || memcmp(shorter.p, longer.p, shorter.n) != 0)
		return false;
	return longer.p[shorter.n] == '.' || component_stage(span_of(longer.p, longer.n), shorter.n) == longer.n;
}

static size_t witnesses(const struct component_list *list, const struct component_self *of)
{
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++)
		n +=
			list->v[i].product == of->product && list->v[i].rank < of->rank && text_eq(list->v[i].version, of->version);
	return n;
}

/* The one that says more than the best, as long as all that do agree. */
static const struct component_self *longest(const struct component_list *list, const struct component_self *best)
{
	const struct component_self *longer = best;
	for (size_t i = 0; i < list->n; i++) {
		const struct component_self *v = &list->v[i];
		if (v->product != best->product || !component_is_part(best->version, v->version))
			continue;
		if (longer != best && !text_eq(longer->version, v->version))
			return best;
		if (longer == best)
			longer = v;
	}
	return longer;
}

const struct component_self *component_choose(const struct component_list *list, const struct product *product)
{
	const struct component_self *best = NULL;
	bool doubt = false;
	for (size_t i = 0; i < list->n; i++) {
		const struct component_self *v = &list->v[i];
		if (v->product != product || (best && v->rank < best->rank))
			continue;
		if (!best || v->rank > best->rank) {
			best = v;
			doubt = false;
		} else if (component_is_part(best->version, v->version)) {
			best = v;
		} else if (!text_eq(v->version, best->version) && !component_is_part(v->version, best->version)) {
			size_t a = witnesses(list, best), b = witnesses(list, v);
			doubt = doubt || (a == 0) == (b == 0);
			best = b > 0 && a == 0 ? v : best;
		}
	}
	return doubt || !best ? NULL : longest(list, best);
}

/* ---- rows ---- */

static int certainty(const struct fact_component *row)
{
	return text_is(row->confidence, "proven") ? 2 : text_is(row->confidence, "likely") ? 1 : 0;
}

void component_merge(struct fact_component *kept, const struct fact_component *row)
{
	struct text package = kept->package_version.p ? kept->package_version : row->package_version;
	bool says_more = !kept->package_version.p && row->package_version.p;
	int more = certainty(row) - certainty(kept);
	if (more > 0 || (more == 0 && says_more))
		*kept = *row;
	kept->package_version = package;
}

/* purl-spec, "How to build purl string": what is no unreserved character of RFC 3986 is percent-encoded, but the colon. */
struct text component_purl(struct arena *arena, const char *purl, struct text version)
{
	size_t n = strlen(purl);
	char *p = version.n ? arena_alloc(arena, n + 3 * version.n + 2, 1) : NULL;
	if (!p)
		return text_c(purl);
	memcpy(p, purl, n);
	p[n++] = '@';
	for (size_t i = 0; i < version.n; i++) {
		uint8_t c = (uint8_t)version.p[i];
		if (ascii_is_digit(c) || ascii_is_letter(c) || (c && strchr("-._~:", (char)c)))
			p[n++] = (char)c;
		else
			n += (size_t)snprintf(p + n, 4, "%%%02X", c);
	}
	p[n] = '\0';
	return text_of(p, n);
}

void component_complete(struct fact_component *row, const struct product *product, struct arena *arena)
{
	if (!product)
		return;
	if (!row->licence.n && product_strings[product->licence])
		row->licence = text_c(product_strings + product->licence);
	if (!row->purl.n)
		row->purl = component_purl(arena, product_strings + product->purl, row->version);
}
