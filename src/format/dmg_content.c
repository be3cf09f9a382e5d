/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/codec.h"
#include "base/hash.h"
#include "base/lzfse.h"
#include "format/dmg.h"

#define ZEROS_STEP ((uint64_t)1 << 20)
#define PACKED_MAX ((uint64_t)64 << 20) /* of what one chunk unpacks to; makers take one MiB at most */

/* How far a table is unpacked, and the sum of that, in which what nobody wrote does not count. */
struct progress {
	uint64_t next;
	uint32_t crc;
	bool broken;
};

struct run {
	const struct dmg *d;
	struct progress *tables;
	struct buf *out;
	size_t start;       /* of the disk in the buffer */
	bool tight;         /* which has no room for all of it */
	uint64_t claimed;   /* bytes of chunks so far */
	uint64_t damaged;   /* chunks */
	struct error first; /* what was wrong with the first of them */
};

/* Apple Data Compression: runs of literals, near matches in two bytes, others in three. */
static enum error_code adc_decode(struct span in, uint8_t *out, size_t room, size_t *made)
{
	struct reader r = reader_be(in);
	for (*made = 0; rd_left(&r) && *made < room;) {
		uint8_t op = rd_u8(&r);
		size_t n, distance = 0;
		if (op & 0x80) {
			n = (op & 0x7fu) + 1u;
		} else if (op & 0x40) {
			n = (op & 0x3fu) + 4u;
			distance = rd_u16(&r) + 1u;
		} else {
			n = (op >> 2) + 3u;
			distance = ((op & 3u) << 8 | rd_u8(&r)) + 1u;
		}
		if (n > room - *made)
			return ERR_BUDGET;
		struct span literals = distance ? SPAN_NONE : rd_bytes(&r, n);
		if (!rd_ok(&r))
			return ERR_TRUNCATED;
		if (distance > *made)
			return ERR_CORRUPT;
		for (size_t i = 0; i < n; i++)
			out[*made + i] = distance ? out[*made + i - distance] : literals.p[i];
		*made += n;
	}
	return ERR_NONE;
}

static enum error_code decode(const struct dmg_chunk *c, struct span in, uint8_t *out, size_t room, size_t *made)
{
	switch (c->type) {
	case DMG_RAW:
		return codec_block(CODEC_STORE, span_clip(in, 0, room), out, room, made);
	case DMG_ADC:
		return adc_decode(in, out, room, made);
	case DMG_ZLIB:
		return codec_block(CODEC_ZLIB, in, out, room, made);
	case DMG_BZIP2:
		return codec_block(CODEC_BZIP2, in, out, room, made);
	case DMG_LZFSE:
		return lzfse_decode(in, out, room, made);
	case DMG_LZMA:
		return codec_block(CODEC_XZ, in, out, room, made);
	default:
		return ERR_UNSUPPORTED;
	}
}

static void note(struct run *r, enum error_code code, const struct dmg_chunk *c)
{
	const char *why = code == ERR_UNSUPPORTED ? "is of an unknown kind"
	                  : code == ERR_TRUNCATED ? "lies beyond the end of the image, or breaks off"
	                                          : "does not unpack, or not to its sectors";
	if (!r->damaged++)
		r->first = error_at(code, c->sector * DMG_SECTOR, "the chunk 0x%08lx at sector %llu, whose bytes are at %llu, %s",
		                    (unsigned long)c->type, (unsigned long long)c->sector, (unsigned long long)c->at, why);
}

/* Of a disk that is too large, zeros end where there would be no room left for what is in it: a third. */
static bool zeros(struct run *r, uint64_t n)
{
	while (n) {
		size_t part = (size_t)(n < ZEROS_STEP ? n : ZEROS_STEP), left = r->tight ? r->out->n / 2 : 0;
		if (buf_reserve(r->out, part + left))
			return false;
		memset(r->out->p + r->out->n, 0, part);
		r->out->n += part;
		n -= part;
	}
	return true;
}

