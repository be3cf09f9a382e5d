/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Espressif's non-volatile storage: pages of 4 KiB with a header, a map of entry states and 126 entries of 32 bytes.
 * Each value is a file "/namespace/key": numbers in decimal digits, strings without their terminator, blobs as they
 * are.
 *
 * Specification: ESP-IDF Programming Guide, "Non-Volatile Storage Library", section Internals.
 */
#include <inttypes.h>

#include "base/hash.h"
#include "format/format.h"

#define PAGE 4096u
#define ENTRY 32u
#define ENTRIES 126u
#define FIRST_ENTRY_AT 64u
#define PAGES_MAX 4096u
#define ITEMS_MAX 65536u
#define KEY_MAX 16u

enum item_type { TYPE_STRING = 0x21, TYPE_BLOB = 0x41, TYPE_BLOB_DATA = 0x42, TYPE_BLOB_INDEX = 0x48 };
enum entry_state { STATE_ERASED = 0, STATE_WRITTEN = 2, STATE_EMPTY = 3 };

struct item {
	uint8_t space, type, span, chunk; /* span: entries that it takes */
	struct text key;
	struct span data;    /* the 8 bytes of the entry */
	struct span payload; /* of strings and blobs */
	uint32_t page_number;
	uint64_t at;
};

struct items {
	struct item *v;
	size_t n, cap;
};

/* The page has a header whose CRC is right. Version 0xff is the first, 0xfe the second one. */
static bool page_is_valid(struct span bytes, uint64_t at)
{
	struct span page = span_sub(bytes, at, PAGE);
	uint32_t state = span_u32le(page, 0);
	bool used = state == 0xfffffffe || state == 0xfffffffc || state == 0xfffffff8;
	return used && page.p[8] >= 0xfe && hash_crc32(UINT32_MAX, span_sub(page, 4, 24)) == span_u32le(page, 28);
}

static bool page_is_erased(struct span bytes, uint64_t at)
{
	struct span page = span_sub(bytes, at, PAGE);
	for (size_t i = 0; i < page.n; i += 64)
		if (page.p[i] != 0xff)
			return false;
	return page.p != NULL;
}

static uint64_t pages(struct span bytes)
{
	uint64_t n = 0;
	while (n < PAGES_MAX && (page_is_valid(bytes, n * PAGE) || page_is_erased(bytes, n * PAGE)))
		n++;
	return n;
}

static bool nvs_probe(struct span at, struct format_match *match)
{
	if (!page_is_valid(at, 0))
		return false;
	match->size = pages(at) * PAGE;
	match->confidence = 90;
	return true;
}

static enum entry_state entry_state(struct span page, unsigned i)
{
	return (enum entry_state)(page.p[32 + i / 4] >> (2 * (i % 4)) & 3);
}

static bool read_item(struct span page, unsigned i, struct item *item)
{
	struct span e = span_sub(page, FIRST_ENTRY_AT + i * ENTRY, ENTRY);
	if (!e.p || hash_crc32(hash_crc32(UINT32_MAX, span_sub(e, 0, 4)), span_sub(e, 8, 24)) != span_u32le(e, 4))
		return false;
	const char *key = (const char *)e.p + 8;
	*item = (struct item){ .space = e.p[0], .type = e.p[1], .span = e.p[2], .chunk = e.p[3] };
	item->key = text_of(key, strnlen(key, KEY_MAX));
	item->data = span_sub(e, 24, 8);
	return item->span >= 1 && item->span <= ENTRIES - i;
}

/* Strings and blobs continue in the entries behind theirs. */
static bool read_payload(struct walk *w, struct span page, unsigned i, struct item *item)
{
	if (item->type != TYPE_STRING && item->type != TYPE_BLOB && item->type != TYPE_BLOB_DATA)
		return true;
	uint16_t size = span_u16le(item->data, 0);
	item->payload = span_sub(page, FIRST_ENTRY_AT + (i + 1u) * ENTRY, size);
	if (!item->payload.p || size > (item->span - 1u) * ENTRY) {
		emit_damage_at(w->sink, ERR_CORRUPT, item->at, "its %u bytes do not fit into the %u entries that it takes",
					   size, item->span);
		return false;
	}
	if (hash_crc32(UINT32_MAX, item->payload) == span_u32le(item->data, 4))
		return true;
	emit_damage_at(w->sink, ERR_CORRUPT, item->at, "the CRC of its value is wrong");
	return false;
}

static bool items_add(struct walk *w, struct items *items, const struct item *item)
{
	if (items->n == items->cap) {
		size_t cap = items->cap ? 2 * items->cap : 128;
		struct item *v = cap <= ITEMS_MAX ? ARENA_ARRAY(w->arena, struct item, cap) : NULL;
		if (!v)
			return false;
		if (items->n)
			memcpy(v, items->v, items->n * sizeof *v);
		*items = (struct items){ v, items->n, cap };
	}
	items->v[items->n++] = *item;
	return true;
}

/* The written entries of one page. Entries that are all wrong are encrypted ones: their state is not. */
static bool read_page(struct walk *w, struct span bytes, uint64_t at, struct items *items)
{
	struct span page = span_sub(bytes, at, PAGE);
	unsigned wrong = 0, right = 0;
	for (unsigned i = 0; i < ENTRIES;) {
		struct item item;
		if (entry_state(page, i) != STATE_WRITTEN) {
			i++;
			continue;
		}
		if (!read_item(page, i, &item)) {
			wrong++;
			i++;
			continue;
		}
		right++;
		item.at = at + FIRST_ENTRY_AT + i * ENTRY;
		item.page_number = span_u32le(page, 4);
		if (read_payload(w, page, i, &item) && !items_add(w, items, &item))
			return false;
		i += item.span;
	}
	if (wrong > 0 && right == 0)
		emit_damage_at(w->sink, ERR_ENCRYPTED, at, "the page is sound, its %u entries are not: NVS encryption", wrong);
	else if (wrong > 0)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "%u entries of the page have a wrong CRC", wrong);
	return true;
}

