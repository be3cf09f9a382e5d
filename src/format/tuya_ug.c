/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UG: the update packages that Tuya's cloud gives to devices with Beken's chips: a head with the version and two sums, then what the chip's
 * own loader takes.
 *
 * Specification: ltchiptool soc/bk72xx/binary.py.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_SIZE 32u
#define SUM_AT 20u
#define HEADER_SUM_AT 24u
#define IMAGE_MAX (64u << 20)

static bool ug_probe(struct span at, struct format_match *match)
{
	struct span head = span_sub(at, 0, HEADER_SIZE);
	uint32_t n = span_u32be(head, 16);
	if (!span_starts(head, "\x55\xaa\x55\xaa", 4) || !span_has(head, 28, "\xaa\x55\xaa\x55", 4) ||
		!wrapper_is_text(span_sub(head, 4, 12)) || !n || n > IMAGE_MAX ||
		span_u32be(head, HEADER_SUM_AT) != hash_sum(span_sub(head, 0, HEADER_SUM_AT)))
		return false;
	match->size = (uint64_t)HEADER_SIZE + n;
	match->confidence = 95;
	return true;
}

static struct error ug_walk(struct span bytes, struct walk *w)
{
	uint32_t n = span_u32be(bytes, 16);
	struct span image = span_sub(bytes, HEADER_SIZE, n);
	wrapper_field(w, 4, "version", span_sub(bytes, 4, 12));
	emit_header_field(w->sink, HEADER_SUM_AT, "header_checksum", "ok");
	wrapper_check_u32(w, SUM_AT, "checksum", image.p, span_u32be(bytes, SUM_AT), hash_sum(image));
	(void)wrapper_region(w, bytes, HEADER_SIZE, n, TEXT_LIT("image"), NULL);
	return error_none();
}

static const struct format_magic ug_magics[] = { MAGIC("\xaa\x55\xaa\x55", 28), MAGIC_END };

const struct format tuya_ug_format = {
	.name = "tuya_ug",
	.kind = FORMAT_CONTAINER,
	.title = "Tuya's UG update package",
	.spec = "ltchiptool soc/bk72xx/binary.py",
	.magics = ug_magics,
	.probe = ug_probe,
	.walk = ug_walk,
};
