/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images whose bytes are swapped within words of 16 or 32 bits: flash that was read out in the other order, and vendors who
 * ship it so. There is no header: the magics of images in their swapped form announce it, and it counts when the image
 * that comes out proves itself.
 */
#include "format/disguise.h"

#define TRIES_MAX 64u

static void undo16(const void *key, uint64_t at, const uint8_t *in, uint8_t *out, size_t n)
{
	(void)key;
	(void)at;
	size_t i = 0;
	for (; i + 2 <= n; i += 2) {
		out[i] = in[i + 1];
		out[i + 1] = in[i];
	}
	if (i < n)
		out[i] = in[i];
}

static void undo32(const void *key, uint64_t at, const uint8_t *in, uint8_t *out, size_t n)
{
	(void)key;
	(void)at;
	size_t i = 0;
	for (; i + 4 <= n; i += 4) {
		uint32_t v;
		memcpy(&v, in + i, 4);
		v = __builtin_bswap32(v);
		memcpy(out + i, &v, 4);
	}
	if (i < n)
		memcpy(out + i, in + i, n - i);
}

/* Magics of uImage, UBI, squashfs in both orders, device tree, TRX, cpio (newc), romfs, cramfs in both orders, and of what JFFS2
 * begins an erased block with, in both orders: more of its nodes would be asked after in every image of the other order. */
static const struct format_magic magics16[] = {
	MAGIC("\x05\x27\x56\x19", 0), MAGIC("BU#I", 0),
	MAGIC("qshs", 0),             MAGIC("shsq", 0),
	MAGIC("\x0d\xd0\xed\xfe", 0), MAGIC("DH0R", 0),
	MAGIC("707010", 0),           MAGIC("707020", 0),
	MAGIC("r-mof1-s", 0),         MAGIC("\x3d\x45\x28\xcd", 0),
	MAGIC("\xcd\x28\x45\x3d", 0), MAGIC("\x19\x85\x20\x03\0\x0c\0\0", 0),
	MAGIC("\x85\x19\x03\x20\0\0\x0c\0", 0), MAGIC_END,
};
static const struct format_magic magics32[] = {
	MAGIC("\x56\x19\x05\x27", 0), MAGIC("#IBU", 0),
	MAGIC("hsqs", 0),             MAGIC("sqsh", 0),
	MAGIC("\xed\xfe\x0d\xd0", 0), MAGIC("0RDH", 0),
	MAGIC("mor--sf1", 0),         MAGIC("\x28\xcd\x3d\x45", 0),
	MAGIC("\x45\x3d\xcd\x28", 0), MAGIC("\x20\x03\x19\x85\0\0\0\x0c", 0),
	MAGIC("\x03\x20\x85\x19\x0c\0\0\0", 0), MAGIC_END,
};

static bool locate(struct span all, uint64_t hit, unsigned width, disguise_undo *undo, uint64_t *start)
{
	*start = 0;
	return hit % width == 0 && disguise_begins(all, hit, undo, NULL);
}

static bool locate16(struct span all, uint64_t hit, uint64_t *start)
{
	return locate(all, hit, 2, undo16, start);
}

static bool locate32(struct span all, uint64_t hit, uint64_t *start)
{
	return locate(all, hit, 4, undo32, start);
}

/* Only asked where locate() has found an image: finds it again. */
static bool probe(struct span at, const struct format_magic *magics, unsigned width, disguise_undo *undo,
				  struct format_match *match)
{
	unsigned tries = 0;
	for (const struct format_magic *m = magics; m->bytes; m++) {
		const uint8_t *p = at.p;
		while (tries < TRIES_MAX && at.n && (p = memmem(p, at.n - (size_t)(p - at.p), m->bytes, m->n))) {
			uint64_t hit = (uint64_t)(p - at.p);
			tries++;
			p++;
			if (hit % width == 0 && disguise_begins(at, hit, undo, NULL)) {
				match->confidence = 60;
				return !disguise_is_none(at);
			}
		}
	}
	return false;
}

static bool probe16(struct span at, struct format_match *match)
{
	return probe(at, magics16, 2, undo16, match);
}

static bool probe32(struct span at, struct format_match *match)
{
	return probe(at, magics32, 4, undo32, match);
}

static struct error unpack16(struct span bytes, struct buf *out, size_t *used)
{
	return disguise_unpack(bytes, undo16, NULL, out, used);
}

static struct error unpack32(struct span bytes, struct buf *out, size_t *used)
{
	return disguise_unpack(bytes, undo32, NULL, out, used);
}

const struct format swapped16_format = {
	.name = "swapped16",
	.kind = FORMAT_ENCODING,
	.title = "image with the bytes of its 16-bit words swapped",
	.spec = "structure of the image that comes out",
	.magics = magics16,
	.probe = probe16,
	.unpack = unpack16,
	.locate = locate16,
};

const struct format swapped32_format = {
	.name = "swapped32",
	.kind = FORMAT_ENCODING,
	.title = "image with the bytes of its 32-bit words reversed",
	.spec = "structure of the image that comes out",
	.magics = magics32,
	.probe = probe32,
	.unpack = unpack32,
	.locate = locate32,
};
