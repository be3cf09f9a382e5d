/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rock Ridge: POSIX names, modes, links and devices in the system use areas of ISO 9660; and zisofs, which compresses files
 * transparently.
 *
 * Specifications: IEEE P1281 (SUSP 1.12), IEEE P1282 (RRIP 1.12); zisofs_format.txt of libisofs.
 */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/codec.h"
#include "format/iso9660.h"

#define CONTINUATIONS_MAX 64u
#define ZISOFS_MAGIC "\x37\xe4\x53\x96\xc9\xdb\xd6\x07"
#define ZISOFS2_MAGIC "\xef\x22\x55\xa1\xbc\x1b\x95\xa0" /* sizes and places of 64 bits; a choice of compressions */
#define ZISOFS2_ZLIB 1u

bool rock_ridge_begins(struct span use, unsigned *skip)
{
	for (unsigned at = 0; at <= 16; at++) /* CD-ROM XA puts its own bytes in front */
		if (span_has(use, at, "SP\7\1\xbe\xef", 6)) {
			*skip = use.n > at + 6 ? use.p[at + 6] : 0;
			return true;
		}
	return false;
}

static void take_mode(struct iso_record *r, struct span f)
{
	r->has_mode = f.n >= 36;
	r->mode = span_u32le(f, 4);
	r->links = span_u32le(f, 12);
	r->uid = span_u32le(f, 20);
	r->gid = span_u32le(f, 28);
}

/* Either two halves of 32 bits, or one number in which both are packed. */
static void take_device(struct iso_record *r, struct span f)
{
	uint32_t high = span_u32le(f, 4), low = span_u32le(f, 12);
	dev_t packed = low;
	r->device = high ? (uint64_t)high << 32 | low : (uint64_t)major(packed) << 32 | minor(packed);
}

static void append(char *to, size_t *n, size_t size, struct span s)
{
	size_t part = s.n < size - *n ? s.n : size - *n;
	if (part)
		memcpy(to + *n, s.p, part);
	*n += part;
}

static void take_name(struct iso_record *r, struct span f)
{
	if (f.n < 5 || f.p[4] & 6) /* "." and ".." */
		return;
	r->has_name = true;
	append(r->alternate, &r->alternate_n, sizeof r->alternate, span_from(f, 5));
}

/* Components: their flags, and their text. */
static void take_target(struct iso_record *r, struct span f, bool *open)
{
	struct reader c = reader_le(span_from(f, 5));
	while (rd_left(&c) >= 2) {
		unsigned flags = rd_u8(&c), length = rd_u8(&c);
		struct span text = rd_bytes(&c, length);
		if (r->target_n && !*open && r->target[r->target_n - 1] != '/')
			append(r->target, &r->target_n, sizeof r->target, span_of("/", 1));
		if (flags & 8) /* also where slashes stand in a row: they are kept, as Linux has them */
			text = span_of("/", 1);
		else if (flags & 4)
			text = span_of("..", 2);
		else if (flags & 2)
			text = span_of(".", 1);
		append(r->target, &r->target_n, sizeof r->target, text);
		*open = flags & 1;
	}
}

/* Times in the order of their flags: creation, modification, access ... */
static void take_times(struct iso_record *r, struct span f)
{
	unsigned flags = f.n > 4 ? f.p[4] : 0;
	uint64_t width = flags & 0x80 ? 17 : 7, at = 5 + (flags & 1 ? width : 0);
	if (flags & 2 && width == 7)
		r->mtime = iso_time(f, at);
}

static void take_field(struct iso_record *r, struct span f, bool *open)
{
	uint16_t id = (uint16_t)(f.p[0] << 8 | f.p[1]);
	switch (id) {
	case 'P' << 8 | 'X':
		take_mode(r, f);
		break;
	case 'P' << 8 | 'N':
		take_device(r, f);
		break;
	case 'N' << 8 | 'M':
		take_name(r, f);
		break;
	case 'S' << 8 | 'L':
		take_target(r, f, open);
		break;
	case 'T' << 8 | 'F':
		take_times(r, f);
		break;
	case 'R' << 8 | 'E':
		r->relocated = true;
		break;
	case 'C' << 8 | 'L':
		r->child = true;
		r->child_extent = span_u32le(f, 4);
		break;
	case 'Z' << 8 | 'F':
		r->zisofs2 = span_has(f, 4, "PZ", 2);
		r->compressed = r->zisofs2 || span_has(f, 4, "pz", 2);
		if (r->compressed && f.n >= 16) {
			r->header_bytes = 4u * f.p[6];
			r->block_shift = f.p[7];
			r->unpacked = span_u32le(f, 8) | (r->zisofs2 ? (uint64_t)span_u32le(f, 12) << 32 : 0);
		}
		break;
	default:
		break;
	}
}

