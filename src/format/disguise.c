/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/disguise.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/work.h"
#include "format/proof.h"

#define WINDOW (64u << 10) /* what a format's probe gets to see */
#define SEARCHED (1u << 20)
#define TRIES_MAX 256u /* places where a magic stands and nothing begins */
#define TRIES_OF_ONE 16u /* of one format: then it is one whose magics the swapped image is full of, as JFFS2's is */
#define FORMATS_MAX 512u
#define STREAM_IN (512u << 10) /* what is unpacked of a stream, and what may come out */
#define STREAM_OUT (2u << 20)

bool disguise_begins(struct span all, uint64_t at, disguise_undo *undo, const void *key)
{
	struct span in = span_clip(all, at, WINDOW);
	uint8_t *out = in.n ? malloc(in.n) : NULL;
	if (!out)
		return false;
	struct format_match match;
	work_add(in.n);
	undo(key, at, in.p, out, in.n);
	bool found = proof_begins(span_of(out, in.n), &match);
	free(out);
	return found;
}

/* Streams have short magics, or none: they are unpacked, to the end, where most have a sum, or for so long that it can not be chance. */
static const struct stream {
	const char *format;
	enum codec codec;
	uint8_t first[2];
} streams[] = {
	{ "gzip", CODEC_GZIP, { 0x1f, 0x8b } }, { "bzip2", CODEC_BZIP2, { 'B', 'Z' } },        { "zstd", CODEC_ZSTD, { 0x28, 0xb5 } },
	{ "lzma", CODEC_LZMA, { 0x5d, 0 } },    { "lz4", CODEC_LZ4_FRAME, { 0x04, 0x22 } },
};

static const struct stream *stream_of(struct span at)
{
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		struct format_match match = { .size = SIZE_UNKNOWN };
		if (span_starts(at, streams[i].first, 2))
			return format_find(streams[i].format)->probe(at, &match) ? &streams[i] : NULL;
	}
	return NULL;
}

static bool stream_unpacks(const struct stream *s, struct span in, bool cut)
{
	struct buf out = buf_with_limit(STREAM_OUT);
	size_t used;
	struct error e = codec_stream(s->codec, in, &out, &used);
	bool goes_on = e.code == ERR_BUDGET || (cut && e.code == ERR_TRUNCATED && out.n + out.n / 32 >= in.n); /* it may be of what was packed */
	buf_free(&out);
	return !error_is(&e) || goes_on;
}

/* The stream that the first `n` bytes begin with; with `whole`, one that unpacks, too. */
static bool begins_stream(struct span all, size_t n, bool whole, disguise_undo *undo, const void *key)
{
	struct span in = span_clip(all, 0, n);
	uint8_t *out = in.n ? malloc(in.n) : NULL;
	if (!out)
		return false;
	work_add(in.n);
	undo(key, 0, in.p, out, in.n);
	struct span plain = span_of(out, in.n);
	const struct stream *s = stream_of(plain);
	bool found = s && (!whole || stream_unpacks(s, plain, in.n < all.n));
	free(out);
	return found;
}

bool disguise_is_stream(struct span all, disguise_undo *undo, const void *key)
{
	return begins_stream(all, WINDOW, false, undo, key) && begins_stream(all, STREAM_IN, true, undo, key);
}

/* Magics by their first bytes: the text is gone through once, not once for each magic, and what most of it costs is one look
 * into a table that a processor keeps close. */
#define HEADS_BITS 13u
#define MAGICS_MAX 4096u
#define NOTHING UINT16_MAX

struct announcement {
	const struct format_magic *magic;
	uint32_t first; /* PROOF_MAGIC bytes of it */
	uint16_t format; /* its place in the registry */
	uint16_t next; /* that may begin alike, in the registry's order; NOTHING: none */
};

static struct {
	uint16_t heads[1u << HEADS_BITS];
	struct announcement all[MAGICS_MAX];
	uint16_t n;
} announcements;

static uint32_t word_at(const void *p)
{
	uint32_t word;
	memcpy(&word, p, sizeof word);
	return word;
}

static uint16_t *head_of(uint32_t first)
{
	return &announcements.heads[first * 0x9e3779b1u >> (32 - HEADS_BITS)];
}

static void announcements_add(uint16_t format, const struct format_magic *magic)
{
	if (magic->n < PROOF_MAGIC || announcements.n == MAGICS_MAX)
		return;
	uint32_t first = word_at(magic->bytes);
	uint16_t *head = head_of(first);
	announcements.all[announcements.n] = (struct announcement){ magic, first, format, *head };
	*head = announcements.n++;
}

/* From the last to the first, as each goes before those that are there. */
static void announcements_make(void)
{
	uint16_t n = 0;
	memset(announcements.heads, 0xff, sizeof announcements.heads);
	while (n < FORMATS_MAX && format_registry[n])
		n++;
	while (n-- > 0) {
		const struct format *f = format_registry[n];
		const struct format_magic *m = f->magics;
		if (f->kind == FORMAT_ENCODING || f->locate || !m)
			continue;
		while (m->bytes)
			m++;
		while (m-- > f->magics)
			announcements_add(n, m);
	}
}

/* How often a format was asked in vain, and all were. */
struct tries {
	uint8_t of[FORMATS_MAX];
	unsigned n;
};

/* Whether a format whose magic stands at `at`, one of those from `i` on, begins there and proves itself. */
static bool announced(struct span text, size_t at, uint16_t i, struct tries *tries)
{
	for (const struct announcement *a; i != NOTHING; i = a->next) {
		a = &announcements.all[i];
		const struct format_magic *m = a->magic;
		struct format_match match = { .size = SIZE_UNKNOWN };
		if (at < m->offset || tries->of[a->format] == TRIES_OF_ONE || !span_has(text, at, m->bytes, m->n))
			continue;
		tries->of[a->format]++;
		tries->n++;
		if (format_registry[a->format]->probe(span_from(text, at - m->offset), &match) && match.confidence >= PROOF_CONFIDENCE)
			return true;
	}
	return false;
}

static bool search(struct span text, struct tries *tries)
{
	work_add(text.n);
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, announcements_make);
	for (size_t at = 0; at + PROOF_MAGIC <= text.n && tries->n < TRIES_MAX; at++) {
		uint32_t first = word_at(text.p + at);
		uint16_t i = *head_of(first);
		while (i != NOTHING && announcements.all[i].first != first)
			i = announcements.all[i].next;
		bool same = i != NOTHING && at && word_at(text.p + at - 1) == first; /* in a run nothing begins */
		if (i != NOTHING && !same && announced(text, at, i, tries))
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
	return found || disguise_is_stream(all, undo, key);
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
