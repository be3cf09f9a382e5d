/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images whose bytes are swapped within words of 16 or 32 bits: flash that was read out in the other order, and vendors who
 * ship it so. There is no header: the magics of images in their swapped form announce it, and it counts when the image
 * that comes out proves itself.
 */
#include "base/hash.h"
#include "format/cpio.h"
#include "format/disguise.h"

#define TRIES_MAX 64u
#define STREAMS 19 /* the first magics: of compressed streams, zip and old cpio, which are looked for at the beginning alone */
#define SECTOR 512u /* where the images of disks begin, whose magics stand behind their beginning */

/* A node of a name in JFFS2, in its swapped form. */
#define JFFS2_NAME_LE16 "\x19\x85\xe0\x01"
#define JFFS2_NAME_BE16 "\x85\x19\x01\xe0"
#define JFFS2_NAME_LE32 "\xe0\x01\x19\x85"
#define JFFS2_NAME_BE32 "\x01\xe0\x85\x19"

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

/* Magics of gzip (with a name or without), zip, zstd, LZ4, bzip2, LZMA (with the usual properties and a dictionary of 2^n bytes), and of cpio
 * of the old binary form: STREAMS of them; of uImage, UBI, squashfs in both orders, device tree, TRX, cpio (newc; of 32 bits where the number
 * of the first inode is below 2^24; odc), romfs, cramfs in both orders, UBIFS, EROFS, F2FS, XFS, xz, tar (POSIX, GNU), a GUID partition
 * table, FAT; ext with each state it may be left in; and of what JFFS2 begins an erased block with, in both orders, or, where it needs no
 * such mark, its names: more of its nodes would be asked after in every image of the other order. */
static const struct format_magic magics16[] = {
	MAGIC("\x71\xc7", 0), MAGIC("\xc7\x71", 0),
	MAGIC("\x8b\x1f\0\x08", 0), MAGIC("\x8b\x1f\x08\x08", 0), MAGIC("KP\4\3", 0), MAGIC("\xb5\x28\xfd\x2f", 0), MAGIC("\x22\x04\x18\x4d", 0),
	MAGIC("A1&YYS", 4), MAGIC("\0]\x01\0", 0), MAGIC("\0]\x02\0", 0), MAGIC("\0]\x04\0", 0), MAGIC("\0]\x08\0", 0),
	MAGIC("\0]\x10\0", 0), MAGIC("\0]\x20\0", 0), MAGIC("\0]\x40\0", 0), MAGIC("\0]\x80\0", 0), MAGIC("\0]\0\0\xff\x01", 0),
	MAGIC("\0]\0\0\xff\x02", 0), MAGIC("\0]\0\0\xff\x04", 0),
	MAGIC("\x05\x27\x56\x19", 0), MAGIC("BU#I", 0),
	MAGIC("qshs", 0),             MAGIC("shsq", 0),
	MAGIC("\x0d\xd0\xed\xfe", 0), MAGIC("DH0R", 0),
	MAGIC("707010", 0),           MAGIC("707020", 0),
	MAGIC("r-mof1-s", 0),         MAGIC("\x3d\x45\x28\xcd", 0),
	MAGIC("\xcd\x28\x45\x3d", 0), MAGIC("\x19\x85\x20\x03\0\x0c\0\0", 0),
	MAGIC("\x85\x19\x03\x20\0\0\x0c\0", 0), MAGIC(JFFS2_NAME_LE16, 0), MAGIC(JFFS2_NAME_BE16, 0),
	MAGIC("\x18\x31\x06\x10", 0), MAGIC("\xe1\xe2\xe0\xf5", 1024),
	MAGIC("\x20\x10\xf2\xf5", 1024), MAGIC("FXBS", 0),
	MAGIC("7\xfdXz\0Z", 0),       MAGIC("u\0tsra", 256), MAGIC("707070", 0),
	MAGIC("FE IAPTR", 512),       MAGIC("\xef\x53\0\0", 1080),
	MAGIC("\xef\x53\0\1", 1080),  MAGIC("\xef\x53\0\2", 1080),
	MAGIC("AF1T 2  ", 54),        MAGIC("AF1T 6  ", 54),
	MAGIC("AF3T 2  ", 82),        MAGIC_END,
};
static const struct format_magic magics32[] = {
	MAGIC("\4\x08\x8b\x1f", 0), MAGIC("\x0c\x08\x8b\x1f", 0),
	MAGIC("\0\x08\x8b\x1f", 0), MAGIC("\x08\x08\x8b\x1f", 0), MAGIC("\4\3KP", 0), MAGIC("\xfd\x2f\xb5\x28", 0), MAGIC("\x18\x4d\x22\x04", 0),
	MAGIC("&YA1", 4), MAGIC("\x01\0\0]", 0), MAGIC("\x02\0\0]", 0), MAGIC("\x04\0\0]", 0), MAGIC("\x08\0\0]", 0),
	MAGIC("\x10\0\0]", 0), MAGIC("\x20\0\0]", 0), MAGIC("\x40\0\0]", 0), MAGIC("\x80\0\0]", 0), MAGIC("\0\0\0]\xff\xff\xff\x01", 0),
	MAGIC("\0\0\0]\xff\xff\xff\x02", 0), MAGIC("\0\0\0]\xff\xff\xff\x04", 0),
	MAGIC("\x56\x19\x05\x27", 0), MAGIC("#IBU", 0),
	MAGIC("hsqs", 0),             MAGIC("sqsh", 0),
	MAGIC("\xed\xfe\x0d\xd0", 0), MAGIC("0RDH", 0),
	MAGIC("70700010", 0),         MAGIC("70700020", 0),
	MAGIC("mor--sf1", 0),         MAGIC("\x28\xcd\x3d\x45", 0),
	MAGIC("\x45\x3d\xcd\x28", 0), MAGIC("\x20\x03\x19\x85\0\0\0\x0c", 0),
	MAGIC("\x03\x20\x85\x19\x0c\0\0\0", 0), MAGIC(JFFS2_NAME_LE32, 0), MAGIC(JFFS2_NAME_BE32, 0),
	MAGIC("\x06\x10\x18\x31", 0), MAGIC("\xe0\xf5\xe1\xe2", 1024),
	MAGIC("\xf2\xf5\x20\x10", 1024), MAGIC("BSFX", 0),
	MAGIC("Xz7\xfd", 0),          MAGIC("tsu\0" "0\0ra", 256),
	MAGIC("tsu\0" "  ra", 256),   MAGIC(" IFETRAP", 512),
	MAGIC("\0\0\xef\x53", 1080),  MAGIC("\0\1\xef\x53", 1080),
	MAGIC("\0\2\xef\x53", 1080),  MAGIC(" 21T", 56),
	MAGIC(" 61T", 56),            MAGIC(" 23T", 84),
	MAGIC_END,
};

