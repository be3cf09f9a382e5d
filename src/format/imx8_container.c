/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boot containers of i.MX 8 and i.MX 9 (AHAB): a header, up to eight images with their digests, the block of signatures. The first
 * container holds NXP's firmware, the next ones, 1 KiB behind each other, boot loaders.
 *
 * Specification: U-Boot include/imx8image.h, arch/arm/include/asm/mach-imx/image.h.
 */
#include <stdio.h>

#include "format/parts.h"
#include "format/wrapper.h"

#define HEADER_SIZE 16u
#define IMAGE_SIZE 128u
#define IMAGES_MAX 8u
#define SIGNATURE_HEADER 16u
#define ALIGNMENT 0x400u
#define CONTAINERS_MAX 4u
#define IMAGE_BYTES_MAX (256u << 20)

struct container {
	uint16_t length, signature;
	uint8_t images;
};

/* Digests of SHA-256 and of SHA-384 leave zeros behind them. */
static bool image_is_right(struct span e)
{
	static const uint8_t sizes[] = { 32, 48, 64 };
	uint32_t hash = span_u32le(e, 24) >> 8 & 7, size = span_u32le(e, 4);
	return hash < 3 && size <= IMAGE_BYTES_MAX && span_u32le(e, 0) <= IMAGE_BYTES_MAX && span_u32le(e, 0) % 16 == 0 &&
		   span_is_zero(span_sub(e, 32 + sizes[hash], 64u - sizes[hash])) && (!size || !span_is_zero(span_sub(e, 32, 32)));
}

static bool container_read(struct span bytes, uint64_t at, struct container *c)
{
	struct span h = span_sub(bytes, at, HEADER_SIZE);
	*c = (struct container){ span_u16le(h, 1), span_u16le(h, 12), h.p ? h.p[11] : 0 };
	if (!h.p || h.p[0] || h.p[3] != 0x87 || span_u16le(h, 14) || !c->images || c->images > IMAGES_MAX ||
		c->signature < HEADER_SIZE + c->images * IMAGE_SIZE || c->signature + SIGNATURE_HEADER > c->length)
		return false;
	struct span s = span_sub(bytes, at + c->signature, SIGNATURE_HEADER);
	if (!s.p || s.p[0] || s.p[3] != 0x90 || span_u16le(s, 1) < SIGNATURE_HEADER || c->signature + span_u16le(s, 1) > c->length)
		return false;
	for (unsigned i = 0; i < c->images; i++)
		if (!image_is_right(span_sub(bytes, at + HEADER_SIZE + i * IMAGE_SIZE, IMAGE_SIZE)))
			return false;
	return true;
}

static uint64_t next_container(const struct container *c, uint64_t at)
{
	return (at + c->length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool imx8_probe(struct span at, struct format_match *match)
{
	struct container c;
	uint64_t place = 0, end = 0;
	for (unsigned k = 0; k < CONTAINERS_MAX && container_read(at, place, &c); k++) {
		end = end > place + c.length ? end : place + c.length;
		for (unsigned i = 0; i < c.images; i++) {
			uint64_t e = place + HEADER_SIZE + i * IMAGE_SIZE, n = span_u32le(at, e + 4), image_end = place + span_u32le(at, e) + n;
			end = n && image_end > end ? image_end : end;
		}
		place = next_container(&c, place);
	}
	match->size = end;
	match->confidence = 90;
	return end;
}

static void verify(struct walk *w, struct span image, struct span e, uint64_t at, const char *name)
{
	static const enum digest digests[] = { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
	enum digest d = digests[span_u32le(e, 24) >> 8 & 3];
	if (!span_is_zero(span_sub(e, 96, 32)))
		emit_damage_at(w->sink, ERR_ENCRYPTED, at, "%s is encrypted", name);
	else if (image.p && !digest_matches(d, image, span_sub(e, 32, digest_size(d))))
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the digest of %s is another one", name);
}

static bool emit_container(struct parts *p, uint64_t at, const struct container *c, unsigned number)
{
	struct walk *w = p->w;
	uint32_t flags = span_u32le(p->bytes, at + 4);
	emit_header_field(w->sink, at + 4, "signed", "container %u: %s", number, !(flags & 3) ? "no" : (flags & 3) == 1 ? "by NXP" : "by the maker");
	emit_header_field(w->sink, at + 10, "fuse_version", "container %u: %u", number, p->bytes.p[at + 10]);
	for (unsigned i = 0; i < c->images; i++) {
		uint64_t entry = at + HEADER_SIZE + i * IMAGE_SIZE;
		struct span e = span_sub(p->bytes, entry, IMAGE_SIZE);
		uint64_t from = at + span_u32le(e, 0);
		uint32_t n = span_u32le(e, 4);
		char name[40];
		snprintf(name, sizeof name, "container-%u-image-%u", number, i);
		emit_header_field(w->sink, entry, "image", "%s: core %u, type %u, load 0x%08x", name, span_u32le(e, 24) >> 4 & 15,
						  span_u32le(e, 24) & 15, span_u32le(e, 8));
		verify(w, span_sub(p->bytes, from, n), e, entry, name);
		if (n && !parts_emit(p, text_c(name), from, n, NULL))
			return false;
	}
	return true;
}

static struct error imx8_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	struct container c;
	uint64_t at = 0;
	for (unsigned k = 0; k < CONTAINERS_MAX && container_read(bytes, at, &c); k++, at = next_container(&c, at))
		if (!emit_container(&p, at, &c, k))
			break;
	return error_none();
}

/* The headers of one to six images whose block of signatures is empty; that of NXP's firmware is as long as one with four. */
static const struct format_magic imx8_magics[] = {
	MAGIC("\0\xa0\0\x87", 0),   MAGIC("\0\x20\1\x87", 0), MAGIC("\0\xa0\1\x87", 0), MAGIC("\0\x20\2\x87", 0),
	MAGIC("\0\xa0\2\x87", 0), MAGIC("\0\x20\3\x87", 0), MAGIC_END,
};

const struct format imx8_container_format = {
	.name = "imx8_container",
	.kind = FORMAT_CONTAINER,
	.title = "boot containers of i.MX 8 and i.MX 9 (AHAB)",
	.spec = "U-Boot include/imx8image.h",
	.magics = imx8_magics,
	.probe = imx8_probe,
	.walk = imx8_walk,
	.at_start = true, /* signed ones have any length */
};
