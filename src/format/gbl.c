/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GBL: what Silicon Labs' Gecko boot loader takes: tags with their length, the last of which is a CRC of all.
 *
 * Specification: Silicon Labs UG489, "Gecko Bootloader File Format"; GSDK platform/bootloader/parser/gbl/gbl_format.h.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/memory_image.h"
#include "format/region.h"
#include "format/signature.h"

#define TAG_HEADER 0x03a617ebu
#define TAG_APPLICATION 0xf40a0af4u
#define TAG_BOOTLOADER 0xf50909f5u
#define TAG_PROG 0xfe0101feu
#define TAG_ERASEPROG 0xfd0303fdu
#define TAG_PROG_LZ4 0xfd0505fdu
#define TAG_PROG_LZMA 0xfd0707fdu
#define TAG_ENCRYPTED 0xf90707f9u
#define TAG_SIGNATURE 0xf70a0af7u
#define TAG_VERSION_DEPENDENCY 0x76a617ebu
#define TAG_END 0xfc0404fcu
#define TYPE_ENCRYPTED 0x1u
#define TYPE_SIGNED 0x100u
#define TAGS_MAX 4096u

struct tag {
	uint32_t id, size;
	uint64_t at; /* of its value */
};

static const char *tag_name(uint32_t id)
{
	static const struct {
		uint32_t id;
		const char *name;
	} names[] = {
		{ TAG_HEADER, "header" },
		{ TAG_APPLICATION, "application" },
		{ TAG_BOOTLOADER, "bootloader" },
		{ TAG_PROG, "program" },
		{ TAG_ERASEPROG, "program" },
		{ TAG_PROG_LZ4, "program-lz4" },
		{ TAG_PROG_LZMA, "program-lzma" },
		{ 0xf80a0af8, "delta" },
		{ 0xf80b0bf8, "delta-lz4" },
		{ 0xf80c0cf8, "delta-lzma" },
		{ 0xf60808f6, "metadata" },
		{ 0x5ea617eb, "se-upgrade" },
		{ TAG_VERSION_DEPENDENCY, "version-dependency" },
		{ 0xfb0505fb, "encryption-header" },
		{ 0xfa0606fa, "encryption-init" },
		{ TAG_ENCRYPTED, "encrypted-data" },
		{ TAG_SIGNATURE, "signature" },
		{ 0xf30b0bf3, "certificate" },
		{ TAG_END, "end" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].id == id)
			return names[i].name;
	return NULL;
}

/* The tag at *at, which is moved behind it; false when no known one stands there. Its value may be cut. */
static bool next_tag(struct span bytes, uint64_t *at, struct tag *t)
{
	struct span head = span_sub(bytes, *at, 8);
	*t = (struct tag){ span_u32le(head, 0), span_u32le(head, 4), *at + 8 };
	*at = t->at + t->size;
	return head.p && tag_name(t->id);
}

static bool gbl_probe(struct span at, struct format_match *match)
{
	struct tag t;
	uint64_t next = 0;
	uint32_t version = span_u32le(at, 8), type = span_u32le(at, 12);
	if (!next_tag(at, &next, &t) || t.id != TAG_HEADER || t.size != 8 || version >> 24 != 3 ||
		type & ~(TYPE_ENCRYPTED | TYPE_SIGNED))
		return false;
	/* As far as the tags lead: one that is cut still tells its size. */
	match->size = next;
	for (unsigned i = 0; i < TAGS_MAX && t.id != TAG_END && next_tag(at, &next, &t); i++)
		match->size = next;
	match->confidence = 95;
	return true;
}

static void emit_application(struct walk *w, struct span bytes, const struct tag *t)
{
	static const char *const types[] = { "Zigbee", "Thread",        "Flex",       "Bluetooth",
										 "MCU",    "Bluetooth App", "Bootloader", "Z-Wave" };
	uint32_t type = span_u32le(bytes, t->at);
	for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
		if (type & 1u << i)
			emit_header_field(w->sink, t->at, "application_type", "%s", types[i]);
	emit_header_field(w->sink, t->at + 4, "application_version", "%u", span_u32le(bytes, t->at + 4));
	struct span product = span_sub(bytes, t->at + 12, 16);
	char hex[33] = "";
	hash_hex(product.p, product.n, hex);
	if (product.n)
		emit_header_field(w->sink, t->at + 12, "product_id", "%s", hex);
}