static const struct item *find_chunk(const struct items *items, const struct item *like, uint8_t type, uint8_t chunk)
{
	for (size_t i = 0; i < items->n; i++) {
		const struct item *k = &items->v[i];
		if (k->type == type && k->space == like->space && k->chunk == chunk && text_eq(k->key, like->key))
			return k;
	}
	return NULL;
}

/* Namespace 0 holds the names of the others, each with its number as value. */
static struct text space_name(const struct items *items, uint8_t space)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->v[i].space == 0 && items->v[i].data.p[0] == space && items->v[i].type == 1)
			return items->v[i].key;
	return TEXT_NONE;
}

static struct span number_text(struct walk *w, const struct item *item)
{
	unsigned width = item->type & 15;
	struct reader r = reader_le(item->data);
	uint64_t v = rd_uint(&r, width);
	char *text;
	if (item->type & 0x10)
		text = arena_printf(w->arena, "%" PRId64, (int64_t)(v << (64 - 8 * width)) >> (64 - 8 * width));
	else
		text = arena_printf(w->arena, "%" PRIu64, v);
	return text ? span_of(text, strlen(text)) : SPAN_NONE;
}

/* A blob in chunks: its index tells how many there are, and the number of the first. */
static struct span blob_bytes(struct walk *w, const struct items *items, const struct item *index)
{
	uint32_t size = span_u32le(index->data, 0), done = 0;
	uint8_t count = index->data.p[4], first = index->data.p[5];
	uint8_t *whole = size <= PAGES_MAX * PAGE ? ARENA_ARRAY(w->arena, uint8_t, size) : NULL;
	for (unsigned i = 0; whole && i < count; i++) {
		const struct item *chunk = find_chunk(items, index, TYPE_BLOB_DATA, (uint8_t)(first + i));
		if (!chunk || chunk->payload.n > size - done)
			break;
		memcpy(whole + done, chunk->payload.p, chunk->payload.n);
		done += (uint32_t)chunk->payload.n;
	}
	if (done == size && whole)
		return span_of(whole, size);
	emit_damage_at(w->sink, ERR_CORRUPT, index->at, "of the %u bytes of the blob %u are there", size, done);
	return SPAN_NONE;
}

static struct span item_bytes(struct walk *w, const struct items *items, const struct item *item)
{
	if (item->type == TYPE_BLOB_INDEX)
		return blob_bytes(w, items, item);
	if (item->type == TYPE_BLOB)
		return item->payload;
	if (item->type == TYPE_STRING) {
		struct span s = item->payload;
		s.n -= s.n && s.p[s.n - 1] == 0;
		return s;
	}
	unsigned width = item->type & 15;
	return (width == 1 || width == 2 || width == 4 || width == 8) && item->type < 0x20 ? number_text(w, item)
																					   : SPAN_NONE;
}

static bool emit_item(struct walk *w, const struct items *items, const struct item *item)
{
	struct text space = space_name(items, item->space);
	char *path =
		arena_printf(w->arena, "/%.*s/%.*s", (int)space.n, space.p ? space.p : "", (int)item->key.n, item->key.p);
	struct span bytes = item_bytes(w, items, item);
	if (!path || !bytes.p)
		return true;
	struct entry e = entry_new(ENTRY_FILE, text_c(path));
	e.offset = item->at;
	e.size = bytes.n;
	if (bytes.n)
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = bytes };
	return w->child(w, &e);
}

static struct error nvs_walk(struct span bytes, struct walk *w)
{
	struct items items = { 0 };
	for (uint64_t at = 0; at + PAGE <= bytes.n; at += PAGE)
		if (page_is_valid(bytes, at) && !read_page(w, bytes, at, &items))
			return error_at(ERR_BUDGET, at, "more values than are kept");
	for (size_t i = 0; i < items.n; i++)
		if (items.v[i].space != 0 && items.v[i].type != TYPE_BLOB_DATA && !emit_item(w, &items, &items.v[i]))
			break;
	return error_none();
}

/* State, then sequence number 0: the first page of a storage that was never full; others are promised by a partition
 * table. */
static const struct format_magic nvs_magics[] = {
	MAGIC("\xfe\xff\xff\xff\0\0\0\0\xfe\xff\xff\xff", 0),
	MAGIC("\xfc\xff\xff\xff\0\0\0\0\xfe\xff\xff\xff", 0),
	MAGIC("\xfe\xff\xff\xff\0\0\0\0\xff\xff\xff\xff", 0),
	MAGIC("\xfc\xff\xff\xff\0\0\0\0\xff\xff\xff\xff", 0),
	MAGIC_END,
};

const struct format esp_nvs_format = {
	.name = "esp_nvs",
	.kind = FORMAT_FILESYSTEM,
	.title = "Espressif non-volatile storage (NVS)",
	.spec = "ESP-IDF Programming Guide, Non-Volatile Storage Library",
	.magics = nvs_magics,
	.probe = nvs_probe,
	.walk = nvs_walk,
};
