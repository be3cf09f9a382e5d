/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boot header of Bouffalo's BL602 and BL702: settings of the flash and of the clock, flags, where the image begins, a SHA-256 of it.
 * The tools write the image a page behind the header, that of the boot loader two.
 *
 * Specification: bl_iot_sdk; blisp's struct bfl_boot_header; maero.dk/bl602-firmware-image-format; BLOpenFlasher.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_SIZE 176u
#define FLASH_AT 8u
#define CLOCK_AT 100u
#define CRC_AT 172u
#define HASH_AT 132u
#define PAGE 0x1000u
#define IMAGE_MAX (16u << 20)
#define NO_SEGMENT 0x100u
#define ENCRYPTION 0x0cu
#define CRC_IGNORED 0x10000u
#define HASH_IGNORED 0x20000u

static bool crc_is(struct span bytes, uint64_t at, uint64_t n, uint64_t crc_at)
{
	return hash_crc32(0, span_sub(bytes, at, n)) == span_u32le(bytes, crc_at);
}

/* Where the sums are not used, the magics of all three parts and the clock's sum stand for them. */
static bool header_read(struct span bytes, uint32_t *flags, uint32_t *size)
{
	struct span h = span_sub(bytes, 0, HEADER_SIZE);
	*flags = span_u32le(h, 116);
	*size = span_u32le(h, 120);
	return h.p && (span_starts(h, "BFNP", 4) || span_starts(h, "BFAP", 4)) && span_has(h, FLASH_AT, "FCFG", 4) &&
		   span_has(h, CLOCK_AT, "PCFG", 4) && *flags & NO_SEGMENT && *size && *size <= IMAGE_MAX &&
		   (crc_is(h, 0, CRC_AT, CRC_AT) || (*flags & CRC_IGNORED && crc_is(h, CLOCK_AT + 4, 8, CLOCK_AT + 12)));
}

static bool is_filled(struct span s)
{
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] != s.p[0])
			return false;
	return s.n && (s.p[0] == 0xff || s.p[0] == 0);
}

static bool is_header(struct span bytes, uint64_t at)
{
	return span_has(bytes, at, "BFNP", 4) || span_has(bytes, at, "BFAP", 4);
}

/* Where the image begins whose digest the header has: behind what fills up the first page, or both; in the second one may stand the header
 * once more. 0: that is not known. The digest does not find it: headers whose images are nowhere would cost one of megabytes each. */
static uint64_t find_image(struct span bytes, uint32_t flags)
{
	if (flags & HASH_IGNORED || bytes.n <= PAGE || !is_filled(span_sub(bytes, HEADER_SIZE, PAGE - HEADER_SIZE)))
		return 0;
	bool both = is_header(bytes, PAGE) || is_filled(span_sub(bytes, PAGE, PAGE));
	return !both ? PAGE : bytes.n > (uint64_t)2 * PAGE ? 2 * PAGE : 0;
}

static bool boot_probe(struct span at, struct format_match *match)
{
	uint32_t flags, size;
	if (!header_read(at, &flags, &size))
		return false;
	uint64_t image = find_image(at, flags);
	match->size = image ? image + size : HEADER_SIZE; /* nothing says where it begins: what is behind the header is looked at */
	match->confidence = 90;
	return true;
}

static struct error boot_walk(struct span bytes, struct walk *w)
{
	uint32_t flags, size;
	if (!header_read(bytes, &flags, &size))
		return error_at(ERR_CORRUPT, 0, "no boot header");
	uint64_t at = find_image(bytes, flags);
	struct span image = at ? span_sub(bytes, at, size) : SPAN_NONE;
	emit_header_field(w->sink, 0, "cpu", "%s", span_starts(bytes, "BFNP", 4) ? "1" : "2");
	emit_header_field(w->sink, 4, "revision", "%u", span_u32le(bytes, 4));
	emit_header_field(w->sink, 124, "entry", "0x%08x", span_u32le(bytes, 124));
	emit_header_field(w->sink, 116, "signed", "%s", flags & 3 ? "yes" : "no");
	emit_header_field(w->sink, CRC_AT, "header_crc32", "%s", flags & CRC_IGNORED ? "not checked" : "ok");
	wrapper_check(w, HASH_AT, "sha256", image.p, image.p && digest_matches(DIGEST_SHA256, image, span_sub(bytes, HASH_AT, 32)));
	if (flags & ENCRYPTION)
		emit_damage_at(w->sink, ERR_ENCRYPTED, at, "the image is encrypted");
	if (at)
		(void)wrapper_region(w, bytes, at, size, TEXT_LIT("image"), NULL);
	return error_none();
}

static const struct format_magic boot_magics[] = { MAGIC("FCFG", FLASH_AT), MAGIC_END };

const struct format bouffalo_boot_format = {
	.name = "bouffalo_boot",
	.kind = FORMAT_CONTAINER,
	.title = "image with the boot header of Bouffalo's BL602 and BL702",
	.spec = "blisp lib/blisp_struct.h, struct bfl_boot_header",
	.magics = boot_magics,
	.probe = boot_probe,
	.walk = boot_walk,
};