static void verify(struct walk *w, struct span bytes, const struct tag *t)
{
	struct span stored = span_sub(bytes, t->at, 4);
	if (!stored.p)
		return;
	uint32_t crc = hash_crc32(0, span_sub(bytes, 0, t->at));
	emit_header_field(w->sink, t->at, "crc32", "%s", crc == span_u32le(stored, 0) ? "ok" : "mismatch");
	if (crc != span_u32le(stored, 0))
		emit_damage_at(w->sink, ERR_CORRUPT, t->at, "the end tag says CRC 0x%08x, the image has 0x%08x",
					   span_u32le(stored, 0), crc);
}

/* Flash contents are gathered by address; the rest are regions as they are. */
static bool take_tag(struct walk *w, struct span bytes, const struct tag *t, unsigned number,
					 struct memory_image *flash)
{
	char name[64];
	struct span value = span_clip(bytes, t->at, t->size);
	if (value.n < t->size && t->id != TAG_PROG && t->id != TAG_ERASEPROG)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the tag %s has %u bytes, %zu are there", tag_name(t->id),
					   t->size, value.n);
	switch (t->id) {
	case TAG_HEADER:
		return true;
	case TAG_APPLICATION:
		emit_application(w, bytes, t);
		return true;
	case TAG_END:
		verify(w, bytes, t);
		return true;
	case TAG_PROG:
	case TAG_ERASEPROG:
		if (value.n < t->size)
			emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the program has %u bytes, %zu are there", t->size,
						   value.n);
		if (value.n > 4 && !memory_image_put(flash, 0, span_u32le(value, 0), span_from(value, 4)))
			emit_damage_at(w->sink, ERR_BUDGET, t->at, "no room for the program at 0x%08x", span_u32le(value, 0));
		return true;
	case TAG_BOOTLOADER:
		snprintf(name, sizeof name, "bootloader-0x%08x", span_u32le(value, 4));
		emit_header_field(w->sink, t->at, "bootloader_version", "0x%08x", span_u32le(value, 0));
		return t->size <= 8 || region_emit(w, name, bytes, t->at + 8, t->size - 8, NULL);
	default:
		snprintf(name, sizeof name, "tag-%u-%s", number, tag_name(t->id));
		return t->size == 0 || region_emit(w, name, bytes, t->at, t->size, NULL);
	}
}

static struct error gbl_walk(struct span bytes, struct walk *w)
{
	struct memory_image flash;
	struct tag t = { 0 };
	uint64_t at = 0;
	uint32_t type = span_u32le(bytes, 12);
	unsigned i = 0;
	emit_header_field(w->sink, 8, "version", "0x%08x", span_u32le(bytes, 8));
	emit_header_field(w->sink, 12, "type", "%s%s", type & TYPE_SIGNED ? "signed (ECDSA P-256)" : "unsigned",
					  type & TYPE_ENCRYPTED ? ", encrypted (AES-CCM)" : "");
	signature_report_plain(w->sink, 12, "gbl", "image", type & TYPE_SIGNED ? "ECDSA P-256, SHA-256" : NULL,
						   type & TYPE_SIGNED ? SIGNATURE_NO_KEY : SIGNATURE_ABSENT,
						   type & TYPE_SIGNED ? "the boot loader has the key"
											  : "its header says that it is not signed");
	if (type & TYPE_ENCRYPTED)
		emit_damage_at(w->sink, ERR_ENCRYPTED, 12, "the image is encrypted with AES-CCM");
	if (!memory_image_begin(&flash, w, bytes.n, TAGS_MAX))
		return error_at(ERR_MEMORY, 0, "no memory for an image of %zu bytes", bytes.n);
	for (; i < TAGS_MAX && t.id != TAG_END && next_tag(bytes, &at, &t); i++)
		if (!take_tag(w, bytes, &t, i, &flash))
			return error_none();
	struct error e = memory_image_emit(&flash, NULL);
	if (t.id != TAG_END && !error_is(&e))
		return error_at(ERR_TRUNCATED, at < bytes.n ? at : bytes.n, "the image has no end tag");
	return e;
}

static const struct format_magic gbl_magics[] = { MAGIC("\xeb\x17\xa6\x03\x08\0\0\0", 0), MAGIC_END };

const struct format gbl_format = {
	.name = "gbl",
	.kind = FORMAT_CONTAINER,
	.title = "Silicon Labs Gecko boot loader image (GBL)",
	.spec = "Silicon Labs UG489",
	.magics = gbl_magics,
	.probe = gbl_probe,
	.walk = gbl_walk,
};
