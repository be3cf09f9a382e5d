/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of a known shape, and versions that are a string of their own beside the text that prints them. */
#include <stdio.h>

#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

/* Longest rest of a shape, longest number, longest string that is a version and what may follow it. */
#define REST_MAX 64u
#define NUMBER_MAX 8u
#define STRING_MAX 48u
/* How far the anchor's own string is followed, and the padding between it and its neighbour. */
#define ANCHOR_MAX 1024u
#define PADDING_MAX 64u
/* Bytes between a text and the version that may be another's: within so many are mostly strings of the same source. */
#define APART 128u
/* Strings on each side that end as the version does where a linker has sorted them by their ends. */
#define TAILS 2

static bool is_joint(uint8_t c)
{
	return c == '.' || c == '-' || c == '_' || c == '+' || c == '~';
}

static bool is_token(uint8_t c)
{
	return ascii_is_digit(c) || ascii_is_letter(c) || is_joint(c);
}

static bool is_text(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

static struct text without_joints(struct text t)
{
	while (t.n > 0 && is_joint((uint8_t)t.p[t.n - 1]))
		t.n--;
	return t;
}

/* ---- shapes ---- */

/* How many bytes from `at` on are a number of that many digits at least. One digit: without leading zeros where it is the
 * first number of the version. */
static size_t number_length(struct span s, size_t at, size_t digits, bool first)
{
	size_t n = 0;
	while (at + n < s.n && n < NUMBER_MAX && ascii_is_digit(s.p[at + n]))
		n++;
	bool zero = digits == 1 && first && n > 1 && s.p[at] == '0';
	return n < digits || zero ? 0 : n;
}

static size_t rest_length(struct span s, size_t at)
{
	size_t n = 0;
	while (at + n < s.n && n < REST_MAX && is_token(s.p[at + n]))
		n++;
	return n;
}

size_t component_shape(struct span s, const char *shape, struct text *version)
{
	size_t n = 0, from = SIZE_MAX, fixed = 0, ends = SIZE_MAX;
	bool open = false;
	for (; *shape; shape++) {
		size_t before = n;
		if (*shape == '|') {
			ends = n;
		} else if (*shape == '*') {
			n += rest_length(s, n);
			open = true;
		} else if (*shape == '#') {
			size_t digits = strspn(shape, "#");
			n += number_length(s, n, digits, from == SIZE_MAX);
			shape += digits - 1;
			if (n == before)
				return 0;
			fixed = open ? fixed : n;
		} else if (n < s.n && s.p[n] == (uint8_t)*shape) {
			n++;
		} else {
			return 0;
		}
		if (from == SIZE_MAX && n > before && (*shape == '#' || ascii_is_digit((uint8_t)*shape)))
			from = before;
	}
	if (from == SIZE_MAX)
		return 0;
	size_t end = from, marked = from;
	while (end < n && (ascii_is_digit(s.p[end]) || ascii_is_letter(s.p[end]) || s.p[end] == '.'))
		end++;
	while (marked < fixed && is_token(s.p[marked]))
		marked++;
	end = ends != SIZE_MAX ? ends : marked > end ? marked : end;
	if (ends == SIZE_MAX) /* "8.1.0-DEV" is not 8.1.0, nor is "9.10.3-P4-Debian" 9.10.3 */
		end = component_patch(s, component_stage(s, end));
	*version = end > from ? without_joints(text_from_span(span_sub(s, from, end - from))) : TEXT_NONE;
	return n;
}

/* ---- numbers that are packed ---- */

/* "20914" is 2.9.14, as libxml2's LIBXML_VERSION_STRING; letters may follow: "20904-GITv2.9.4". */
size_t component_packed(struct span s, struct component_reading *r)
{
	size_t n = 0;
	uint32_t value = 0;
	for (; n < s.n && n < NUMBER_MAX && ascii_is_digit(s.p[n]); n++)
		value = value * 10 + (uint32_t)(s.p[n] - '0');
	if (n < 5 || n > 6 || s.p[0] == '0')
		return 0;
	int length = snprintf(r->made, sizeof r->made, "%u.%u.%u", value / 10000, value / 100 % 100, value % 100);
	r->version = text_of(r->made, (size_t)length);
	return n + (n < s.n && is_joint(s.p[n]) ? rest_length(s, n) : 0);
}

/* ---- a string beside the anchor ---- */

static size_t skip(struct span s, size_t at, const char *marks)
{
	while (at < s.n && s.p[at] && strchr(marks, s.p[at]))
		at++;
	return at;
}

size_t component_label(struct span s)
{
	static const char *const words[] = { "version", "Version", "VERSION", "ver.", "release", "Release" };
	size_t at = skip(s, 0, " \t#*");
	bool label = span_has(s, at, "%s", 2);
	if (label)
		at = skip(s, at + 2, ":, ");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i]);
		if (span_has(s, at, words[i], n)) {
			label = true;
			at = skip(s, at + n, " \t:=-\"");
			break;
		}
	}
	at += at + 1 < s.n && s.p[at] == 'v' && ascii_is_digit(s.p[at + 1]);
	return label && at < s.n && ascii_is_digit(s.p[at]) ? at : 0;
}

