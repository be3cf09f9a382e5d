/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lzip: members of raw LZMA with an end marker, a CRC and two sizes behind them.
 *
 * Specification: "Lzip compressed format for data compression" (RFC draft diaz-lzip-09), section 2.
 */
#include "base/hash.h"
#include "base/lzma.h"
#include "format/format.h"

#define HEADER 6u
#define TRAILER 20u
#define TRAILER_V0 12u /* of files that lzip before 1.4 made: without the size of the member */
#define BROKEN_MIN 512u
#define MEMBERS_MAX (1u << 20)
#define TRIAL (64u << 10)
#define WHOLE_MAX (64u << 20)

/* The dictionary is a power of two between 4 KiB and 512 MiB, less some sixteenths of it. The range coder's first
 * byte is zero. */
static bool header_is_sane(struct span at)
{
	struct span h = span_sub(at, 0, HEADER + 2);
	if (!span_starts(h, "LZIP", 4) || h.p[4] > 1)
		return false;
	unsigned power = h.p[5] & 0x1f, sixteenths = h.p[5] >> 5;
	return power >= 12 && power <= 29 && (power > 12 || !sixteenths) && h.p[6] == 0;
}

static struct error read_member(struct span bytes, size_t at, struct buf *out, size_t *size)
{
	static const struct lzma_props props = { 3, 0, 2 };
	struct span packed = span_from(bytes, at + HEADER);
	size_t before = out->n, used = 0;
	enum error_code code = lzma1_decode_buf(props, packed, UINT64_MAX, out, &used);
	if (code)
		return error_at(code, at + HEADER + used, "the LZMA stream of a member breaks off");
	struct reader r = reader_le(span_from(packed, used));
	uint32_t crc = rd_u32(&r);
	uint64_t data_size = rd_u64(&r);
	bool has_size = bytes.p[at + 4] > 0;
	*size = HEADER + used + (has_size ? TRAILER : TRAILER_V0);
	uint64_t member_size = has_size ? rd_u64(&r) : *size;
	if (!rd_ok(&r))
		return error_at(ERR_TRUNCATED, at + HEADER + used, "the trailer of a member is not there");
	struct span data = span_from(buf_span(out), before);
	if (data_size != out->n - before || member_size != *size || crc != hash_crc32(0, data))
		return error_at(ERR_CORRUPT, at + HEADER + used,
						"the trailer of a member has other sizes or another CRC than its data");
	return error_none();
}

/* So much must come out, and be longer than what went in; or else the whole member must be right. Of one that breaks off some must
 * have come out, and far more than went in: noise behind the magic does not shrink. */
static bool lzip_probe(struct span at, struct format_match *match)
{
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 85 };
	if (!header_is_sane(at))
		return false;
	struct buf out = buf_with_limit(TRIAL);
	size_t size = 0;
	struct error error = read_member(at, 0, &out, &size);
	size_t least = error.code == ERR_BUDGET ? TRIAL / 2 : BROKEN_MIN;
	bool shrank = error_is(&error) && out.n > least && error.offset < out.n;
	buf_free(&out);
	if (!error_is(&error) || shrank || error.code != ERR_BUDGET)
		return !error_is(&error) || shrank;
	out = buf_with_limit(WHOLE_MAX);
	error = read_member(at, 0, &out, &size);
	buf_free(&out);
	return !error_is(&error);
}

static struct error lzip_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct error error = error_none();
	*used = 0;
	for (unsigned i = 0; i < MEMBERS_MAX && header_is_sane(span_from(bytes, *used)); i++) {
		size_t size = 0;
		error = read_member(bytes, *used, out, &size);
		if (error_is(&error))
			break;
		*used += size;
	}
	return error;
}

static const struct format_magic lzip_magics[] = { MAGIC("LZIP\1", 0), MAGIC("LZIP\0", 0), MAGIC_END };

const struct format lzip_format = {
	.name = "lzip",
	.kind = FORMAT_COMPRESSION,
	.title = "lzip file",
	.spec = "Lzip manual, \"File format\"",
	.magics = lzip_magics,
	.probe = lzip_probe,
	.unpack = lzip_unpack,
};
