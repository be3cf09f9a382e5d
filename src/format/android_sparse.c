/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android sparse images: a partition's image in chunks of raw blocks, of one repeated value, and of nothing.
 *
 * Specification: AOSP system/core/libsparse/sparse_format.h. */
#include "format/android_sparse.h"

#include "base/hash.h"
#include "format/format.h"

#define HEADER_SIZE 28u
#define CHUNK_HEADER_SIZE 12u
/* Vendors may append to both headers. */
#define HEADER_MAX 256u
#define BLOCK_MAX (16u << 20)
#define PART_BLOCK_MIN 512u /* a sector: it is noted of each block which part has written it */

enum { CHUNK_RAW = 0xcac1, CHUNK_FILL, CHUNK_NOTHING, CHUNK_CRC32 };

struct sparse {
	uint16_t header_size, chunk_header_size;
	uint32_t block_size, blocks, chunks;
};

struct chunk {
	uint16_t type;
	uint64_t unpacked; /* bytes */
	uint32_t size;     /* with its header */
};

static bool sparse_read(struct span at, struct sparse *s)
{
	struct reader r = reader_le(at);
	uint32_t magic = rd_u32(&r);
	uint16_t major = rd_u16(&r);
	rd_skip(&r, 2);
	s->header_size = rd_u16(&r);
	s->chunk_header_size = rd_u16(&r);
	s->block_size = rd_u32(&r);
	s->blocks = rd_u32(&r);
	s->chunks = rd_u32(&r);
	return rd_ok(&r) && magic == 0xed26ff3a && major == 1 && s->header_size >= HEADER_SIZE &&
		   s->header_size <= HEADER_MAX && s->chunk_header_size >= CHUNK_HEADER_SIZE &&
		   s->chunk_header_size <= HEADER_MAX && s->block_size && s->block_size % 4 == 0 &&
		   s->block_size <= BLOCK_MAX && s->blocks && s->chunks;
}

/* The chunk at that place; false when its size does not fit its type. */
static bool chunk_read(const struct sparse *s, struct span bytes, uint64_t at, struct chunk *c)
{
	struct reader r = reader_le(span_from(bytes, at));
	c->type = rd_u16(&r);
	rd_skip(&r, 2);
	c->unpacked = (uint64_t)rd_u32(&r) * s->block_size;
	c->size = rd_u32(&r);
	uint64_t data = c->type == CHUNK_RAW ? c->unpacked : c->type == CHUNK_NOTHING ? 0 : 4;
	if (c->type == CHUNK_CRC32)
		c->unpacked = 0;
	return rd_ok(&r) && c->type >= CHUNK_RAW && c->type <= CHUNK_CRC32 && c->size == s->chunk_header_size + data;
}

static bool android_sparse_probe(struct span at, struct format_match *match)
{
	struct sparse s;
	struct chunk c;
	if (!sparse_read(at, &s) || !chunk_read(&s, at, s.header_size, &c))
		return false;
	match->size = SIZE_UNKNOWN;
	match->confidence = 90;
	return true;
}

/* Room for n bytes more, or for what the limit leaves of them: *n. */
static struct error make_room(struct buf *out, uint64_t *n, uint64_t at)
{
	uint64_t want = *n, left = out->limit ? out->limit - out->n : SIZE_MAX / 2;
	*n = want < left ? want : left;
	enum error_code code = buf_reserve(out, (size_t)*n);
	if (code) {
		*n = 0;
		return error_at(code, at, "no room for a chunk of %llu bytes", (unsigned long long)want);
	}
	return *n == want
			   ? error_none()
			   : error_at(ERR_BUDGET, at, "the image unpacks to more than the %zu bytes that are allowed", out->limit);
}

static void fill(uint8_t *out, size_t n, const uint8_t value[4])
{
	size_t done = n < 4 ? n : 4;
	memcpy(out, value, done);
	for (; done < n; done *= 2) /* what is there already, once more */
		memcpy(out + done, out, n - done < done ? n - done : done);
}

static struct error take_chunk(const struct chunk *c, struct span data, uint64_t at, struct buf *out)
{
	uint64_t n = c->type == CHUNK_RAW && data.n < c->unpacked ? data.n : c->unpacked;
	struct error e = make_room(out, &n, at);
	if (n == 0)
		return e;
	uint8_t *p = out->p + out->n;
	if (c->type == CHUNK_RAW)
		memcpy(p, data.p, (size_t)n);
	else if (c->type == CHUNK_FILL && (data.p[0] || memcmp(data.p, data.p + 1, 3) != 0))
		fill(p, (size_t)n, data.p);
	else
		memset(p, 0, (size_t)n);
	out->n += (size_t)n;
	return e;
}

/* The running checksum of what was unpacked, from where it was last asked for. */
struct checksum {
	uint32_t crc;
	size_t from;
};

static bool checksum_matches(struct checksum *c, const struct buf *out, uint32_t expected)
{
	c->crc = hash_crc32(c->crc, span_of(out->p + c->from, out->n - c->from));
	c->from = out->n;
	return c->crc == expected;
}