/* A version as component_version() reads it, "v" or a label before it or not, and nothing behind it but a date, a revision
 * ... */
static size_t version_length(struct span s, struct text *version)
{
	size_t from = s.n > 0 && (s.p[0] == 'v' || s.p[0] == 'V') ? 1 : 0;
	from = s.n > 0 && !ascii_is_digit(s.p[0]) && component_label(s) ? component_label(s) : from;
	*version = component_version(span_from(s, from));
	size_t n = from + version->n, end = n;
	bool zeros = version->n > 2 && memcmp(version->p, "00", 2) == 0;
	if (!version->n || zeros || component_is_no_version(*version))
		return 0;
	while (end < s.n && end < STRING_MAX && s.p[end] >= 0x20 && s.p[end] < 0x7f)
		end++;
	bool measure = component_is_measure(s, n);
	n += component_suffix(span_from(s, n));
	return !measure && (end == n || memchr(" ,-+(~", s.p[n], 6)) ? end : 0;
}

/* zlib's own version, which zlib.h and the library put into programs. */
static bool is_of_zlib(struct span bytes, const struct component_reading *r)
{
	static const char *const marks[] = { "inflateInit", "deflateInit", " deflate 1.", " inflate 1." };
	struct text v = r->version;
	bool release =
		(text_starts(v, "1.2.") && v.n < 7) || text_is(v, "1.3") || text_is(v, "1.3.1") || text_is(v, "1.3.2");
	if (!release || strcmp(product_strings + r->product->name, "zlib") == 0)
		return false;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (holes_memmem(bytes, marks[i], strlen(marks[i])))
			return true;
	return false;
}

/* "127.0.0.1", where the shape does not want four numbers anyhow, and what is zlib's. */
static bool is_of_other(struct span bytes, const struct component_step *step, const struct component_reading *r)
{
	const char *shape = component_strings + step->text;
	size_t dots = 0;
	for (; step->op == COMPONENT_NEAR && *shape; shape++)
		dots += *shape == '.';
	return (dots < 3 ? component_is_no_version(r->version) : component_is_address(r->version)) || is_of_zlib(bytes, r);
}

/* The last byte of the string that ends before `end`, without NULs, and where it begins; 0: there is none. */
static uint8_t last_before(struct span bytes, uint64_t end, uint64_t *from)
{
	uint64_t at = end;
	if (at == 0 || bytes.p[at - 1] != 0 || at < 2 || bytes.p[at - 2] == 0)
		return 0;
	uint8_t last = bytes.p[at - 2];
	for (at -= 2; at > 0 && bytes.p[at - 1] && end - at < ANCHOR_MAX;)
		at--;
	*from = at;
	return last;
}

static uint8_t last_behind(struct span bytes, uint64_t nul, uint64_t *end)
{
	uint64_t at = nul + 1;
	while (at < bytes.n && bytes.p[at] && at - nul < ANCHOR_MAX)
		at++;
	if (at == nul + 1 || at >= bytes.n || bytes.p[at])
		return 0;
	*end = at;
	return bytes.p[at - 1];
}

bool component_is_tail_sorted(struct span bytes, uint64_t from, uint64_t end)
{
	if (from >= end || end > bytes.n)
		return false;
	uint8_t tail = bytes.p[end - 1];
	for (int i = 0; i < TAILS; i++)
		if (last_before(bytes, from, &from) != tail || last_behind(bytes, end, &end) != tail)
			return false;
	return true;
}

