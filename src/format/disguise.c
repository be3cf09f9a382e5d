/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/disguise.h"

#include <stdlib.h>

#define WINDOW (64u << 10) /* what a format's probe gets to see */
#define SEARCHED (1u << 20)
#define CONFIDENCE_MIN 80 /* a format that checks sums or a structure */
#define MAGIC_MIN 4u
#define TRIES_MAX 256u /* places where a magic stands and nothing begins */
#define TRIES_OF_ONE 16u /* of one format: then it is one whose magics the swapped image is full of, as JFFS2's is */
#define FORMATS_MAX 512u

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

/* Which pairs of bytes magics begin with: the text is then gone through once, not once for each magic. */
struct beginnings {
	uint8_t pairs[65536 / 8];
};

static bool may_announce(const struct format *f)
{
	return f->kind != FORMAT_ENCODING && !f->locate && f->magics;
}

static void note_beginnings(struct beginnings *b)
{
	memset(b, 0, sizeof *b);
	for (size_t i = 0; format_registry[i]; i++)
		for (const struct format_magic *m = format_registry[i]->magics; may_announce(format_registry[i]) && m->bytes; m++) {
			unsigned pair = (uint8_t)m->bytes[0] | (unsigned)(uint8_t)m->bytes[1] << 8;
			if (m->n >= MAGIC_MIN)
				b->pairs[pair / 8] |= (uint8_t)(1u << pair % 8);
		}
}

/* How often a format was asked in vain, and all were. */
struct tries {
	uint8_t of[FORMATS_MAX];
	unsigned n;
};

/* Whether a format whose magic stands at `at` begins there and proves itself. */
static bool announced(struct span text, size_t at, struct tries *tries)
{
	for (size_t i = 0; i < FORMATS_MAX && format_registry[i]; i++) {
		const struct format *f = format_registry[i];
		for (const struct format_magic *m = f->magics; may_announce(f) && m->bytes; m++) {
			struct format_match match = { .size = SIZE_UNKNOWN };
			if (m->n < MAGIC_MIN || at < m->offset || tries->of[i] == TRIES_OF_ONE || !span_has(text, at, m->bytes, m->n))
				continue;
			tries->of[i]++;
			tries->n++;
			if (f->probe(span_from(text, at - m->offset), &match) && match.confidence >= CONFIDENCE_MIN)
				return true;
		}
	}
	return false;
}

static bool search(struct span text, struct tries *tries)
{
	struct beginnings b;
	note_beginnings(&b);
	for (size_t at = 0; at + MAGIC_MIN <= text.n && tries->n < TRIES_MAX; at++) {
		unsigned pair = text.p[at] | (unsigned)text.p[at + 1] << 8;
		if (!(b.pairs[pair / 8] >> pair % 8 & 1))
			continue;
		bool same = at && memcmp(text.p + at - 1, text.p + at, MAGIC_MIN) == 0; /* in a run nothing begins */
		if (!same && announced(text, at, tries))
			return true;
	}
	return false;
}

bool disguise_is_none(struct span all)
{
	struct tries tries = { .n = 0 };
	return search(all, &tries) || tries.n >= TRIES_MAX;
}

bool disguise_holds(struct span all, disguise_undo *undo, const void *key)
{
	struct span in = span_clip(all, 0, SEARCHED);
	uint8_t *out = in.n ? malloc(in.n) : NULL;
	if (!out)
		return false;
	struct tries tries = { .n = 0 };
	undo(key, 0, in.p, out, in.n);
	bool found = search(span_of(out, in.n), &tries);
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
