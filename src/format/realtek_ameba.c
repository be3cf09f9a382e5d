/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of Realtek's AmebaZ (RTL8710B, RTL8711B) and AmebaD (RTL8720D): heads of 32 bytes, each with what follows it: first what is run in
 * the flash, then what is copied to RAM. AmebaD's second processor has its own, at the next page; for its PSRAM there may be nothing but a
 * head. The boot loader has the flash's calibration pattern in the place of the signature.
 *
 * Specification: ltchiptool soc/ambz/binary.py; LibreTiny's builder for AmebaD; Realtek's SDK, manipulate_image.bat.
 */
#include <stdio.h>

#include "format/parts.h"

#define HEADER_SIZE 32u
#define IMAGE_MAX (8u << 20)
#define IMAGES_MAX 12u
#define PAGE 4096u
#define SIGNATURE "81958711"
#define CALIBRATION "\x99\x99\x96\x96\x3f\xcc\x66\xfc"

static bool is_psram(uint32_t a)
{
	return a >= 0x02000000 && a < 0x02400000;
}

/* Of the first processor of AmebaD, and of the others. */
static bool is_ram(uint32_t a)
{
	return (a >= 0x00080000 && a < 0x000a0000) || (a >= 0x10000000 && a < 0x10100000) || is_psram(a);
}

/* Images that are linked to no address say 0. The flash stands there in several places. */
static bool is_address(uint32_t a)
{
	return !a || (a >= 0x08000000 && a < 0x10000000) || is_ram(a);
}

static bool image_read(struct span bytes, uint64_t at, uint32_t *size, uint32_t *address)
{
	struct span head = span_sub(bytes, at, HEADER_SIZE);
	*size = span_u32le(head, 8);
	*address = span_u32le(head, 12);
	for (size_t i = 16; i < head.n; i++)
		if (head.p[i] != 0xff)
			return false;
	return head.p && (span_starts(head, SIGNATURE, 8) || (!at && span_starts(head, CALIBRATION, 8))) && *size <= IMAGE_MAX &&
		   is_address(*address) && (*size || (at && is_psram(*address)));
}

/* The next one stands here, or at the next page. */
static bool next_read(struct span bytes, uint64_t *at, uint32_t *size, uint32_t *address)
{
	uint64_t page = (*at + PAGE - 1) / PAGE * PAGE;
	if (image_read(bytes, *at, size, address))
		return true;
	if (!*at || !image_read(bytes, page, size, address))
		return false;
	*at = page;
	return true;
}

static bool ameba_probe(struct span at, struct format_match *match)
{
	uint64_t end = 0;
	uint32_t size, address;
	for (unsigned i = 0; i < IMAGES_MAX && next_read(at, &end, &size, &address); i++)
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
	for (unsigned i = 0; i < IMAGES_MAX && next_read(bytes, &at, &size, &address); i++) {
		char name[32];
		snprintf(name, sizeof name, is_ram(address) ? "ram-0x%08x" : address ? "xip-0x%08x" : "xip", address);
		emit_header_field(w->sink, at + 12, "address", "0x%08x", address);
		if (size && !parts_emit(&p, text_c(name), at + HEADER_SIZE, size, NULL))
			break;
		at += HEADER_SIZE + (uint64_t)size;
	}
	return error_none();
}

static const struct format_magic ameba_magics[] = { MAGIC(SIGNATURE, 0), MAGIC(CALIBRATION, 0), MAGIC_END };

const struct format realtek_ameba_format = {
	.name = "realtek_ameba",
	.kind = FORMAT_CONTAINER,
	.title = "Image of Realtek's AmebaZ and AmebaD (RTL8710B, RTL8720D)",
	.spec = "ltchiptool soc/ambz/binary.py",
	.magics = ameba_magics,
	.probe = ameba_probe,
	.walk = ameba_walk,
};
