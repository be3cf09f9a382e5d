/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TP-Link's images of routers that run VxWorks. Behind a header of 148 bytes stands what goes to flash: boot loader, system, file
 * system (minifs). The MD5 is one of TP-Link's, made with a key in its place that not all models share.
 *
 * Specification: binwalk 3, src/structures/tplink.rs; LeeXiaolan/tplink-vxworks-based-firmware for the MD5.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 0x94u
#define MD5_AT 4u
#define SIZED_FROM 20u /* what the size counts and the MD5 is over */
#define SIZE_MOST (256u << 20)

static const uint8_t key[DIGEST_MD5_SIZE] = { 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
											  0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e };

static bool rtos_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32be(at, 24);
	if (!span_starts(at, "\0\x14\x2f\xc0", 4) || !span_has(at, 20, "IMG0", 4) || size <= HEADER_SIZE || size > SIZE_MOST)
		return false;
	match->size = SIZED_FROM + (uint64_t)size;
	match->confidence = 90;
	return true;
}

static void check_md5(struct walk *w, struct span bytes, uint64_t size)
{
	uint8_t md5[DIGEST_MD5_SIZE];
	const struct span parts[] = { span_of(key, sizeof key), span_from(bytes, SIZED_FROM) };
	digest_of_parts(DIGEST_MD5, parts, 2, md5);
	bool ok = bytes.n == size && span_has(bytes, MD5_AT, md5, sizeof md5);
	emit_header_field(w->sink, MD5_AT, "md5", "%s", ok ? "ok" : "not checked (the key is not known, or it is a mismatch)");
}

static struct error rtos_walk(struct span bytes, struct walk *w)
{
	struct format_match match = { .size = SIZE_UNKNOWN };
	if (!rtos_probe(bytes, &match) || bytes.n < HEADER_SIZE)
		return error_at(ERR_CORRUPT, 0, "no header of TP-Link's RTOS images");
	emit_header_field(w->sink, 28, "model", "%04x", span_u16be(bytes, 28));
	emit_header_field(w->sink, 30, "hardware_revision", "%u", bytes.p[30]);
	check_md5(w, bytes, match.size);
	(void)wrapper_region(w, bytes, HEADER_SIZE, match.size - HEADER_SIZE, TEXT_LIT("flash"), NULL);
	return error_none();
}

static const struct format_magic rtos_magics[] = { MAGIC("\0\x14\x2f\xc0", 0), MAGIC_END };

const struct format tplink_rtos_format = {
	.name = "tplink_rtos",
	.kind = FORMAT_CONTAINER,
	.title = "TP-Link image of VxWorks routers",
	.spec = "binwalk 3, src/structures/tplink.rs",
	.magics = rtos_magics,
	.probe = rtos_probe,
	.walk = rtos_walk,
};
