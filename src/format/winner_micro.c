/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of Winner Micro's W800 and W600 (.fls, and in the flash): a header of 64 or 56 bytes with sums of itself and of the image. In
 * the flash, and in some files, the image does not begin right behind it.
 *
 * Specification: doc.winnermicro.net W800 "Firmware format"; github.com/taligentx/FLSTweak.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define MAGIC_WORD "\x9f\xff\xff\xa0"
#define SIZE_W800 64u
#define SIZE_W600 56u
#define PADDED_W600 256u
#define IMAGE_MAX (8u << 20)
#define ENCRYPTED 0x10u
#define SIGNED 0x100u
#define GZIP 0x10000u

struct fls {
	uint32_t size, attributes, address, n, sum, gap; /* gap: where the flash has the image, from the header on */
	const char *chip;
	struct span version;
};

/* The CRC that is not inverted at its end. */
static uint32_t sum_of(struct span s)
{
	return ~hash_crc32(0, s);
}

static bool sum_is(struct span bytes, uint32_t n)
{
	struct span covered = span_sub(bytes, 0, n);
	return covered.p && sum_of(covered) == span_u32le(bytes, n);
}

static bool fls_read(struct span bytes, struct fls *f)
{
	bool newer = sum_is(bytes, SIZE_W800 - 4);
	*f = (struct fls){ newer ? SIZE_W800 : SIZE_W600, span_u32le(bytes, 4), span_u32le(bytes, 8), span_u32le(bytes, 12),
					   span_u32le(bytes, newer ? 24 : 16), SIZE_W600, newer ? "W800" : "W600", span_sub(bytes, newer ? 32 : 36, 16) };
	if (newer)
		f->gap = f->address - span_u32le(bytes, 16);
	return span_starts(bytes, MAGIC_WORD, 4) && (newer || sum_is(bytes, SIZE_W600 - 4)) && f->n && f->n <= IMAGE_MAX;
}

/* Where the image begins: at the place where its sum is right; else right behind the header. */
static uint32_t image_at(struct span bytes, const struct fls *f, bool *right)
{
	uint32_t places[] = { f->size, f->size == SIZE_W800 ? f->gap : PADDED_W600 };
	for (size_t i = 0; i < 2; i++) {
		struct span image = span_sub(bytes, places[i], f->n);
		*right = places[i] >= f->size && image.p && sum_of(image) == f->sum;
		if (*right)
			return places[i];
	}
	return f->size;
}

static bool fls_probe(struct span at, struct format_match *match)
{
	struct fls f;
	bool right;
	if (!fls_read(at, &f))
		return false;
	match->size = (uint64_t)image_at(at, &f, &right) + f.n;
	match->confidence = 95;
	return true;
}

static const char *type_of(uint32_t attributes)
{
	switch (attributes & 15) {
	case 0: return "bootloader";
	case 1: return "image";
	case 2: return "partition-table";
	case 14: return "factory-test";
	default: return "unknown";
	}
}

static struct error fls_walk(struct span bytes, struct walk *w)
{
	struct fls f;
	bool right;
	if (!fls_read(bytes, &f))
		return error_at(ERR_CORRUPT, 0, "no header whose sum verifies");
	uint32_t at = image_at(bytes, &f, &right);
	emit_header_field(w->sink, 0, "chip", "%s", f.chip);
	emit_header_field(w->sink, 4, "type", "%s", type_of(f.attributes));
	emit_header_field(w->sink, 4, "signed", "%s", f.size == SIZE_W800 && f.attributes & SIGNED ? "yes" : "no");
	emit_header_field(w->sink, 8, "address", "0x%08x", f.address);
	wrapper_field(w, (uint64_t)(f.version.p - bytes.p), "version", f.version);
	emit_header_field(w->sink, f.size - 4, "header_crc32", "ok");
	wrapper_check(w, f.size == SIZE_W800 ? 24 : 16, "crc32", bytes.n >= (uint64_t)at + f.n, right);
	if (f.size == SIZE_W800 && f.attributes & ENCRYPTED)
		emit_damage_at(w->sink, ERR_ENCRYPTED, at, "the image is encrypted");
	(void)wrapper_region(w, bytes, at, f.n, text_c(type_of(f.attributes)), f.attributes & GZIP ? "gzip" : NULL);
	return error_none();
}

static const struct format_magic fls_magics[] = { MAGIC(MAGIC_WORD, 0), MAGIC_END };

const struct format winner_micro_format = {
	.name = "winner_micro",
	.kind = FORMAT_CONTAINER,
	.title = "image of Winner Micro's W800 and W600 (.fls)",
	.spec = "Winner Micro W800 firmware format; github.com/taligentx/FLSTweak",
	.magics = fls_magics,
	.probe = fls_probe,
	.walk = fls_walk,
};