/* What can not be unpacked is zeros, so that the rest keeps its place. */
static bool unpack_chunk(struct run *r, const struct dmg_chunk *c)
{
	uint64_t n = c->sectors * DMG_SECTOR;
	struct span in = span_clip(r->d->bytes, c->at, c->size);
	size_t made = 0;
	if (c->type == DMG_ZEROS || c->type == DMG_IGNORED)
		return zeros(r, n);
	r->claimed += in.n; /* they do not overlap, but in images that are made to take long */
	enum error_code code = n > PACKED_MAX && c->type != DMG_RAW ? ERR_CORRUPT : ERR_NONE;
	if (!code && r->claimed > 2 * (uint64_t)r->d->bytes.n)
		code = ERR_BUDGET;
	if (!code && c->type == DMG_RAW && n > in.n) {
		n = in.n; /* of what is cut off there is no more */
		code = in.n < c->size ? ERR_TRUNCATED : ERR_CORRUPT;
	}
	if (!code || c->type == DMG_RAW) {
		if (buf_reserve(r->out, (size_t)n))
			return false;
		enum error_code now = decode(c, in, r->out->p + r->out->n, (size_t)n, &made);
		r->out->n += made;
		code = code ? code : now;
	}
	if (!code && made < n)
		code = ERR_CORRUPT;
	if (code == ERR_CORRUPT && in.n < c->size)
		code = ERR_TRUNCATED;
	if (code)
		note(r, code, c);
	return zeros(r, c->sectors * DMG_SECTOR - made);
}

static void add_to_sum(struct run *r, const struct dmg_chunk *c)
{
	struct progress *p = &r->tables[c->table];
	const struct dmg_table *t = &r->d->tables[c->table];
	if (t->checksum_type != DMG_CRC32 || c->sector != p->next) {
		p->broken = true;
		return;
	}
	struct span made = span_of(r->out->p + r->start + c->sector * DMG_SECTOR, (size_t)(c->sectors * DMG_SECTOR));
	if (c->type != DMG_IGNORED)
		p->crc = hash_crc32(p->crc, made);
	p->next += c->sectors;
}

/* Chunk by chunk in the order of the disk. False: the buffer is full. */
static bool unpack_chunks(struct run *r)
{
	const struct dmg *d = r->d;
	uint64_t sector = 0;
	for (size_t i = 0; i < d->nchunks; i++) {
		const struct dmg_chunk *c = &d->chunks[i];
		if (c->sector < sector) {
			note(r, ERR_CORRUPT, c);
			continue;
		}
		if (!zeros(r, (c->sector - sector) * DMG_SECTOR) || !unpack_chunk(r, c))
			return false;
		add_to_sum(r, c);
		sector = c->sector + c->sectors;
	}
	return true;
}

/* The first table whose sum does not match; what is damaged anyway does not count. */
static struct error check_sums(const struct run *r)
{
	for (size_t i = 0; i < r->d->ntables; i++) {
		const struct dmg_table *t = &r->d->tables[i];
		const struct progress *p = &r->tables[i];
		if (t->checksum_type != DMG_CRC32 || p->broken || p->next != t->sector + t->sectors || p->crc == t->checksum)
			continue;
		return error_at(ERR_CORRUPT, t->sector * DMG_SECTOR, "the CRC-32 of the table at sector %llu is 0x%08lx, its bytes give 0x%08lx",
		                (unsigned long long)t->sector, (unsigned long)t->checksum, (unsigned long)p->crc);
	}
	return error_none();
}

static struct error dmg_unpack(const void *fs, const void *file, struct buf *out)
{
	const struct dmg *d = fs;
	struct run r = { .d = d, .out = out, .start = out->n, .tables = calloc(d->ntables + 1, sizeof *r.tables) };
	(void)file;
	if (!r.tables)
		return error_at(ERR_MEMORY, 0, "no memory for the sums of the tables");
	for (size_t i = 0; i < d->ntables; i++)
		r.tables[i].next = d->tables[i].sector;
	r.tight = d->sectors > SIZE_MAX / DMG_SECTOR || buf_reserve(out, (size_t)d->sectors * DMG_SECTOR);
	bool whole = unpack_chunks(&r);
	struct error e = r.damaged ? r.first : check_sums(&r);
	free(r.tables);
	return whole ? e : error_at(ERR_BUDGET, out->n - r.start, "the disk has %llu sectors, of which %llu are unpacked",
	                            (unsigned long long)d->sectors, (unsigned long long)((out->n - r.start) / DMG_SECTOR));
}

const struct content_ops dmg_ops = { .unpack = dmg_unpack };