/* How many bytes from `at` on are what the step wants, to the end of their string; 0: they are something else. */
static size_t candidate(struct span bytes, uint64_t at, const struct component_step *step, struct component_reading *r)
{
	struct span s = span_from(bytes, at);
	size_t n = 0;
	if (step->op == COMPONENT_NEAR)
		n = component_shape(s, component_strings + step->text, &r->version);
	else if (step->op == COMPONENT_NEAR_VERSION)
		n = version_length(s, &r->version);
	else if (ascii_is_digit(s.p[0]))
		n = component_packed(s, r);
	if (!n || !r->version.n || is_of_other(bytes, step, r))
		return 0;
	n += span_has(s, n, "\n", 1);
	bool alone = n <= r->version.n + 1; /* with a date or a name it says itself what it is */
	return (n == s.n || s.p[n] == 0) && !(alone && component_is_tail_sorted(bytes, at, at + n)) ? n : 0;
}

static bool may_begin(uint8_t c, const struct component_step *step)
{
	char first = component_strings[step->text];
	if (step->op == COMPONENT_NEAR && first != '#')
		return c == (uint8_t)first;
	return ascii_is_digit(c) || (step->op == COMPONENT_NEAR_VERSION && c && strchr("vVrR%# \t*", c));
}

static bool is_padding(struct span bytes, uint64_t from, uint64_t end)
{
	if (from > end || end - from > PADDING_MAX)
		return false;
	while (from < end && bytes.p[from] == 0)
		from++;
	return from == end;
}

/* The anchor's string, or strings. */
static void anchor_bounds(struct span bytes, uint64_t *begin, uint64_t *end)
{
	uint64_t from = *begin, to = *end;
	while (from < to && bytes.p[from] == 0)
		from++;
	for (size_t i = 0; i < ANCHOR_MAX && from > 0 && is_text(bytes.p[from - 1]); i++)
		from--;
	for (size_t i = 0; i < ANCHOR_MAX && to < bytes.n && is_text(bytes.p[to]) && (to == 0 || bytes.p[to - 1]); i++)
		to++;
	*begin = from;
	*end = to;
}

static bool same(const struct component_reading *a, const struct component_reading *b)
{
	return a->version.n == b->version.n && memcmp(a->version.p, b->version.p, a->version.n) == 0;
}

static void keep(struct component_reading *into, const struct component_reading *from, bool *doubt)
{
	if (into->version.n) {
		*doubt = *doubt || !same(into, from);
		return;
	}
	*into = *from;
	if (from->version.p == from->made)
		into->version.p = into->made;
}

/* "%s version 2.80", "Version: 2.80": what the text does not name must stand right beside it. */
static bool is_labelled(uint8_t c)
{
	return !ascii_is_digit(c) && c != 'v' && c != 'V';
}

/* The string right beside the anchor's counts; without one there the only version that is near enough. */
bool component_near(struct span bytes, uint64_t begin, uint64_t at, const struct component_step *step,
					struct component_reading *r)
{
	uint64_t from = begin > step->n ? begin - step->n : 0, end = at + step->n < bytes.n ? at + step->n : bytes.n;
	struct component_reading beside = { 0 }, near = { 0 };
	bool beside_doubt = false, near_doubt = false;
	anchor_bounds(bytes, &begin, &at);
	for (uint64_t i = from; i < end; i++) {
		if (!may_begin(bytes.p[i], step) || !component_starts_string(bytes, i))
			continue;
		struct component_reading here = { .package = r->package, .from = i, .product = r->product };
		size_t n = candidate(bytes, i, step, &here);
		if (n == 0)
			continue;
		here.end = i + n;
		bool neighbour = is_padding(bytes, here.end, begin) || is_padding(bytes, at, i);
		if (!neighbour && is_labelled(bytes.p[i]))
			continue;
		keep(&near, &here, &near_doubt);
		if (neighbour)
			keep(&beside, &here, &beside_doubt);
	}
	if (beside_doubt || (!beside.version.n && near_doubt))
		return false;
	struct component_reading *best = beside.version.n ? &beside : &near;
	bool doubt = false;
	r->version = TEXT_NONE;
	if (best->version.n)
		keep(r, best, &doubt);
	uint64_t between = best->end <= begin ? begin - best->end : best->from >= at ? best->from - at : 0;
	r->apart = best == &near && between > APART;
	return r->version.n > 0;
}
