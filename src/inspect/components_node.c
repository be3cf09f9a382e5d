/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Node.js was built with: the strings of process.versions.
 *
 * Source: Node.js src/node_metadata.cc, Metadata::Versions::Versions(): constants of headers, in that order: zlib, c-ares, nghttp2,
 * llhttp (since 14) ... and ICU before Unicode. Compilers and linkers keep them side by side, but for one that is
 * the same as a string elsewhere, and a lone number (NODE_MODULE_VERSION) may stand among them. Up to 10, src/node.cc had each
 * before its key.
 */
#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

#define ROWS_MAX 24u
#define ROW_MAX 32u
#define NROWS_MIN 3u
/* Strings are aligned on some processors. */
#define PADDING_MAX 7u

/* Strings that follow one another, of versions only. */
struct rows {
	struct text v[ROWS_MAX];
	size_t n;
};

static void add(const struct component_file *file, const char *name, struct text version, struct component_list *list)
{
	const struct product *product = product_named(text_c(name));
	if (product)
		component_add(list, product, version, (uint64_t)((const uint8_t *)version.p - file->bytes.p), COMPONENT_BESIDE);
}

/* How many numbers the version has that is all of the string; 0: it has something else. */
static size_t numbers(struct text t)
{
	size_t n = 1;
	for (size_t i = 0; i < t.n; i++) {
		bool joint = t.p[i] == '.' && i > 0 && i + 1 < t.n && t.p[i - 1] != '.';
		if (!joint && !ascii_is_digit(t.p[i]))
			return 0;
		n += joint;
	}
	return t.n ? n : 0;
}

static unsigned first_number(struct text t)
{
	unsigned value = 0;
	for (size_t i = 0; i < t.n && i < 4 && ascii_is_digit(t.p[i]); i++)
		value = value * 10 + (unsigned)(t.p[i] - '0');
	return value;
}

/* "1.2.11", "1.3.0.1-motley", "1.3.1-e00f703" */
static bool is_zlib(struct text t)
{
	bool release = text_starts(t, "1.2.") || text_starts(t, "1.3.") || text_starts(t, "1.3-") || text_is(t, "1.3");
	struct text version = component_version(span_of(t.p, t.n));
	return release && version.n && (version.n == t.n || t.p[version.n] == '-');
}

/* The strings from `at` on, without lone numbers. */
static void read_rows(struct span bytes, uint64_t at, struct rows *rows)
{
	rows->n = 0;
	while (rows->n < ROWS_MAX) {
		struct text t = text_until_nul(span_clip(bytes, at, ROW_MAX));
		bool version = rows->n == 0 ? is_zlib(t) : numbers(t) > 0;
		if (!version || at + t.n >= bytes.n || bytes.p[at + t.n] != 0)
			return;
		if (rows->n == 0 || numbers(t) > 1)
			rows->v[rows->n++] = t;
		at += t.n + 1;
		for (size_t i = 0; i < PADDING_MAX && at < bytes.n && bytes.p[at] == 0; i++)
			at++;
	}
}

static bool is_release(struct text t, unsigned least, unsigned most)
{
	return numbers(t) == 3 && first_number(t) >= least && first_number(t) <= most;
}

static bool take_rows(const struct component_file *file, const struct rows *rows, struct component_list *list)
{
	const struct text *v = rows->v;
	if (rows->n < NROWS_MIN || !is_release(v[1], 1, 1) || !is_release(v[2], 1, 1))
		return false;
	add(file, "c-ares", v[1], list);
	add(file, "nghttp2", v[2], list);
	if (rows->n > 3 && is_release(v[3], 2, 49))
		add(file, "llhttp", v[3], list);
	for (size_t i = 3; i + 1 < rows->n; i++) {
		unsigned icu = first_number(v[i]), unicode = first_number(v[i + 1]);
		if (numbers(v[i]) == 2 && numbers(v[i + 1]) == 2 && icu >= 50 && icu < 200 && unicode >= 6 && unicode < 50) {
			add(file, "icu", v[i], list);
			break;
		}
	}
	return true;
}

/* Numbers and dots from the beginning of a string up to `mark`, where there are as many as `least` and `most` say; empty: nowhere. */
static struct text numbers_before(struct span bytes, const char *mark, size_t mark_n, size_t least, size_t most)
{
	for (struct span s = bytes; s.n;) {
		const uint8_t *found = holes_memmem(s, mark, mark_n);
		if (!found)
			break;
		uint64_t end = (uint64_t)(found - bytes.p), from = end;
		while (from > 0 && end - from < ROW_MAX && (ascii_is_digit(bytes.p[from - 1]) || bytes.p[from - 1] == '.'))
			from--;
		struct text t = text_from_span(span_sub(bytes, from, end - from));
		if (from > 0 && bytes.p[from - 1] == 0 && numbers(t) >= least && numbers(t) <= most)
			return t;
		s = span_from(bytes, end + 1);
	}
	return TEXT_NONE;
}

/* "1.15.0\0ares\0" */
static void take_keyed(const struct component_file *file, const char *key, size_t n, const char *name, struct component_list *list)
{
	struct text t = numbers_before(file->bytes, key, n, 3, 3);
	if (is_release(t, 1, 1))
		add(file, name, t, list);
}

/* "10.2.154.26-node.39": V8 and the patches of Node.js (V8_EMBEDDER_STRING). */
static void take_v8(const struct component_file *file, struct component_list *list)
{
	struct text t = numbers_before(file->bytes, "-node.", strlen("-node."), 3, 4);
	if (t.n)
		add(file, "v8", t, list);
}

void component_node_find(const struct component_file *file, struct component_list *list)
{
	static const char first[] = "\0" "1.", ares[] = "\0" "ares", nghttp2[] = "\0" "nghttp2";
	struct span bytes = file->bytes;
	take_v8(file, list);
	for (struct span s = bytes; s.n;) {
		const uint8_t *found = holes_memmem(s, first, sizeof first - 1);
		struct rows rows;
		if (!found)
			break;
		uint64_t at = (uint64_t)(found - bytes.p) + 1;
		read_rows(bytes, at, &rows);
		if (take_rows(file, &rows, list))
			return;
		s = span_from(bytes, at);
	}
	take_keyed(file, ares, sizeof ares, "c-ares", list);
	take_keyed(file, nghttp2, sizeof nghttp2, "nghttp2", list);
}
