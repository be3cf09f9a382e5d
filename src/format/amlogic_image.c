/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amlogic's burning images: a table of items, of which some are the SHA-1 digests of others.
 *
 * Specification: U-Boot of Amlogic drivers/usb/gadget/v2_burning/v2_common/amlImage_if.h, versions 1 and 2. */
#include <stdio.h>

/* OpenSSL's one-shot functions read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/hash.h"
#include "format/parts.h"

#define HEADER_SIZE 64u
#define ITEMS_MAX 512u

struct amlogic {
	uint32_t crc, version, items;
	uint64_t size;
	unsigned name_n, item_size;
};

struct item {
	uint64_t at, size;
	struct text main_type, sub_type;
	uint32_t file_type;
};

static bool amlogic_read(struct span at, struct amlogic *k)
{
	struct reader r = reader_le(span_sub(at, 0, HEADER_SIZE));
	k->crc = rd_u32(&r);
	k->version = rd_u32(&r);
	uint32_t magic = rd_u32(&r);
	k->size = rd_u64(&r);
	uint32_t align = rd_u32(&r);
	k->items = rd_u32(&r);
	k->name_n = k->version == 1 ? 32 : 256;
	k->item_size = 32 + 2 * k->name_n + 32; /* numbers, names, reserved */
	return rd_ok(&r) && magic == 0x27b51956 && (k->version == 1 || k->version == 2) && align <= 1u << 20 && k->items &&
		   k->items <= ITEMS_MAX && k->size >> 48 == 0 && k->size >= HEADER_SIZE + (uint64_t)k->items * k->item_size;
}

static bool item_read(struct span bytes, const struct amlogic *k, uint32_t i, struct item *item)
{
	struct reader r = reader_le(span_sub(bytes, HEADER_SIZE + (uint64_t)i * k->item_size, k->item_size));
	rd_skip(&r, 4);
	item->file_type = rd_u32(&r);
	rd_skip(&r, 8);
	item->at = rd_u64(&r);
	item->size = rd_u64(&r);
	item->main_type = text_until_nul(rd_bytes(&r, k->name_n));
	item->sub_type = text_until_nul(rd_bytes(&r, k->name_n));
	return rd_ok(&r) && item->at <= k->size && item->size <= k->size - item->at;
}

static bool amlogic_probe(struct span at, struct format_match *match)
{
	struct amlogic k;
	struct item first;
	if (!amlogic_read(at, &k) || !item_read(at, &k, 0, &first) || !first.main_type.n)
		return false;
	match->size = k.size;
	match->confidence = 88;
	return true;
}

/* The tools' CRC-32 lacks the inversion at the end. */
static void verify_image(struct walk *w, const struct amlogic *k, struct span bytes)
{
	struct span covered = span_sub(bytes, 4, k->size - 4);
	uint32_t crc = covered.p ? hash_crc32(0, covered) : 0;
	bool same = crc == k->crc || ~crc == k->crc;
	emit_header_field(w->sink, 0, "crc", "%s", !covered.p ? "not checked" : same ? "ok" : "mismatch");
	if (covered.p && !same)
		emit_damage_at(w->sink, ERR_CORRUPT, 0, "the header's checksum is 0x%08x, the image's 0x%08x", k->crc, ~crc);
}

/* "sha1sum" and 40 digits, of the item before it. */
static void verify_item(struct walk *w, struct span bytes, const struct item *item, const struct item *sum)
{
	uint8_t digest[SHA_DIGEST_LENGTH];
	char hex[2 * SHA_DIGEST_LENGTH + 1], field[320];
	struct span data = span_sub(bytes, item->at, item->size), text = span_sub(bytes, sum->at, sum->size);
	if (!data.p || !span_starts(text, "sha1sum ", 8) || !text_eq(item->sub_type, sum->sub_type))
		return;
	SHA_CTX context;
	SHA1_Init(&context);
	SHA1_Update(&context, data.p, data.n);
	SHA1_Final(digest, &context);
	hash_hex(digest, sizeof digest, hex);
	bool same = span_has(text, 8, hex, 2 * SHA_DIGEST_LENGTH);
	snprintf(field, sizeof field, "sha1sum/%.*s", (int)item->sub_type.n, item->sub_type.p);
	emit_header_field(w->sink, sum->at, field, "%s", same ? "ok" : "mismatch");
	if (!same)
		emit_damage_at(w->sink, ERR_CORRUPT, sum->at, "%.*s: SHA-1 is %s, another stands in the image",
					   (int)(item->sub_type.n < 40 ? item->sub_type.n : 40), item->sub_type.p, hex);
}

static struct error amlogic_walk(struct span bytes, struct walk *w)
{
	struct amlogic k;
	struct item before = { 0 }, item;
	if (!amlogic_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no Amlogic image header");
	emit_header_field(w->sink, 4, "version", "%u", k.version);
	verify_image(w, &k, bytes);
	struct parts parts = { .bytes = bytes, .w = w };
	for (uint32_t i = 0; i < k.items && !parts.stopped; i++, before = item) {
		char path[540];
		if (!item_read(bytes, &k, i, &item)) {
			emit_damage_at(w->sink, ERR_CORRUPT, HEADER_SIZE + (uint64_t)i * k.item_size, "item %u is broken", i);
			item = (struct item){ 0 };
			continue;
		}
		snprintf(path, sizeof path, "%.*s.%.*s", (int)item.sub_type.n, item.sub_type.p, (int)item.main_type.n,
				 item.main_type.p);
		if (!parts_emit(&parts, text_c(path), item.at, item.size, NULL))
			break;
		if (text_is(item.main_type, "VERIFY"))
			verify_item(w, bytes, &before, &item);
	}
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("\x56\x19\xb5\x27", 8), MAGIC_END };

const struct format amlogic_image_format = {
	.name = "amlogic_image",
	.kind = FORMAT_CONTAINER,
	.title = "Amlogic burning image",
	.spec = "Amlogic U-Boot v2_burning amlImage_if.h",
	.magics = magics,
	.probe = amlogic_probe,
	.walk = amlogic_walk,
};
