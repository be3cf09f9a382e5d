/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/disguise.h"

#include <stdlib.h>

#define WINDOW (64u << 10) /* what a format's probe gets to see */
#define SEARCHED (1u << 20)
#define CONFIDENCE_MIN 80 /* a format that checks sums or a structure */
#define MAGIC_MIN 4u
#define TRIES_MAX 256u /* places where a magic stands and nothing begins */

/* Formats that take what stands there, encodings left out: one of them asks. */
static bool proves_itself(struct span at)
{
	for (size_t i = 0; format_registry[i]; i++) {
		const struct format *f = format_registry[i];
		const struct format_magic *m = f->magics;
		struct format_match match = { .size = SIZE_UNKNOWN };
		if (f->kind == FORMAT_ENCODING || f->locate || !m)
			continue;
		while (m->bytes && (m->n < MAGIC_MIN || !span_has(at, m->offset, m->bytes, m->n)))
			m++;
		if (m->bytes && f->probe(at, &match) && match.confidence >= CONFIDENCE_MIN)
			return true;
	}
	return false;
}

bool disguise_begins(struct span all, uint64_t at, disguise_undo *undo, const void *key)
{
	struct span in = span_clip(all, at, WINDOW);
	uint8_t *out = in.n ? malloc(in.n) : NULL;
	if (!out)
		return false;
	undo(key, at, in.p, out, in.n);
	bool found = proves_itself(span_of(out, in.n));
	free(out);
	return found;
}

/* Looks for one magic in `text`, and for what it announces there. */
static bool announces(struct span text, const struct format *f, const struct format_magic *m, unsigned *tries)
{
	const uint8_t *p = text.p, *end = text.p + text.n;
	while (*tries < TRIES_MAX && (p = memmem(p, (size_t)(end - p), m->bytes, m->n))) {
		size_t at = (size_t)(p - text.p);
		struct format_match match = { .size = SIZE_UNKNOWN };
		++*tries;
		p++;
		if (at >= m->offset && f->probe(span_from(text, at - m->offset), &match) && match.confidence >= CONFIDENCE_MIN)
			return true;
	}
	return false;
}

bool disguise_holds(struct span all, disguise_undo *undo, const void *key)
{
	struct span in = span_clip(all, 0, SEARCHED);
	uint8_t *out = in.n ? malloc(in.n) : NULL;
	bool found = false;
	unsigned tries = 0;
	if (out)
		undo(key, 0, in.p, out, in.n);
	for (size_t i = 0; out && !found && format_registry[i]; i++) {
		const struct format *f = format_registry[i];
		if (f->kind == FORMAT_ENCODING || f->locate)
			continue;
		for (const struct format_magic *m = f->magics; m && m->bytes && !found; m++)
			found = m->n >= MAGIC_MIN && announces(span_of(out, in.n), f, m, &tries);
	}
	free(out);
	return found;
}

struct error disguise_unpack(struct span bytes, disguise_undo *undo, const void *key, struct buf *out, size_t *used)
{
	enum error_code code = buf_reserve(out, bytes.n);
	if (code)
		return error_at(code, 0, "no room for %zu bytes", bytes.n);
	undo(key, 0, bytes.p, out->p + out->n, bytes.n);
	out->n += bytes.n;
	*used = bytes.n;
	return error_none();
}
