/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rzip: chunks behind a size.
 *
 * Specification: rzip 2.1, stream.c, runzip.c.
 */
#include "format/format.h"
#include "format/rzip_chunk.h"

/* Where a chunk of rzip begins: numbers of four bytes, and nothing before the heads. */
static bool rzip_chunk(struct span bytes, uint64_t at, struct rzip_chunk *c)
{
	*c = (struct rzip_chunk){ .bytes = span_from(bytes, at), .width = 4, .offset_width = 4 };
	return c->bytes.n > 0;
}

static bool rzip_probe(struct span at, struct format_match *match)
{
	struct rzip_chunk c;
	match->confidence = 90;
	return span_starts(at, "RZIP\2", 5) && at.p[5] <= 9 && rzip_chunk(at, RZIP_MAGIC_SIZE, &c) && rzip_chunk_is_sound(&c);
}

static struct error rzip_unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t first = out->n;
	uint64_t size = span_u32be(bytes, 6), at = RZIP_MAGIC_SIZE, end = 0;
	struct error e = error_none();
	for (struct rzip_chunk c; !error_is(&e) && out->n - first < size; at += end) {
		if (!rzip_chunk(bytes, at, &c)) {
			e = error_at(ERR_TRUNCATED, bytes.n, "%zu of %llu bytes came out", out->n - first, (unsigned long long)size);
			break;
		}
		size_t before = out->n;
		e = rzip_chunk_unpack(&c, first, out, &end);
		e.offset += error_is(&e) ? at : 0;
		if (!error_is(&e) && out->n == before)
			e = error_at(ERR_CORRUPT, at, "a chunk of nothing");
	}
	*used = (size_t)(at < bytes.n ? at : bytes.n);
	if (!error_is(&e) && out->n - first != size)
		e = error_at(ERR_CORRUPT, 6, "%zu bytes came out, the header says %llu", out->n - first, (unsigned long long)size);
	return e;
}

static const struct format_magic rzip_magics[] = { MAGIC("RZIP\2", 0), MAGIC_END };

const struct format rzip_format = {
	.name = "rzip",
	.kind = FORMAT_COMPRESSION,
	.title = "rzip",
	.spec = "rzip 2.1, stream.c, runzip.c",
	.magics = rzip_magics,
	.probe = rzip_probe,
	.unpack = rzip_unpack,
};
