/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/decmpfs.h"

#include <stdlib.h>

#include "format/apple_codec.h"

#define HEADER 16u
#define CHUNK 65536u
#define CHUNK_PACKED_MAX (CHUNK + 4096u)

/* By type: those of even numbers have their bytes in the fork, but for the first ones. */
static const struct {
	enum apple_codec method;
	bool fork;
} types[] = {
	[1] = { APPLE_STORED, false },
	[3] = { APPLE_ZLIB, false },      [4] = { APPLE_ZLIB, true },
	[7] = { APPLE_LZVN, false },      [8] = { APPLE_LZVN, true },
	[9] = { APPLE_STORED, false },    [10] = { APPLE_STORED, true },
	[11] = { APPLE_LZFSE, false },    [12] = { APPLE_LZFSE, true },
	[13] = { APPLE_LZBITMAP, false }, [14] = { APPLE_LZBITMAP, true },
};

static enum apple_codec method_of(const struct decmpfs *d)
{
	return d->type < sizeof types / sizeof types[0] ? types[d->type].method : APPLE_UNKNOWN;
}

bool decmpfs_read(struct span attribute, struct decmpfs *d)
{
	struct reader r = reader_le(attribute);
	struct span magic = rd_bytes(&r, 4);
	d->type = rd_u32(&r);
	d->size = rd_u64(&r);
	d->inner = span_from(attribute, HEADER);
	return rd_ok(&r) && span_starts(magic, "fpmc", 4) && d->size <= INT64_MAX;
}

bool decmpfs_in_fork(const struct decmpfs *d)
{
	return d->type < sizeof types / sizeof types[0] && types[d->type].fork;
}

/* Whether a first byte says that the n others are stored: no packed bytes begin with it. */
static bool is_stored(const struct decmpfs *d, struct span in, size_t n)
{
	uint8_t first = in.n ? in.p[0] : 0;
	switch (method_of(d)) {
	case APPLE_STORED: /* they are anyway; all but the oldest have a byte before them, mostly 0xcc */
		return d->type != 1 && in.n > n;
	case APPLE_LZVN:
		return first == 6;
	default:
		return (first & 15) == 15;
	}
}

/* One run of packed bytes, to n bytes. */
static struct error unpack(const struct decmpfs *d, struct span in, uint8_t *out, size_t n)
{
	bool stored = is_stored(d, in, n);
	return apple_unpack(stored ? APPLE_STORED : method_of(d), span_from(in, stored), out, n);
}

static struct error unpack_inner(const void *fs, const void *file, struct buf *out)
{
	const struct decmpfs *d = file;
	(void)fs;
	if (decmpfs_in_fork(d))
		return error_at(ERR_CORRUPT, 0, "a resource fork of %llu bytes has no parts for %llu", (unsigned long long)d->fork_size,
						(unsigned long long)d->size);
	if (d->type == 5)
		return error_at(ERR_UNSUPPORTED, 0, "it has no data here: they are fetched when it is opened (decmpfs type 5)");
	if (method_of(d) == APPLE_UNKNOWN)
		return error_at(ERR_UNSUPPORTED, 0, "it is compressed by a method that is not known (decmpfs type %lu)", (unsigned long)d->type);
	/* an attribute holds some KiB: nothing packs a thousand times better than that */
	if (d->size > ((uint64_t)d->inner.n + 1) * 1100)
		return error_at(ERR_CORRUPT, 0, "%zu packed bytes can not be %llu", d->inner.n, (unsigned long long)d->size);
	enum error_code code = buf_reserve(out, (size_t)d->size);
	if (code)
		return error_at(code, 0, "%llu bytes are more than are unpacked of one file", (unsigned long long)d->size);
	struct error e = unpack(d, d->inner, out->p + out->n, (size_t)d->size);
	if (!error_is(&e))
		out->n += (size_t)d->size;
	return e;
}

