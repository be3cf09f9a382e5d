/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "product/product.h"

#include <string.h>

#include "product/internal.h"

/* What may stand before the first key: white space, comments, a byte order mark, directives, a marker, a brace. */
static size_t first_key(struct text t)
{
	size_t at = text_starts(t, "\xef\xbb\xbf") ? 3 : 0;
	while (at < t.n) {
		bool line_start = at == 0 || t.p[at - 1] == '\n' || t.p[at - 1] == '\xbf';
		if (t.p[at] == '#' || (t.p[at] == '%' && line_start)) {
			const char *end = memchr(t.p + at, '\n', t.n - at);
			if (!end)
				return t.n;
			at = (size_t)(end - t.p);
		} else if (line_start && t.n - at > 3 && memcmp(t.p + at, "---", 3) == 0) {
			at += 3;
		} else if (t.p[at] == '{' || t.p[at] == ' ' || t.p[at] == '\t' || t.p[at] == '\r' || t.p[at] == '\n') {
			at++;
		} else {
			return at;
		}
	}
	return at;
}

bool product_recognise(struct text t)
{
	size_t at = first_key(t);
	char quote = at < t.n && (t.p[at] == '"' || t.p[at] == '\'') ? t.p[at] : '\0';
	at += quote != '\0';
	if (t.n - at < 6 || memcmp(t.p + at, "assay", 5) != 0)
		return false;
	at += 5;
	if (quote && t.p[at++] != quote)
		return false;
	while (at < t.n && t.p[at] == ' ')
		at++;
	return at < t.n && t.p[at] == ':';
}

bool product_is_blank(struct text t)
{
	return first_key(t) == t.n;
}

struct product *product_load(const char *file, struct text text, bool outside, struct doc_error *error)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct product *p = arena ? ARENA_NEW(arena, struct product) : NULL;
	struct loader l = { .product = p, .outside = outside };
	const char *name = p ? arena_strdup(arena, text_c(file)) : NULL;
	bool ok = doc_open(&l.doc, name ? name : file, text, arena, error);
	if (ok && !name)
		ok = doc_fail(&l.doc, NULL, "out of memory");
	if (ok) {
		p->arena = arena;
		p->file = name;
		ok = product_read(&l);
	}
	doc_close(&l.doc);
	if (ok)
		return p;
	arena_free(arena);
	return NULL;
}

void product_free(struct product *p)
{
	if (p)
		arena_free(p->arena);
}
