/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link "encrpted_img" (so spelt): a UBI image, each of its 128 KiB erase blocks enciphered with AES-256 in CBC
 * mode by itself, under one published key.
 *
 * Specification: unblob handlers/archive/dlink/encrpted_img.py.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define MAGIC_TEXT "encrpted_img"
#define HEADER_SIZE 16u
#define ERASE_BLOCK 0x20000u
#define AES_BLOCK 16u

static const uint8_t published_key[] = "he9-4+M!)d6=m~we1,q2a3d1n&2*Z^%8", published_iv[] = "J%1iQl8$=lm-;8AE";

static const struct wrapper_cipher published = { published_key, published_iv, 256 };

static struct error read_blocks(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	struct span in = span_sub(*(const struct span *)file, offset, n);
	(void)fs;
	if (!in.p)
		return error_at(ERR_TRUNCATED, offset, "these bytes are not there");
	for (size_t at = 0; at < n; at += ERASE_BLOCK) {
		size_t part = n - at < ERASE_BLOCK ? n - at : ERASE_BLOCK, whole = part - part % AES_BLOCK;
		if (!wrapper_decipher(published, in.p + at, out + at, whole))
			return error_at(ERR_MEMORY, offset + at, "no memory to decipher");
		memcpy(out + at + whole, in.p + at + whole, part - whole);
	}
	return error_none();
}

/* The first block must be the beginning of an erase block of UBI: that also tells that the key is the right one. */
static bool encrpted_probe(struct span at, struct format_match *match)
{
	struct span first = span_sub(at, HEADER_SIZE, AES_BLOCK);
	uint8_t plain[AES_BLOCK];
	uint32_t size = span_u32be(at, 12);
	if (!span_starts(at, MAGIC_TEXT, 12) || !first.p || size < AES_BLOCK)
		return false;
	match->size = (uint64_t)HEADER_SIZE + size;
	match->confidence = 95;
	return wrapper_decipher(published, first.p, plain, sizeof plain) && memcmp(plain, "UBI#\1", 5) == 0;
}

static struct error encrpted_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .read = read_blocks };
	struct span *data = ARENA_NEW(w->arena, struct span);
	uint32_t size = span_u32be(bytes, 12);
	if (!data)
		return error_at(ERR_BUDGET, 0, "no memory");
	*data = span_clip(bytes, HEADER_SIZE, size);
	emit_header_field(w->sink, 12, "file_size", "%u", size);
	emit_header_field(w->sink, HEADER_SIZE, "cipher", "%s", "AES-256-CBC, published key");
	if (data->n < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the header announces %u bytes, %zu are there", size, data->n);
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .file = data, .block_size = ERASE_BLOCK };
	(void)region_emit_content(w, "firmware", data->n, content, "ubi");
	return error_none();
}

static const struct format_magic encrpted_magics[] = { MAGIC(MAGIC_TEXT, 0), MAGIC_END };

const struct format dlink_encrpted_format = {
	.name = "dlink_encrpted",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link encrpted_img enciphered image",
	.spec = "unblob handlers/archive/dlink/encrpted_img.py",
	.magics = encrpted_magics,
	.probe = encrpted_probe,
	.walk = encrpted_walk,
};
