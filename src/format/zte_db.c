/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configurations of ZTE's routers and ONTs (/etc/db_default_auto_cfg.xml and the like): XML in chunks, each packed by zlib.
 *
 * Specification: github.com/mkst/zte-config-utility, zcu/compression.py.
 */
#include "base/codec.h"
#include "base/hash.h"
#include "format/format.h"
#include "format/zte.h"

#define CHUNK_HEAD 12u
#define CHUNK_MAX (16u << 20)
#define CHUNKS_MAX 1024u /* of 64 KiB each; what is looked through for each place that has the magic */

/* Each head says how long the chunk is, plain and packed, and whether it is the last: 0. */
bool zte_chunks_end(struct span payload, uint64_t *end)
{
	*end = ZTE_PAYLOAD_HEAD;
	for (unsigned i = 0; i < CHUNKS_MAX; i++) {
		struct span head = span_sub(payload, *end, CHUNK_HEAD);
		uint32_t packed = span_u32be(head, 4);
		if (!head.p || !packed || packed > CHUNK_MAX || span_u32be(head, 0) > CHUNK_MAX)
			return false;
		*end += CHUNK_HEAD + (uint64_t)packed;
		if (!span_u32be(head, 8))
			return *end <= payload.n;
	}
	return false;
}

bool zte_head_is_packed(struct span payload)
{
	struct span head = span_sub(payload, 0, ZTE_PAYLOAD_HEAD);
	return span_starts(head, ZTE_PAYLOAD_MAGIC "\0", 8) && span_u32be(head, 24) == hash_crc32(0, span_sub(head, 0, 24)) &&
		   span_is_zero(span_from(head, 28));
}

static bool db_probe(struct span at, struct format_match *match)
{
	if (!zte_head_is_packed(at))
		return false;
	if (!zte_chunks_end(at, &match->size))
		match->size = at.n;
	match->confidence = 95;
	return true;
}

/* One chunk at *at; `crc` goes over the packed ones. */
static struct error chunk_unpack(struct span bytes, uint64_t *at, struct buf *out, uint32_t *crc, bool *last)
{
	struct span head = span_sub(bytes, *at, CHUNK_HEAD);
	uint32_t plain = span_u32be(head, 0), packed = span_u32be(head, 4);
	struct span chunk = span_sub(bytes, *at + CHUNK_HEAD, packed);
	size_t got = 0;
	if (!head.p || !chunk.p)
		return error_at(ERR_TRUNCATED, *at, "a chunk is not all there");
	if (!packed || plain > CHUNK_MAX)
		return error_at(ERR_CORRUPT, *at, "a chunk of %u bytes, packed %u", plain, packed);
	enum error_code e = buf_reserve(out, plain);
	if (!e)
		e = codec_block(CODEC_ZLIB, chunk, out->p + out->n, plain, &got);
	out->n += got;
	if (e || got != plain)
		return error_at(e ? e : ERR_CORRUPT, *at + CHUNK_HEAD, "a chunk has %zu of %u bytes", got, plain);
	*crc = hash_crc32(*crc, chunk);
	*last = !span_u32be(head, 8);
	*at += CHUNK_HEAD + (uint64_t)packed;
	return error_none();
}

static struct error db_unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t begun = out->n;
	uint64_t at = ZTE_PAYLOAD_HEAD;
	uint32_t crc = 0, size = span_u32be(bytes, 8);
	struct error error = error_none();
	bool last = false;
	for (unsigned i = 0; i < CHUNKS_MAX && !last && !error_is(&error); i++)
		error = chunk_unpack(bytes, &at, out, &crc, &last);
	*used = (size_t)at;
	if (error_is(&error))
		return error;
	if (out->n - begun != size)
		return error_at(ERR_CORRUPT, 8, "%zu bytes came out, the head says %u", out->n - begun, size);
	return crc == span_u32be(bytes, 20) ? error_none() : error_at(ERR_CORRUPT, 20, "the CRC of the chunks is another one");
}

static const struct format_magic db_magics[] = { MAGIC(ZTE_PAYLOAD_MAGIC "\0", 0), MAGIC_END };

const struct format zte_db_format = {
	.name = "zte_db",
	.kind = FORMAT_COMPRESSION,
	.title = "ZTE configuration, packed",
	.spec = "zte-config-utility zcu/compression.py",
	.magics = db_magics,
	.probe = db_probe,
	.unpack = db_unpack,
};
