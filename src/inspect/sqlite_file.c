/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/sqlite_file.h"

#include <string.h>

bool sqlite_file_open(struct span bytes, unsigned pages_max, struct sqlite_file *f)
{
	struct reader r = reader_be(span_from(bytes, 16));
	size_t page_size = rd_u16(&r);
	rd_skip(&r, 2);
	uint8_t reserved = rd_u8(&r);
	*f = (struct sqlite_file){ .bytes = bytes, .left = pages_max, .page_size = page_size == 1 ? 65536 : page_size };
	if (!rd_ok(&r) || f->page_size < 512 || f->page_size & (f->page_size - 1) || reserved > f->page_size - 480)
		return false;
	f->usable = f->page_size - reserved;
	f->pages = bytes.n / f->page_size;
	return true;
}

static struct span page_of(struct sqlite_file *f, uint64_t number)
{
	if (number == 0 || number > f->pages || f->left == 0)
		return SPAN_NONE;
	f->left--;
	return span_sub(f->bytes, (number - 1) * f->page_size, f->page_size);
}

bool sqlite_page_read(struct sqlite_file *f, uint64_t number, struct sqlite_page *p)
{
	p->bytes = page_of(f, number);
	p->header = number == 1 ? 100 : 0;
	struct reader r = reader_be(span_from(p->bytes, p->header));
	p->type = rd_u8(&r);
	rd_skip(&r, 2);
	p->cells = rd_u16(&r);
	return rd_ok(&r) && (p->type == 2 || p->type == 5 || p->type == 10 || p->type == 13) &&
		   p->cells <= f->page_size / 4;
}

size_t sqlite_cell(const struct sqlite_page *p, unsigned i)
{
	size_t array = p->header + (p->type == 2 || p->type == 5 ? 12 : 8);
	return span_u16be(p->bytes, array + 2 * (size_t)i);
}

uint32_t sqlite_child(const struct sqlite_page *p, unsigned i)
{
	return span_u32be(p->bytes, i < p->cells ? sqlite_cell(p, i) : p->header + 8);
}

/* Big-endian, seven bits a byte, of nine bytes at most. */
static uint64_t varint(struct reader *r)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < 9; i++) {
		uint8_t b = rd_u8(r);
		if (i == 8)
			return v << 8 | b;
		v = v << 7 | (b & 0x7f);
		if (!(b & 0x80))
			break;
	}
	return v;
}

/* The first part of a payload, and behind it the chain of pages that begins at `next`. */
static struct span joined(struct sqlite_file *f, struct span first, uint32_t next, size_t size, struct arena *arena)
{
	uint8_t *all = arena_alloc(arena, size, 1);
	size_t n = first.n;
	if (!all)
		return first;
	memcpy(all, first.p, n);
	while (n < size) {
		struct span page = page_of(f, next);
		struct span part = span_clip(page, 4, size - n < f->usable - 4 ? size - n : f->usable - 4);
		if (!part.n)
			break;
		memcpy(all + n, part.p, part.n);
		n += part.n;
		next = span_u32be(page, 0);
	}
	return span_of(all, n);
}

struct span sqlite_payload(struct sqlite_file *f, const struct sqlite_page *p, unsigned i, size_t max,
						   struct arena *arena)
{
	struct reader r = reader_be(span_from(p->bytes, sqlite_cell(p, i)));
	uint64_t size = varint(&r);
	(void)varint(&r); /* row id */
	size_t most = f->usable - 35, least = (f->usable - 12) * 32 / 255 - 23, local = (size_t)size;
	if (size > max || !rd_ok(&r))
		return SPAN_NONE;
	if (size > most) {
		size_t k = least + ((size_t)size - least) % (f->usable - 4);
		local = k <= most ? k : least;
	}
	struct span first = rd_bytes(&r, local);
	if (local == size || !first.p)
		return first;
	uint32_t next = rd_u32(&r);
	return rd_ok(&r) ? joined(f, first, next, (size_t)size, arena) : first;
}

static uint64_t serial_size(uint64_t type)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };
	return type < 12 ? sizes[type] : (type - 12) / 2;
}

bool sqlite_record(struct span record, unsigned n, uint64_t types[], struct span columns[])
{
	struct reader r = reader_be(record);
	uint64_t header = varint(&r);
	for (unsigned i = 0; i < n; i++)
		types[i] = varint(&r);
	rd_seek(&r, header);
	for (unsigned i = 0; i < n; i++) {
		uint64_t size = serial_size(types[i]);
		if (i + 1 == n && size > rd_left(&r))
			size = rd_left(&r); /* of a long one, what there is */
		columns[i] = rd_bytes(&r, size);
	}
	return rd_ok(&r);
}

uint64_t sqlite_number(uint64_t type, struct span column)
{
	uint64_t v = type == 9;
	for (size_t k = 0; type < 7 && k < column.n; k++)
		v = v << 8 | column.p[k];
	return v;
}
