/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RPM's database as a hash of Berkeley DB: pages with pairs of key and value, large values in chains of pages of their own.
 *
 * Specification: Berkeley DB 5.3, src/dbinc/db_page.h: DBMETA, HMETA, PAGE, HKEYDATA, HOFFPAGE. Numbers have the order of
 * the machine that wrote them; the magic number shows which.
 */
#include "inspect/package_rpm.h"

#define HASH_MAGIC 0x061561u
#define PAGE_HEAD 26u
/* Bytes of the value that is no header: the number of the last package. */
#define COUNTER 4u

enum { PAGE_HASH_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASH = 13 };
enum { ITEM_KEYDATA = 1, ITEM_OFFPAGE = 3 };

struct hash {
	struct package_rpm *rpm;
	struct span bytes;
	bool big;
	uint32_t page_size;
	uint64_t pages, left; /* left: pages of chains that may still be followed: each belongs to one value */
};

struct page {
	struct span bytes;
	uint32_t next;
	uint16_t entries, used; /* of an overflow page: its references, and how many bytes it holds */
	uint8_t type;
};

static struct reader reader_at(const struct hash *h, struct span s)
{
	return h->big ? reader_be(s) : reader_le(s);
}

static bool page_read(const struct hash *h, uint64_t number, struct page *p)
{
	p->bytes = number < h->pages ? span_sub(h->bytes, number * h->page_size, h->page_size) : SPAN_NONE;
	struct reader r = reader_at(h, span_from(p->bytes, 16));
	p->next = rd_u32(&r);
	p->entries = rd_u16(&r);
	p->used = rd_u16(&r);
	rd_skip(&r, 1);
	p->type = rd_u8(&r);
	return rd_ok(&r);
}

/* A value of `size` bytes in the chain that begins at page `number`; SPAN_NONE when the chain ends before. */
static struct span chained(struct hash *h, uint64_t number, uint32_t size)
{
	uint8_t *all = size <= RPM_HEADER_MAX ? arena_alloc(h->rpm->scratch, size, 1) : NULL;
	size_t n = 0;
	struct page p;
	while (all && n < size && h->left && page_read(h, number, &p) && p.type == PAGE_OVERFLOW) {
		struct span part = span_clip(p.bytes, PAGE_HEAD, p.used < size - n ? p.used : size - n);
		if (!part.n)
			break;
		memcpy(all + n, part.p, part.n);
		n += part.n;
		number = p.next;
		h->left--;
	}
	return n == size ? span_of(all, n) : SPAN_NONE;
}

/* Where item `i` of the page begins. */
static uint16_t item_at(const struct hash *h, const struct page *p, unsigned i)
{
	struct reader r = reader_at(h, span_from(p->bytes, PAGE_HEAD + 2 * (size_t)i));
	return rd_u16(&r);
}

/* The value that item `i` is: items fill the page from its end. */
static struct span value_of(struct hash *h, const struct page *p, unsigned i)
{
	uint32_t at = item_at(h, p, i), end = i ? item_at(h, p, i - 1) : h->page_size;
	struct span item = end > at ? span_sub(p->bytes, at, end - at) : SPAN_NONE;
	struct reader r = reader_at(h, item);
	uint8_t type = rd_u8(&r);
	if (type == ITEM_KEYDATA)
		return span_from(item, 1);
	rd_skip(&r, 3);
	uint32_t first = rd_u32(&r), size = rd_u32(&r);
	return rd_ok(&r) && type == ITEM_OFFPAGE ? chained(h, first, size) : SPAN_NONE;
}

static bool read_pairs(struct hash *h, uint64_t number, const struct page *p)
{
	for (unsigned i = 1; i < p->entries && i < h->page_size / 2; i += 2) {
		uint64_t offset = number * h->page_size + item_at(h, p, i);
		arena_reset(h->rpm->scratch);
		struct span value = value_of(h, p, i);
		if (value.n == COUNTER)
			continue;
		if (!value.n)
			rpm_damage(h->rpm, ERR_CORRUPT, offset, "a value of RPM's database can not be read");
		else if (!package_rpm_row(h->rpm, value, offset))
			return false;
	}
	return true;
}

static bool hash_open(struct package_rpm *rpm, struct hash *h)
{
	*h = (struct hash){ .rpm = rpm, .bytes = rpm->subject->bytes };
	h->big = span_u32be(h->bytes, 12) == HASH_MAGIC;
	struct reader r = reader_at(h, span_from(h->bytes, 12));
	uint32_t magic = rd_u32(&r);
	rd_skip(&r, 4);
	h->page_size = rd_u32(&r);
	if (!rd_ok(&r) || magic != HASH_MAGIC || h->page_size < 512 || h->page_size > 65536 ||
		h->page_size & (h->page_size - 1))
		return false;
	h->pages = h->left = h->bytes.n / h->page_size;
	return true;
}

void package_rpm_bdb(struct package_rpm *rpm)
{
	struct hash h;
	struct page p;
	if (!hash_open(rpm, &h)) {
		rpm_damage(rpm, ERR_UNSUPPORTED, 0, "RPM's database is none of SQLite, ndb and a hash of Berkeley DB");
		return;
	}
	for (uint64_t number = 1; number < h.pages && page_read(&h, number, &p); number++)
		if ((p.type == PAGE_HASH || p.type == PAGE_HASH_UNSORTED) && !read_pairs(&h, number, &p))
			return;
	if (h.bytes.n % h.page_size)
		rpm_damage(rpm, ERR_TRUNCATED, h.pages * h.page_size, "RPM's database ends within a page");
}