void rock_ridge_read(struct iso *iso, struct iso_record *r)
{
	struct span area = span_from(r->use, iso->skip);
	bool open = false;
	for (unsigned i = 0; i < CONTINUATIONS_MAX; i++) {
		struct span next = SPAN_NONE;
		if (i && area.n >= 4 && (area.p[2] < 4 || area.p[2] > area.n))
			volume_damage(&iso->v, ERR_CORRUPT, r->at, "the continuation of a directory record can not be read");
		while (area.n >= 4) {
			unsigned n = area.p[2];
			struct span f = span_sub(area, 0, n);
			if (n < 4 || !f.p || span_starts(f, "ST", 2))
				break;
			if (span_starts(f, "CE", 2))
				next = span_sub(iso->v.image, iso_place(iso, span_u32le(f, 4), iso->block) + span_u32le(f, 12),
								span_u32le(f, 20));
			else
				take_field(r, f, &open);
			area = span_from(area, n);
		}
		if (!next.p || next.n > iso->work)
			return;
		iso->work -= next.n;
		area = next;
	}
	volume_damage(&iso->v, ERR_CORRUPT, r->at, "continuations of a directory record that do not end");
}

struct zisofs {
	struct runs *packed;
	uint32_t block;
	uint64_t size;
	uint8_t *ends; /* the places of all blocks, little-endian, one more than there are blocks */
	unsigned width; /* of a place: 4 or 8 */
};

static uint64_t place_of(const struct zisofs *z, uint64_t i)
{
	struct reader r = reader_le(span_of(z->ends + i * z->width, z->width));
	return rd_uint(&r, z->width);
}

static struct error read_zisofs(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct iso *iso = fs;
	const struct zisofs *z = file;
	while (n) {
		uint64_t i = offset / z->block;
		uint64_t from = place_of(z, i), to = place_of(z, i + 1);
		size_t part = n < z->block ? n : z->block, got = 0;
		if (from > to || to > z->packed->size)
			return error_at(ERR_CORRUPT, offset, "a compressed block from %llu to %llu", (unsigned long long)from,
							(unsigned long long)to);
		uint64_t end;
		const struct run *run = from < to ? runs_find(z->packed, from, &end) : NULL;
		if (run) {
			struct span in =
				end - from >= to - from ? span_sub(iso->v.image, run->place + (from - run->at), to - from) : SPAN_NONE;
			if (!in.p)
				return error_at(ERR_TRUNCATED, offset, "a compressed block is not there in one piece");
			enum error_code code = codec_block(CODEC_ZLIB, in, out, part, &got);
			if (code)
				return error_at(code, offset, "a compressed block can not be unpacked");
		}
		memset(out + got, 0, part - got);
		offset += part;
		out += part;
		n -= part;
	}
	return error_none();
}

static const struct content_ops zisofs_ops = { .read = read_zisofs };

void zisofs_set_content(struct iso *iso, const struct iso_record *r, uint64_t packed, struct entry *e)
{
	struct zisofs *z = ARENA_NEW(iso->v.w->arena, struct zisofs);
	uint8_t header[16] = { 0 };
	if (!z || !(z->packed = volume_runs_end(&iso->v, packed))) {
		volume_exhausted(&iso->v, r->at);
		return;
	}
	e->size = r->unpacked;
	z->size = r->unpacked;
	z->width = r->zisofs2 ? 8 : 4;
	bool sane = r->block_shift >= 12 && r->block_shift <= 20 && r->header_bytes >= (r->zisofs2 ? 24 : 16) && packed >= 16;
	struct error error = sane ? runs_read(z->packed, 0, header, 16) : error_none();
	uint64_t blocks = sane ? (z->size >> r->block_shift) + (z->size % (1u << r->block_shift) != 0) : 0;
	uint64_t table = z->width * (blocks + 1);
	bool known = memcmp(header, r->zisofs2 ? ZISOFS2_MAGIC : ZISOFS_MAGIC, 8) == 0;
	if (!sane || error_is(&error) || !known || blocks > packed || r->header_bytes + table > packed ||
		(r->zisofs2 && header[10] != ZISOFS2_ZLIB)) {
		bool other = known && r->zisofs2 && header[10] != ZISOFS2_ZLIB;
		volume_damage(&iso->v, other ? ERR_UNSUPPORTED : ERR_CORRUPT, r->at,
					  other ? "a file is compressed by zisofs in a way that is not read"
							: "a file that is to be compressed by zisofs is not");
		volume_set_content(&iso->v, e, packed, iso->block);
		return;
	}
	z->block = 1u << r->block_shift;
	z->ends = arena_alloc(iso->v.w->arena, table, 1);
	if (!z->ends) {
		volume_exhausted(&iso->v, r->at);
		return;
	}
	error = runs_read(z->packed, r->header_bytes, z->ends, (size_t)table);
	if (error_is(&error))
		volume_damage(&iso->v, error.code, r->at, "the table of compressed blocks is missing");
	e->content =
		(struct content){ .kind = CONTENT_BLOCKS, .ops = &zisofs_ops, .fs = iso, .file = z, .block_size = z->block };
}
