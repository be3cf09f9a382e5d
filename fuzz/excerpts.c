/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "excerpts.h"

#include <stdlib.h>

#include "fact/batch.h"
#include "fact/excerpt.h"

#define CHOICES 16u
/* A shorter value may stand in the middle of a word. */
#define SHORTEST 8u

struct checked {
	struct span blob;
	struct text secret;
};

/* A byte that is not in the credential, to stand for what is hidden. */
static uint8_t other_byte(struct text secret)
{
	uint8_t c = 0;
	while (secret.n < 256 && memchr(secret.p, c, secret.n))
		c++;
	return c;
}

static bool check(void *context, enum fact_type type, const void *row)
{
	const struct checked *c = context;
	const struct fact_excerpt *e = row;
	struct excerpt_hidden h;
	uint8_t left[EXCERPT_MAX];
	if (type != FACT_excerpt || !excerpt_is_sound(e, (int64_t)c->blob.n) || !excerpt_hidden_read(e->hidden, e->bytes.n, &h))
		abort();
	struct span there = span_sub(c->blob, (uint64_t)e->start, e->bytes.n);
	if (there.n != e->bytes.n || (there.n && memcmp(there.p, e->bytes.p, there.n) != 0))
		abort();
	if (text_is(e->form, "text") && !excerpt_is_plain(span_sub(c->blob, (uint64_t)e->offset, (uint64_t)e->marked)))
		abort();
	memcpy(left, e->bytes.p, e->bytes.n);
	for (size_t i = 0; i < h.n; i++)
		memset(left + h.v[i].from, other_byte(c->secret), h.v[i].n);
	if (memmem(left, e->bytes.n, c->secret.p, c->secret.n))
		abort();
	return true;
}

static int64_t chosen(struct reader *r, size_t n)
{
	return (int64_t)(rd_u16(r) % (n + 2));
}

void excerpts_run(struct span bytes)
{
	struct reader r = reader_le(span_clip(bytes, 0, CHOICES));
	struct span blob = span_from(bytes, CHOICES);
	struct buf rows = { 0 }, out = { 0 };
	struct excerpt_hidden h;
	bool is_text = rd_u8(&r) & 1, by_line = rd_u8(&r) & 1;
	uint64_t at = (uint64_t)chosen(&r, blob.n), n = SHORTEST + rd_u8(&r) % 33;
	struct checked c = { blob, text_from_span(span_sub(blob, at, n)) };
	int64_t line = chosen(&r, blob.n), offset = chosen(&r, blob.n), key = chosen(&r, blob.n);
	bool read = excerpt_hidden_read(text_from_span(blob), blob.n, &h);
	if (!rd_ok(&r) || !c.secret.n || (read && h.n > blob.n))
		return;
	struct fact_secret secret = { .line = by_line ? line : FACT_NULL, .offset = (int64_t)at, .value = c.secret };
	struct fact_endpoint endpoint = { .offset = offset, .text = TEXT_LIT("http") };
	struct fact_startup startup = { .line = line, .command = text_from_span(span_clip(blob, (uint64_t)offset, 12)) };
	struct fact_private_key private_key = { .offset = key };
	struct fact_damage damage = { .offset = (int64_t)blob.n };
	if (batch_add(&rows, FACT_secret, &secret) || batch_add(&rows, FACT_endpoint, &endpoint) ||
		batch_add(&rows, FACT_startup, &startup) || batch_add(&rows, FACT_private_key, &private_key) ||
		batch_add(&rows, FACT_damage, &damage))
		abort();
	excerpts_add(buf_span(&rows), blob, is_text, &out);
	if (!batch_rows(buf_span(&out), check, &c))
		abort();
	buf_free(&rows);
	buf_free(&out);
}
