/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HWNP: the update packages of Huawei's fibre terminals: a header, the products that it is for, a table of items, their data.
 *
 * Specification: huawei_header.h and util_hw.cpp of HuaweiFirmwareTool.
 */
#include "base/hash.h"
#include "format/parts.h"
#include "format/wrapper.h"

#define HEADER_SIZE 36u
#define ITEM_SIZE 360u
#define ITEM_MIN 288u /* up to the section's name */
#define ITEMS_MAX 4096u
#define PRODUCTS_MAX 4096u
#define NOT_COUNTED 0x4cu /* the length does not count so many bytes */

struct hwnp {
	uint32_t length; /* big endian, the others are not */
	uint32_t crc, table_size, table_crc, items, item_size;
	uint16_t products;
};

static bool hwnp_read(struct span bytes, struct hwnp *h)
{
	struct reader r = reader_le(bytes);
	struct span magic = rd_bytes(&r, 4);
	h->length = span_u32be(rd_bytes(&r, 4), 0);
	h->crc = rd_u32(&r);
	h->table_size = rd_u32(&r);
	h->table_crc = rd_u32(&r);
	h->items = rd_u32(&r);
	rd_skip(&r, 2);
	h->products = rd_u16(&r);
	h->item_size = rd_u32(&r);
	rd_skip(&r, 4);
	if (!h->item_size)
		h->item_size = ITEM_SIZE;
	return rd_ok(&r) && span_starts(magic, "HWNP", 4) && h->items && h->items <= ITEMS_MAX && h->products <= PRODUCTS_MAX &&
		   h->item_size >= ITEM_MIN && h->item_size <= 4096;
}

static uint64_t table_end(const struct hwnp *h)
{
	return HEADER_SIZE + h->products + (uint64_t)h->items * h->item_size;
}

/* The size of the table, which older tools count without the header, proves the number of items. */
static bool hwnp_probe(struct span at, struct format_match *match)
{
	struct hwnp h;
	if (!hwnp_read(at, &h) || (h.table_size != table_end(&h) && h.table_size + HEADER_SIZE != table_end(&h)))
		return false;
	match->size = (uint64_t)h.length + NOT_COUNTED;
	match->confidence = 95;
	return match->size >= table_end(&h);
}

/* Each CRC covers what follows it: the table's to the end of the table, the other one to the end of the package. */
static void verify(struct walk *w, const struct hwnp *h, struct span bytes)
{
	struct span table = span_sub(bytes, 20, table_end(h) - 20), all = span_sub(bytes, 12, (uint64_t)h->length + NOT_COUNTED - 12);
	wrapper_check_u32(w, 16, "hdr_crc32", table.p, h->table_crc, table.p ? hash_crc32(0, table) : 0);
	wrapper_check_u32(w, 8, "raw_crc32", all.p, h->crc, all.p ? hash_crc32(0, all) : 0);
}

/* An item says where it goes ("file:/var/run.sh", "flash:rootfs"), what it is ("ROOTFS") and of which version. */
static bool emit_item(struct walk *w, struct parts *p, struct span item, uint64_t at, struct text *version, uint64_t *end)
{
	struct text name = wrapper_text(span_sub(item, 16, 256)), section = wrapper_text(span_sub(item, 272, 16));
	struct span field = span_clip(item, 288, item.n < 352 ? item.n - 288 : 64);
	struct text own = wrapper_text(field);
	uint32_t from = span_u32le(item, 8), n = span_u32le(item, 12);
	struct span data = span_sub(p->bytes, from, n);
	emit_header_field(w->sink, at, "item", "%.*s: %.*s", (int)section.n, section.p, (int)name.n, name.p);
	if (own.n && !text_eq(own, *version)) {
		wrapper_field(w, at + 288, "version", field);
		*version = own;
	}
	if (from > *end && !parts_emit(p, TEXT_LIT("gap"), *end, from - *end, NULL))
		return false;
	*end = (uint64_t)from + n > *end ? (uint64_t)from + n : *end;
	if (n && !parts_emit(p, name.n ? name : TEXT_LIT("item"), from, n, NULL))
		return false;
	if (data.p && hash_crc32(0, data) != span_u32le(item, 4))
		emit_damage_at(w->sink, ERR_CORRUPT, from, "the CRC of %.*s is another one", (int)name.n, name.p);
	return true;
}

static struct error hwnp_walk(struct span bytes, struct walk *w)
{
	struct hwnp h;
	if (!hwnp_read(bytes, &h))
		return error_at(ERR_CORRUPT, 0, "no HWNP header");
	struct parts p = { bytes, w, 0, false };
	struct text version = TEXT_NONE;
	uint64_t end = table_end(&h);
	emit_header_field(w->sink, 20, "items", "%u", h.items);
	wrapper_field(w, HEADER_SIZE, "products", span_sub(bytes, HEADER_SIZE, h.products));
	verify(w, &h, bytes);
	for (uint32_t i = 0; i < h.items; i++) {
		uint64_t at = HEADER_SIZE + h.products + (uint64_t)i * h.item_size;
		struct span item = span_sub(bytes, at, h.item_size);
		if (!item.p)
			return error_at(ERR_TRUNCATED, bytes.n, "the table has %u items, %u are there", h.items, i);
		if (!emit_item(w, &p, item, at, &version, &end))
			return error_none();
	}
	if (end < bytes.n)
		(void)parts_emit(&p, TEXT_LIT("rest"), end, bytes.n - end, NULL);
	return error_none();
}

static const struct format_magic hwnp_magics[] = { MAGIC("HWNP", 0), MAGIC_END };

const struct format huawei_hwnp_format = {
	.name = "huawei_hwnp",
	.kind = FORMAT_CONTAINER,
	.title = "Huawei HWNP update package",
	.spec = "HuaweiFirmwareTool huawei_header.h, util_hw.cpp",
	.magics = hwnp_magics,
	.probe = hwnp_probe,
	.walk = hwnp_walk,
	.own_bytes = true, /* the table, whose items are told */
};