/* A name in JFFS2 looks like one of the other order, of which an image has many: its header's sum tells before more is undone. */
static bool is_jffs2_name(struct span all, uint64_t at, disguise_undo *undo)
{
	struct span in = span_sub(all, at, 12);
	uint8_t node[12];
	if (!in.p)
		return false;
	undo(NULL, 0, in.p, node, sizeof node);
	struct span n = span_of(node, sizeof node);
	return hash_crc32_raw(0, span_sub(n, 0, 8)) == (node[0] == 0x85 ? span_u32le(n, 8) : span_u32be(n, 8));
}

/* Such streams stand by the thousands in images: in swapped ones the image itself is announced. */
static bool begins_stream(struct span all, const struct format_magic *m, disguise_undo *undo)
{
	if (undo == undo16 && m->n == 2)
		return cpio_is_swapped(all);
	bool zip = !memcmp(m->bytes, "KP\4\3", 4) || !memcmp(m->bytes, "\4\3KP", 4);
	return zip ? disguise_begins(all, 0, undo, NULL) : disguise_is_stream(all, undo, NULL);
}

/* Whether an image begins `m->offset` bytes before `hit`, where the magic stands. */
static bool begins(struct span all, uint64_t hit, const struct format_magic *m, unsigned width, disguise_undo *undo)
{
	uint64_t at = hit - m->offset;
	bool stream = width == 2 ? m < magics16 + STREAMS : m < magics32 + STREAMS;
	if (stream)
		return hit == m->offset && span_has(all, hit, m->bytes, m->n) && begins_stream(all, m, undo);
	if (hit < m->offset || at % (m->offset ? SECTOR : width) || !span_has(all, hit, m->bytes, m->n))
		return false;
	bool name = m->n == 4 && (!memcmp(m->bytes, JFFS2_NAME_LE16, 4) || !memcmp(m->bytes, JFFS2_NAME_BE16, 4) ||
							  !memcmp(m->bytes, JFFS2_NAME_LE32, 4) || !memcmp(m->bytes, JFFS2_NAME_BE32, 4));
	return (!name || is_jffs2_name(all, at, undo)) && disguise_begins(all, at, undo, NULL);
}

static bool locate(struct span all, uint64_t hit, const struct format_magic *magics, unsigned width, disguise_undo *undo, uint64_t *start)
{
	*start = 0;
	for (const struct format_magic *m = magics; m->bytes; m++)
		if (begins(all, hit, m, width, undo))
			return true;
	return false;
}

static bool locate16(struct span all, uint64_t hit, uint64_t *start)
{
	return locate(all, hit, magics16, 2, undo16, start);
}

static bool locate32(struct span all, uint64_t hit, uint64_t *start)
{
	return locate(all, hit, magics32, 4, undo32, start);
}

/* Only asked where locate() has found an image: finds it again. */
static bool probe(struct span at, const struct format_magic *magics, unsigned width, disguise_undo *undo,
				  struct format_match *match)
{
	unsigned tries = 0;
	match->confidence = 60;
	for (const struct format_magic *m = magics; m < magics + STREAMS; m++)
		if (begins(at, m->offset, m, width, undo))
			return !disguise_is_none(at);
	for (const struct format_magic *m = magics + STREAMS; m->bytes; m++) {
		const uint8_t *p = at.p;
		while (tries < TRIES_MAX && at.n && (p = memmem(p, at.n - (size_t)(p - at.p), m->bytes, m->n))) {
			uint64_t hit = (uint64_t)(p - at.p);
			tries++;
			p++;
			if (begins(at, hit, m, width, undo))
				return !disguise_is_none(at);
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
