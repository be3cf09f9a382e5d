/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the boot ROM of Marvell's Kirkwood and Armada loads: a header, in the newer version with code that sets up the memory,
 * and U-Boot. It has no magic, but two sums.
 *
 * Specification: U-Boot tools/kwbimage.h and doc/README.kwbimage.
 */
#include "format/region.h"

#define HEADER 32u
#define SECTOR 512u
#define SIZE_MAX_IMAGE (16u << 20)
#define BINARY_HEADER 2u

struct kwb {
	const char *device;
	uint8_t version;
	uint32_t block_size, header_size, source, destination, execute;
	bool extended;
	uint64_t at; /* of the data */
};

static const char *device_name(uint8_t id)
{
	switch (id) {
	case 0x4d:
		return "I2C";
	case 0x5a:
		return "SPI";
	case 0x69:
		return "UART";
	case 0x78:
		return "SATA";
	case 0x8b:
		return "NAND";
	case 0x9c:
		return "PEX";
	case 0xae:
		return "SDIO";
	default:
		return NULL;
	}
}

static bool header_sums_up(struct span header, uint64_t at)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < header.n; i++)
		sum = (uint8_t)(sum + header.p[i]);
	return header.n && (uint8_t)(sum - header.p[at]) == header.p[at];
}

static bool kwb_read(struct span at, struct kwb *k)
{
	struct reader r = reader_le(span_sub(at, 0, HEADER));
	*k = (struct kwb){ .device = device_name(rd_u8(&r)) };
	rd_skip(&r, 3);
	k->block_size = rd_u32(&r);
	k->version = rd_u8(&r);
	uint32_t size_high = rd_u8(&r), size_low = rd_u16(&r);
	k->source = rd_u32(&r);
	k->destination = rd_u32(&r);
	k->execute = rd_u32(&r);
	if (!rd_ok(&r) || !k->device || k->version > 1 || at.p[30] > 1)
		return false;
	k->extended = at.p[30];
	k->header_size = k->version ? size_high << 16 | size_low : k->extended ? 0x200 : HEADER;
	bool sectors = at.p[0] == 0x78 || (at.p[0] == 0xae && k->version);
	k->at = at.p[0] == 0x9c ? k->header_size : (uint64_t)k->source * (sectors ? SECTOR : 1);
	return k->block_size > 4 && k->block_size % 4 == 0 && k->block_size <= SIZE_MAX_IMAGE && k->header_size >= HEADER &&
		   k->header_size <= k->at && k->at <= SIZE_MAX_IMAGE &&
		   header_sums_up(span_sub(at, 0, k->version ? k->header_size : HEADER), 31);
}

static bool data_sums_up(struct span at, const struct kwb *k)
{
	struct reader r = reader_le(span_sub(at, k->at, k->block_size - 4));
	uint32_t sum = 0;
	if (!r.bytes.n)
		return false;
	while (rd_left(&r) >= 4)
		sum += rd_u32(&r);
	return sum == span_u32le(at, k->at + k->block_size - 4);
}

static bool kwb_probe(struct span at, struct format_match *match)
{
	struct kwb k;
	if (!kwb_read(at, &k) || !data_sums_up(at, &k))
		return false;
	match->size = k.at + k.block_size;
	match->confidence = 70;
	return true;
}

/* The optional headers of version 1: type, size, and whether another one follows in their last word. */
static void walk_optional(struct span bytes, struct walk *w, const struct kwb *k)
{
	uint64_t at = HEADER;
	for (unsigned i = 0; i < 32 && at + 8 <= k->header_size; i++) {
		struct span head = span_sub(bytes, at, 4);
		uint32_t size = head.p ? (uint32_t)head.p[1] << 16 | span_u16le(head, 2) : 0;
		if (size < 8 || size > k->header_size - at) {
			emit_damage_at(w->sink, ERR_CORRUPT, at, "an optional header of %u bytes does not fit", size);
			return;
		}
		if (head.p[0] == BINARY_HEADER && !region_emit(w, "binary-header", bytes, at + 4, size - 4, NULL))
			return;
		if (!(span_u32le(bytes, at + size - 4) & 1))
			return;
		at += size;
	}
}

static struct error kwb_walk(struct span bytes, struct walk *w)
{
	struct kwb k;
	if (!kwb_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no kwbimage header");
	emit_header_field(w->sink, 0, "blockid", "%s", k.device);
	emit_header_field(w->sink, 8, "version", "%u", k.version);
	emit_header_field(w->sink, 16, "destaddr", "0x%08x", k.destination);
	emit_header_field(w->sink, 20, "execaddr", "0x%08x", k.execute);
	emit_header_field(w->sink, k.at + k.block_size - 4, "checksum", "%s", data_sums_up(bytes, &k) ? "ok" : "mismatch");
	if (k.version && k.extended)
		walk_optional(bytes, w, &k);
	region_emit(w, "data", bytes, k.at, k.block_size - 4, NULL);
	return error_none();
}

const struct format kwbimage_format = {
	.name = "kwbimage",
	.kind = FORMAT_CONTAINER,
	.title = "Marvell Kirkwood/Armada boot image (kwbimage)",
	.spec = "U-Boot tools/kwbimage.h",
	.at_start = true,
	.probe = kwb_probe,
	.walk = kwb_walk,
};