static struct error android_sparse_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct sparse s;
	struct error mismatch = error_none();
	if (!sparse_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no sparse image header");
	size_t start = out->n;
	struct checksum sum = { .from = start };
	uint64_t at = s.header_size;
	for (uint32_t i = 0; i < s.chunks; i++) {
		struct chunk c;
		*used = at < bytes.n ? (size_t)at : bytes.n;
		if (!chunk_read(&s, bytes, at, &c))
			return error_at(bytes.n - *used < CHUNK_HEADER_SIZE ? ERR_TRUNCATED : ERR_CORRUPT, *used,
							"chunk %u of %u is %s", i, s.chunks,
							bytes.n - *used < CHUNK_HEADER_SIZE ? "missing" : "none");
		struct span data = span_clip(bytes, at + s.chunk_header_size, c.size - s.chunk_header_size);
		bool cut = data.n < c.size - s.chunk_header_size;
		if (cut && c.type != CHUNK_RAW)
			return error_at(ERR_TRUNCATED, at, "chunk %u of %u is cut off", i, s.chunks);
		if (c.type == CHUNK_CRC32 && !checksum_matches(&sum, out, span_u32le(data, 0)))
			mismatch = error_at(ERR_CORRUPT, at, "the CRC-32 of what is unpacked up to chunk %u does not match", i);
		struct error e = take_chunk(&c, data, at, out);
		if (error_is(&e))
			return e;
		if (cut) {
			*used = bytes.n;
			return error_at(ERR_TRUNCATED, bytes.n, "chunk %u of %u has %u bytes, %zu are there", i, s.chunks, c.size,
							data.n);
		}
		at += c.size;
	}
	*used = (size_t)at;
	if (!error_is(&mismatch) && out->n - start != (uint64_t)s.blocks * s.block_size)
		return error_at(ERR_CORRUPT, 16, "the header says %lu blocks, the chunks have %zu bytes",
						(unsigned long)s.blocks, out->n - start);
	return mismatch;
}

/* ---- an image that is larger than memory ---- */

struct place {
	uint64_t first, n; /* blocks */
	struct span raw;   /* SPAN_NONE: `value` is repeated */
	uint8_t value[4];
};

struct places {
	uint32_t block_size;
	uint64_t size;
	struct place *v; /* what is stored, in the order of the image */
	size_t n;
};

