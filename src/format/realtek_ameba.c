/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of Realtek's AmebaZ (RTL8710B, RTL8711B): heads of 32 bytes, each with what follows it: first what is run in the flash, then what
 * is copied to RAM. The boot loader has the flash's calibration pattern in the place of the signature.
 *
 * Specification: ltchiptool soc/ambz/binary.py.
 */
#include <stdio.h>

#include "format/parts.h"

#define HEADER_SIZE 32u
#define IMAGE_MAX (8u << 20)
#define IMAGES_MAX 4u
#define SIGNATURE "81958711"
#define CALIBRATION "\x99\x99\x96\x96\x3f\xcc\x66\xfc"

/* Addresses of the flash and of RAM; images that are linked to no address say 0. */
static bool is_address(uint32_t a)
{
	return !a || (a >= 0x08000000 && a < 0x09000000) || (a >= 0x10000000 && a < 0x10100000);
}

static bool image_read(struct span bytes, uint64_t at, uint32_t *size, uint32_t *address)
{
	struct span head = span_sub(bytes, at, HEADER_SIZE);
	*size = span_u32le(head, 8);
	*address = span_u32le(head, 12);
	for (size_t i = 16; i < head.n; i++)
		if (head.p[i] != 0xff)
			return false;
	return head.p && (span_starts(head, SIGNATURE, 8) || (!at && span_starts(head, CALIBRATION, 8))) && *size && *size <= IMAGE_MAX &&
		   is_address(*address);
}

static bool ameba_probe(struct span at, struct format_match *match)
{
	uint64_t end = 0;
	uint32_t size, address;
	for (unsigned i = 0; i < IMAGES_MAX && image_read(at, end, &size, &address); i++)
		end += HEADER_SIZE + (uint64_t)size;
	match->size = end;
	match->confidence = 90;
	return end;
}

static struct error ameba_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	uint64_t at = 0;
	uint32_t size, address;
	for (unsigned i = 0; i < IMAGES_MAX && image_read(bytes, at, &size, &address); i++) {
		char name[32];
		snprintf(name, sizeof name, address >= 0x10000000 ? "ram-0x%08x" : address ? "xip-0x%08x" : "xip", address);
		emit_header_field(w->sink, at + 12, "address", "0x%08x", address);
		if (!parts_emit(&p, text_c(name), at + HEADER_SIZE, size, NULL))
			break;
		at += HEADER_SIZE + (uint64_t)size;
	}
	return error_none();
}

static const struct format_magic ameba_magics[] = { MAGIC(SIGNATURE, 0), MAGIC(CALIBRATION, 0), MAGIC_END };

const struct format realtek_ameba_format = {
	.name = "realtek_ameba",
	.kind = FORMAT_CONTAINER,
	.title = "image of Realtek's AmebaZ (RTL8710B)",
	.spec = "ltchiptool soc/ambz/binary.py",
	.magics = ameba_magics,
	.probe = ameba_probe,
	.walk = ameba_walk,
};
