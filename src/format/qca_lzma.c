/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZMA as Qualcomm Atheros' powerline chips have it: the properties in words, both sizes, then the raw stream.
 *
 * Specification: unblob handlers/compression/qca_lzma.py; github.com/qca/open-plc-utils.
 */
#include "base/lzma.h"
#include "format/format.h"

#define HEADER 16u
#define UNPACKED_MAX (256u << 20)

struct qca {
	uint32_t packed, unpacked;
};

static bool qca_read(struct span bytes, struct qca *q)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 8);
	q->packed = rd_u32(&r);
	q->unpacked = rd_u32(&r);
	return rd_ok(&r) && span_starts(bytes, "\3\0\2\0\0\x10\0\0", 8) && q->packed > 5 && q->unpacked >= q->packed &&
		   q->unpacked <= UNPACKED_MAX && span_has(bytes, HEADER, "", 1);
}

static bool qca_probe(struct span at, struct format_match *match)
{
	struct qca q;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 75 };
	return qca_read(at, &q);
}

static struct error qca_unpack(struct span bytes, struct buf *out, size_t *used)
{
	static const struct lzma_props props = { 3, 0, 2 };
	struct qca q;
	size_t taken = 0, before = out->n;
	*used = 0;
	if (!qca_read(bytes, &q))
		return error_at(ERR_CORRUPT, 0, "no header of QCA LZMA");
	struct span packed = span_clip(bytes, HEADER, q.packed);
	enum error_code code = lzma1_decode_buf(props, packed, q.unpacked, out, &taken);
	if (code || out->n - before != q.unpacked)
		return error_at(code ? code : ERR_CORRUPT, HEADER + taken, "%zu of %u bytes came out", out->n - before,
						q.unpacked);
	*used = HEADER + (size_t)packed.n; /* a size that is too large may be all that is wrong */
	return error_none();
}

static const struct format_magic qca_magics[] = { MAGIC("\3\0\2\0\0\x10\0\0", 0), MAGIC_END };

const struct format qca_lzma_format = {
	.name = "qca_lzma",
	.kind = FORMAT_COMPRESSION,
	.title = "LZMA of Qualcomm Atheros' powerline firmware",
	.spec = "unblob handlers/compression/qca_lzma.py",
	.magics = qca_magics,
	.probe = qca_probe,
	.unpack = qca_unpack,
};