/* The first that ends behind the offset. */
static size_t place_at(const struct places *p, uint64_t offset)
{
	size_t lo = 0, hi = p->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if ((p->v[mid].first + p->v[mid].n) * p->block_size <= offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct error read_places(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct places *p = fs;
	(void)file;
	memset(out, 0, n);
	size_t lo = place_at(p, offset);
	for (; lo < p->n && p->v[lo].first * p->block_size < offset + n; lo++) {
		const struct place *c = &p->v[lo];
		uint64_t begin = c->first * p->block_size, end = begin + c->n * p->block_size;
		uint64_t from = begin > offset ? begin : offset, to = end < offset + n ? end : offset + n;
		if (c->raw.p)
			memcpy(out + (from - offset), c->raw.p + (from - begin), (size_t)(to - from));
		else
			fill(out + (from - offset), (size_t)(to - from), c->value);
	}
	return error_none();
}

static struct stored_run next_place(const void *fs, const void *file, uint64_t offset)
{
	const struct places *p = fs;
	size_t lo = place_at(p, offset);
	(void)file;
	if (lo == p->n)
		return (struct stored_run){ 0 };
	uint64_t begin = p->v[lo].first * p->block_size, from = begin > offset ? begin : offset;
	return (struct stored_run){ .at = from, .n = begin + p->v[lo].n * p->block_size - from };
}

/* Notes a chunk; false when that can not be, or it has a sum of all that is before it, holes too. */
static bool add_place(struct places *p, const struct chunk *c, struct span data, struct arena *arena, size_t *cap)
{
	uint64_t first = p->size / p->block_size, n = c->unpacked / p->block_size;
	bool zeros = c->type == CHUNK_NOTHING || (c->type == CHUNK_FILL && span_is_zero(data));
	if (c->type == CHUNK_CRC32)
		return false;
	p->size += c->unpacked;
	if (zeros || !n)
		return true;
	if (p->n == *cap) {
		*cap = *cap ? *cap * 2 : 64;
		struct place *v = ARENA_ARRAY(arena, struct place, *cap);
		if (!v)
			return false;
		if (p->n)
			memcpy(v, p->v, p->n * sizeof *v);
		p->v = v;
	}
	struct place *place = &p->v[p->n++];
	*place = (struct place){ first, n, c->type == CHUNK_RAW ? data : SPAN_NONE, { 0 } };
	if (c->type == CHUNK_FILL)
		memcpy(place->value, data.p, 4);
	return true;
}

static struct error android_sparse_lay_out(struct span bytes, struct arena *arena, struct content *content, uint64_t *size, size_t *used)
{
	static const struct content_ops ops = { .read = read_places, .next = next_place };
	struct sparse s;
	size_t cap = 0;
	struct places *p = ARENA_NEW(arena, struct places);
	if (!p || !sparse_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no sparse image header");
	*p = (struct places){ .block_size = s.block_size };
	uint64_t at = s.header_size, whole = (uint64_t)s.blocks * s.block_size;
	for (uint32_t i = 0; i < s.chunks; i++) {
		struct chunk c;
		if (!chunk_read(&s, bytes, at, &c))
			return error_at(ERR_CORRUPT, at, "chunk %u of %u is none", i, s.chunks);
		struct span data = span_sub(bytes, at + s.chunk_header_size, c.size - s.chunk_header_size);
		if (!data.p || c.unpacked > whole - p->size || !add_place(p, &c, data, arena, &cap))
			return error_at(ERR_TRUNCATED, at, "chunk %u of %u can not be taken from where it is", i, s.chunks);
		at += c.size;
	}
	if (p->size != whole)
		return error_at(ERR_CORRUPT, 16, "the chunks have %llu bytes", (unsigned long long)p->size);
	*content = (struct content){ .kind = CONTENT_BLOCKS, .ops = &ops, .fs = p, .block_size = s.block_size };
	*size = p->size;
	*used = (size_t)at;
	return error_none();
}

bool android_sparse_size(struct span part, uint32_t *block_size, uint32_t *blocks)
{
	struct sparse s;
	if (!sparse_read(part, &s) || s.block_size < PART_BLOCK_MIN)
		return false;
	*block_size = s.block_size;
	*blocks = s.blocks;
	return true;
}

static void mark(struct android_sparse_whole *w, uint64_t first, uint64_t n)
{
	for (uint64_t i = first; i < first + n; i++) {
		w->twice += w->written[i / 8] >> i % 8 & 1;
		w->written[i / 8] |= (uint8_t)(1u << i % 8);
	}
}

/* Gives an error when the chunk does not fit. *block: where it begins, and then where the next one does. */
static struct error lay_chunk(const struct chunk *c, struct span data, uint64_t at, uint64_t *block, struct android_sparse_whole *w)
{
	uint64_t n = c->unpacked / w->block_size, first = *block;
	if (n > w->blocks - first)
		return error_at(ERR_CORRUPT, at, "a chunk of %llu blocks from %llu on, where the image has %llu", (unsigned long long)n,
						(unsigned long long)first, (unsigned long long)w->blocks);
	*block += n;
	if (c->type != CHUNK_RAW && c->type != CHUNK_FILL)
		return error_none();
	if (w->twice > w->blocks)
		return error_at(ERR_BUDGET, at, "the parts write more than the image again");
	uint8_t *out = w->image + first * w->block_size;
	if (c->type == CHUNK_RAW) {
		n = data.n / w->block_size < n ? data.n / w->block_size : n;
		if (n)
			memcpy(out, data.p, (size_t)(n * w->block_size));
	} else if (n) {
		fill(out, (size_t)c->unpacked, data.p);
	}
	mark(w, first, n);
	return error_none();
}

struct error android_sparse_lay(struct span part, struct android_sparse_whole *w)
{
	struct sparse s;
	struct chunk c;
	if (!sparse_read(part, &s) || s.block_size != w->block_size)
		return error_at(ERR_CORRUPT, 0, "no sparse image of blocks of %lu bytes", (unsigned long)w->block_size);
	uint64_t at = s.header_size, block = 0;
	for (uint32_t i = 0; i < s.chunks; i++) {
		uint64_t here = at < part.n ? at : part.n;
		if (!chunk_read(&s, part, at, &c))
			return error_at(part.n - here < CHUNK_HEADER_SIZE ? ERR_TRUNCATED : ERR_CORRUPT, here, "chunk %lu of %lu is %s",
							(unsigned long)i, (unsigned long)s.chunks, part.n - here < CHUNK_HEADER_SIZE ? "missing" : "none");
		struct span data = span_clip(part, at + s.chunk_header_size, c.size - s.chunk_header_size);
		bool cut = data.n < c.size - s.chunk_header_size;
		if (cut && c.type != CHUNK_RAW)
			return error_at(ERR_TRUNCATED, at, "chunk %lu of %lu is cut off", (unsigned long)i, (unsigned long)s.chunks);
		struct error e = lay_chunk(&c, data, at, &block, w);
		if (error_is(&e))
			return e;
		if (cut)
			return error_at(ERR_TRUNCATED, part.n, "chunk %lu of %lu has %lu bytes, %zu are there", (unsigned long)i,
							(unsigned long)s.chunks, (unsigned long)c.size, data.n);
		at += c.size;
	}
	return at == part.n ? error_none()
						: error_at(ERR_CORRUPT, at, "%zu bytes are behind the last chunk", (size_t)(part.n - at));
}

static const struct format_magic android_sparse_magics[] = { MAGIC("\x3a\xff\x26\xed\1\0", 0), MAGIC_END };

const struct format android_sparse_format = {
	.name = "android_sparse",
	.kind = FORMAT_ENCODING,
	.title = "Android sparse image",
	.spec = "AOSP system/core/libsparse/sparse_format.h",
	.magics = android_sparse_magics,
	.probe = android_sparse_probe,
	.unpack = android_sparse_unpack,
	.lay = android_sparse_lay_out,
};
