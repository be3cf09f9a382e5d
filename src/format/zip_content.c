/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compression methods: PKWARE APPNOTE.TXT 6.3.10, section 4.4.5; LZMA's own header: section 5.8.8. */
#include "format/zip.h"

#include "base/codec.h"
#include "base/deflate64.h"
#include "base/hash.h"
#include "base/lzma.h"
#include "format/ppmd.h"
#include "format/zip_old.h"

#define METHOD_DEFLATE 8u
#define METHOD_DEFLATE64 9u
#define METHOD_BZIP2 12u
#define METHOD_LZMA 14u
#define METHOD_ZSTD 93u
#define METHOD_XZ 95u
#define METHOD_PPMD 98u
/* Deflate makes at most 258 bytes of 2 bits; Deflate64 at most 65538 of 18. */
#define DEFLATE_RATIO 1032u
#define DEFLATE64_RATIO 29128u
/* Where the size is reached an end marker may follow, which is not read: a symbol of each coder and what the range coder flushes. */
#define LZMA_END_MARKER_MAX 16u

struct packed {
	struct span bytes;
	uint64_t size;
	uint32_t crc;
	uint16_t flags, method;
};

static struct error block_error(enum error_code code, const char *what, uint64_t size)
{
	if (code == ERR_NONE)
		return error_none();
	return error_at(code, 0, "%s data does not unpack to the %llu bytes that its header says", what,
					(unsigned long long)size);
}

/* Room for the entry; for an empty one too, so that there is a place to point at. */
static enum error_code make_room(struct buf *out, uint64_t size)
{
	return size > SIZE_MAX / 2 ? ERR_BUDGET : buf_reserve(out, (size_t)size + !size);
}

static struct error inflate_block(const struct packed *p, struct buf *out, size_t *used)
{
	bool wide = p->method == METHOD_DEFLATE64;
	if (p->size / (wide ? DEFLATE64_RATIO : DEFLATE_RATIO) > p->bytes.n)
		return error_at(ERR_CORRUPT, 0, "%zu bytes of deflate cannot hold %llu", p->bytes.n,
						(unsigned long long)p->size);
	if (make_room(out, p->size))
		return error_at(ERR_BUDGET, 0, "the entry has %llu bytes", (unsigned long long)p->size);
	size_t n = 0;
	enum error_code code = wide ? deflate64_decode(p->bytes, out->p + out->n, (size_t)p->size, used, &n)
								: codec_block_used(CODEC_DEFLATE, p->bytes, out->p + out->n, (size_t)p->size, used, &n);
	out->n += n;
	return block_error(code == ERR_NONE && n < p->size ? ERR_CORRUPT : code, "deflate", p->size);
}

static struct error unpack_old(const struct packed *p, const struct zip_old *old, struct buf *out, size_t *used)
{
	if (p->size / old->ratio > p->bytes.n)
		return error_at(ERR_CORRUPT, 0, "%zu bytes of %s data cannot hold %llu", p->bytes.n, old->name, (unsigned long long)p->size);
	if (make_room(out, p->size))
		return error_at(ERR_BUDGET, 0, "the entry has %llu bytes", (unsigned long long)p->size);
	size_t n = 0;
	enum error_code code = zip_old_decode(p->method, p->flags, p->bytes, out->p + out->n, (size_t)p->size, used, &n);
	out->n += n;
	return block_error(code, old->name, p->size);
}

/* Version (2 bytes), length of the properties (2 bytes), the properties byte and the dictionary size. */
static struct error unlzma(const struct packed *p, struct buf *out, size_t *used)
{
	struct reader r = reader_le(p->bytes);
	struct lzma_props props;
	rd_skip(&r, 2);
	uint16_t length = rd_u16(&r);
	if (length != 5 || !lzma_props_split(rd_u8(&r), &props))
		return error_at(ERR_CORRUPT, 0, "no LZMA properties");
	rd_skip(&r, 4);
	if (make_room(out, p->size))
		return error_at(ERR_BUDGET, 0, "the entry has %llu bytes", (unsigned long long)p->size);
	size_t n = 0;
	enum error_code code =
		lzma1_decode(props, span_from(p->bytes, r.at), out->p + out->n, (size_t)p->size, used, &n, NULL);
	*used += r.at;
	out->n += n;
	return block_error(code, "LZMA", p->size);
}

static struct error decode(const struct packed *p, struct buf *out, size_t *used)
{
	switch (p->method) {
	case METHOD_DEFLATE:
	case METHOD_DEFLATE64:
		return inflate_block(p, out, used);
	case METHOD_LZMA:
		return unlzma(p, out, used);
	case METHOD_BZIP2:
		return codec_stream(CODEC_BZIP2, p->bytes, out, used);
	case METHOD_ZSTD:
		return codec_stream(CODEC_ZSTD, p->bytes, out, used);
	case METHOD_XZ:
		return codec_stream(CODEC_XZ, p->bytes, out, used);
	case METHOD_PPMD:
		*used = p->bytes.n; /* where it ends nothing says */
		return ppmd_zip(p->bytes, p->size, out);
	default:
		if (zip_old_find(p->method))
			return unpack_old(p, zip_old_find(p->method), out, used);
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "compression method %u is not read", p->method);
	}
}

/* What stands in an entry behind its stream no program unpacks: it would be looked at nowhere, and nobody would know. */
static struct error check_end(const struct packed *p, size_t used)
{
	size_t most = p->method == METHOD_LZMA ? LZMA_END_MARKER_MAX : 0;
	if (used >= p->bytes.n || p->bytes.n - used <= most)
		return error_none();
	return error_at(ERR_CORRUPT, OFFSET_NONE, "%zu of the %zu packed bytes are behind the end of what is packed", p->bytes.n - used,
					p->bytes.n);
}

static struct error zip_unpack(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	const struct packed *p = file;
	if (p->flags & ZIP_FLAG_ENCRYPTED || p->method == ZIP_AES)
		return error_at(ERR_ENCRYPTED, OFFSET_NONE, "the entry is encrypted");
	size_t before = out->n, used = 0;
	struct error e = decode(p, out, &used);
	if (error_is(&e))
		return e;
	uint32_t crc = out->n > before ? hash_crc32(0, span_of(out->p + before, out->n - before)) : 0;
	if (crc != p->crc)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "the header says CRC 0x%08x, the data has 0x%08x", p->crc, crc);
	return check_end(p, used);
}

static const struct content_ops zip_ops = { .unpack = zip_unpack };

bool zip_content(struct span bytes, const struct zip_entry *z, struct arena *arena, struct content *content)
{
	struct span data = span_clip(bytes, z->data, z->packed);
	if (z->method == ZIP_STORED && !(z->flags & ZIP_FLAG_ENCRYPTED)) {
		*content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		return true;
	}
	struct packed *p = ARENA_NEW(arena, struct packed);
	if (!p)
		return false;
	*p = (struct packed){ data, z->size, z->crc, z->flags, z->method };
	*content = (struct content){ .kind = CONTENT_STREAM, .ops = &zip_ops, .file = p };
	return true;
}