/* Eight bytes of the fork. */
static struct error fork_word(const struct decmpfs *d, uint64_t at, uint8_t raw[8])
{
	if (at > d->fork_size || d->fork_size - at < 8)
		return error_at(ERR_TRUNCATED, 0, "its resource fork tells of no such part");
	return d->read(d->fs, d->fork, at, raw, 8);
}

/* The older methods have their chunks in a resource: its header is big-endian, its count and its table of places and sizes are not. The
 * newer ones have nothing but a table of places before them, of which the last one is where they end. What is stored has been described
 * with either: the list begins with its own size. */
static bool is_resource(const struct decmpfs *d, uint32_t first)
{
	if (method_of(d) == APPLE_STORED)
		return first != 4 * (d->size / CHUNK + (d->size % CHUNK != 0) + 1);
	return method_of(d) == APPLE_ZLIB;
}

/* Where a chunk is in the fork. */
static struct error chunk_find(const struct decmpfs *d, uint64_t number, uint64_t *at, uint64_t *n)
{
	uint8_t raw[8] = { 0 };
	struct span s = span_of(raw, sizeof raw);
	struct error e = fork_word(d, 0, raw);
	uint64_t base = 0, entry = number * 4, chunks = span_u32le(s, 0) / 4;
	bool resource = is_resource(d, span_u32le(s, 0));
	if (!error_is(&e) && resource) {
		base = (uint64_t)span_u32be(s, 0) + 4;
		entry = base + 4 + number * 8;
		e = fork_word(d, base, raw);
		chunks = (uint64_t)span_u32le(s, 0) + 1;
	}
	if (!error_is(&e) && number + 1 >= chunks)
		e = error_at(ERR_CORRUPT, 0, "its resource fork has no part for these bytes");
	if (!error_is(&e))
		e = fork_word(d, entry, raw);
	if (error_is(&e))
		return e;
	*at = base + span_u32le(s, 0);
	*n = resource ? span_u32le(s, 4) : (uint64_t)span_u32le(s, 4) - span_u32le(s, 0);
	if (*n > CHUNK_PACKED_MAX || *at > d->fork_size || *n > d->fork_size - *at)
		return error_at(ERR_CORRUPT, 0, "a part of its resource fork is at %llu, with %llu bytes", (unsigned long long)*at, (unsigned long long)*n);
	return error_none();
}

static struct error chunk_read(const struct decmpfs *d, uint64_t number, uint8_t *out, size_t n)
{
	uint64_t at = 0, packed_n = 0;
	struct error e = chunk_find(d, number, &at, &packed_n);
	uint8_t *packed = malloc((size_t)packed_n + 1);
	if (!error_is(&e))
		e = packed ? d->read(d->fs, d->fork, at, packed, (size_t)packed_n) : error_at(ERR_MEMORY, 0, "no memory for packed bytes");
	if (!error_is(&e))
		e = unpack(d, span_of(packed, (size_t)packed_n), out, n);
	free(packed);
	e.offset = number * CHUNK;
	return e;
}

static struct error read_fork(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	(void)fs;
	for (size_t done = 0; done < n; done += CHUNK) {
		size_t part = n - done < CHUNK ? n - done : CHUNK;
		struct error e = chunk_read(file, (offset + done) / CHUNK, out + done, part);
		if (error_is(&e))
			return e;
	}
	return error_none();
}

struct content decmpfs_content(const struct decmpfs *d)
{
	static const struct content_ops inner = { .unpack = unpack_inner }, fork = { .read = read_fork };
	uint64_t chunks = d->size / CHUNK + (d->size % CHUNK != 0); /* each has a place in the fork */
	if (decmpfs_in_fork(d) && d->read && chunks < d->fork_size / 4)
		return (struct content){ .kind = CONTENT_BLOCKS, .ops = &fork, .file = d, .block_size = CHUNK };
	return (struct content){ .kind = CONTENT_STREAM, .ops = &inner, .file = d };
}
