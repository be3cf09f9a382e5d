/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image of NXP's JN518x, K32W0x1 and QN9090: vectors of which a checksum, a marker and a CRC make a header, and a boot
 * block at the end.
 *
 * Specification: NXP UM11323 (JN5189), "Boot ROM"; dk6_image_tool.py of its SDK.
 */
#include "base/hash.h"
#include "format/region.h"

#define MARKER 0x98447902u /* the newer ones count up from it */
#define BOOT_BLOCK 0xbb0110bbu
#define BOOT_BLOCK_SIZE 32u
#define HEADER 0x120u /* the vectors */
#define FLASH_MAX (1u << 20)

struct jn518x {
	uint32_t stack, reset, marker, boot_block;
};

static bool jn518x_read(struct span at, struct jn518x *j)
{
	struct span head = span_sub(at, 0, 44);
	uint32_t sum = 0;
	*j = (struct jn518x){ span_u32le(head, 0), span_u32le(head, 4), span_u32le(head, 32), span_u32le(head, 36) };
	for (unsigned i = 0; i < 8; i++)
		sum += span_u32le(head, 4 * i);
	return head.p && j->marker - MARKER < 3 && sum == 0 && j->boot_block >= HEADER && j->boot_block <= FLASH_MAX &&
		   hash_crc32(0, span_sub(head, 0, 40)) == span_u32le(head, 40);
}

static bool jn518x_probe(struct span at, struct format_match *match)
{
	struct jn518x j;
	if (!jn518x_read(at, &j))
		return false;
	match->size = (uint64_t)j.boot_block + BOOT_BLOCK_SIZE;
	match->confidence = 95;
	return true;
}

static struct error jn518x_walk(struct span bytes, struct walk *w)
{
	struct jn518x j;
	if (!jn518x_read(bytes, &j))
		return error_at(ERR_CORRUPT, 0, "no JN518x image");
	emit_header_field(w->sink, 0, "initial_sp", "0x%08x", j.stack);
	emit_header_field(w->sink, 4, "reset", "0x%08x", j.reset);
	emit_header_field(w->sink, 36, "boot_block_offset", "0x%x", j.boot_block);
	emit_header_field(w->sink, 40, "header_crc", "ok");
	struct span block = span_sub(bytes, j.boot_block, BOOT_BLOCK_SIZE);
	if (span_u32le(block, 0) == BOOT_BLOCK) {
		emit_header_field(w->sink, j.boot_block + 4, "image_identifier", "%u", span_u32le(block, 4));
		emit_header_field(w->sink, j.boot_block + 8, "target_address", "0x%08x", span_u32le(block, 8));
		emit_header_field(w->sink, j.boot_block + 12, "image_length", "%u", span_u32le(block, 12));
		emit_header_field(w->sink, j.boot_block + 28, "version", "%u", span_u32le(block, 28));
	} else if (block.p) {
		emit_damage_at(w->sink, ERR_ENCRYPTED, j.boot_block,
					   "no boot block where the header says: the image is encrypted");
	}
	region_emit(w, "code", bytes, HEADER, j.boot_block - HEADER, NULL);
	return error_none();
}

static const struct format_magic jn518x_magics[] = { MAGIC("\x02\x79\x44\x98", 32), MAGIC("\x03\x79\x44\x98", 32),
													 MAGIC("\x04\x79\x44\x98", 32), MAGIC_END };

const struct format nxp_jn518x_format = {
	.name = "nxp_jn518x",
	.kind = FORMAT_CONTAINER,
	.title = "NXP JN518x/K32W/QN9090 image",
	.spec = "NXP UM11323",
	.magics = jn518x_magics,
	.probe = jn518x_probe,
	.walk = jn518x_walk,
};
