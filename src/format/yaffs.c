/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAFFS, versions 1 and 2: chunks of data, each with tags in the spare area of its page (or at its end) that say which
 * object's it is, which part of it, and how new. Nothing says how large pages are: the first header and its tags do.
 *
 * Specification: yaffs2 yaffs_guts.h, yaffs_packedtags1.h, yaffs_packedtags2.c, yaffs_yaffs2.c, utils/mkyaffs2image.c.
 */
#include "format/yaffs.h"

#define ERASED_MAX ((uint64_t)4 << 20) /* erased bytes between two chunks */
#define INVALID_MAX 128u               /* chunks: the pages of a bad block */
#define INVALID_BYTES_MAX (256u << 10) /* and of a larger one */
#define LOOKS_MAX 64u                  /* for what is shifted, in one image */
#define FOLLOWING_MIN 6u               /* chunks that show that what follows is shifted */
#define SEQUENCE_IMAGE 1u              /* as mkyaffs2image writes it */
#define SEQUENCE_CHECKPOINT 0x21u
#define SEQUENCE_MIN 0x1000u
#define SEQUENCE_MAX 0xefffff00u
#define CHUNK_MAX 0xfffffu

#define EXTRA_FLAG 0x80000000u /* the tags of a header say more: type and parent instead of chunk 0 */
#define EXTRA_MASK 0xf0000000u

bool yaffs_header_read(struct span bytes, bool big, uint64_t at, struct yaffs_header *h)
{
	struct reader r = reader_of(span_sub(bytes, at, YAFFS_HEADER_SIZE), big);
	h->type = rd_u32(&r);
	h->parent = rd_u32(&r);
	uint16_t sum = rd_u16(&r);
	h->name = text_terminated(rd_bytes(&r, 256));
	rd_skip(&r, 2);
	h->mode = rd_u32(&r);
	h->uid = rd_u32(&r);
	h->gid = rd_u32(&r);
	rd_skip(&r, 4);
	h->mtime = rd_u32(&r);
	rd_skip(&r, 4);
	h->size = rd_u32(&r);
	h->equivalent = rd_u32(&r);
	h->alias = text_terminated(rd_bytes(&r, 160));
	h->rdev = rd_u32(&r);
	rd_skip(&r, 28);
	uint32_t inband_shrinks = rd_u32(&r), high = rd_u32(&r);
	rd_skip(&r, 8);
	h->shrinks = rd_u32(&r) == 1 || inband_shrinks == 1;
	if (high < 0x80000000) /* all ones where it is not used */
		h->size |= (uint64_t)high << 32;
	return rd_ok(&r) && h->type >= YAFFS_FILE && h->type <= YAFFS_SPECIAL && h->parent >= 1 &&
		   h->parent <= YAFFS_OBJECT_MAX && sum == 0xffff && h->name.p;
}

/* Each bit that is set counts with its number, from 1 on: the bits of that sum are parities of bits of the tags. */
static uint32_t tags1_ecc(const uint8_t tags[8])
{
	static const uint64_t of[] = { 0x5555555555555555, 0x6666666666666666, 0x7878787878787878, 0x7f807f807f807f80,
		                           0x7fff80007fff8000, 0x7fffffff80000000, 0x8000000000000000 };
	uint64_t all = span_u64le(span_of(tags, 8), 0);
	uint32_t ecc = 0;
	for (unsigned i = 0; i < sizeof of / sizeof of[0]; i++)
		ecc |= (uint32_t)__builtin_parityll(all & of[i]) << i;
	return ecc;
}

static uint32_t tags1_word(const uint8_t *p, bool big)
{
	return span_u32(span_of(p, 4), 0, big);
}

/* The fields of bits lie from the low end on in one byte order and from the high end on in the other. */
static uint32_t bits_of(uint32_t word, bool big, unsigned from, unsigned n)
{
	return word >> (big ? 32 - from - n : from) & ((1u << n) - 1);
}

/* Clears the twelve bits of ECC, the 18th on of the second word, and gives them. */
static uint32_t tags1_take_ecc(uint8_t tags[8], bool big)
{
	uint32_t ecc = bits_of(tags1_word(tags + 4, big), big, 18, 12);
	uint32_t mask = big ? 0xfffu << 2 : 0xfffu << 18;
	for (unsigned i = 0; i < 4; i++)
		tags[4 + i] &= (uint8_t) ~(mask >> (big ? 24 - 8 * i : 8 * i));
	return ecc;
}

static enum yaffs_state tags1_read(struct span spare, const struct yaffs_layout *l, struct yaffs_chunk *c)
{
	static const uint8_t places[] = { 0, 1, 2, 3, 6, 7, 11, 12 };
	uint8_t tags[8];
	bool mtd = l->tagging == YAFFS_TAGS1_MTD;
	for (unsigned i = 0; i < sizeof tags; i++) {
		struct span byte = span_sub(spare, mtd ? places[i] : l->tags + i, 1);
		if (!byte.p)
			return YAFFS_END;
		tags[i] = byte.p[0];
	}
	if (tags1_word(tags, false) == UINT32_MAX && tags1_word(tags + 4, false) == UINT32_MAX)
		return YAFFS_ERASED;
	uint32_t ecc = tags1_take_ecc(tags, l->big), wrong = ecc ^ tags1_ecc(tags);
	if (wrong > 64)
		return YAFFS_INVALID;
	if (wrong) /* one bit has flipped */
		tags[(wrong - 1) / 8] ^= (uint8_t)(1u << (wrong - 1) % 8);
	uint32_t low = tags1_word(tags, l->big), high = tags1_word(tags + 4, l->big);
	c->chunk = bits_of(low, l->big, 0, 20);
	c->sequence = bits_of(low, l->big, 20, 2);
	c->bytes = bits_of(low, l->big, 22, 10);
	c->object = bits_of(high, l->big, 0, 18);
	if (mtd && __builtin_popcount(spare.p[4]) < 7) /* the page's status: its data are deleted */
		return YAFFS_IGNORED;
	if (c->object == 0 || (c->chunk && c->bytes > l->chunk))
		return YAFFS_INVALID;
	return c->chunk ? YAFFS_DATA : YAFFS_HEADER;
}

static bool sequence_is_sane(uint32_t sequence)
{
	return sequence == SEQUENCE_IMAGE || (sequence >= SEQUENCE_MIN && sequence <= SEQUENCE_MAX);
}

static enum yaffs_state tags2_read(struct span spare, const struct yaffs_layout *l, struct yaffs_chunk *c)
{
	struct reader r = reader_of(span_sub(spare, l->tags, YAFFS_TAGS2_SIZE), l->big);
	c->sequence = rd_u32(&r);
	c->object = rd_u32(&r);
	c->chunk = rd_u32(&r);
	c->bytes = rd_u32(&r);
	if (!rd_ok(&r))
		return YAFFS_END;
	if (c->sequence == UINT32_MAX)
		return YAFFS_ERASED;
	if (c->sequence == SEQUENCE_CHECKPOINT)
		return YAFFS_IGNORED;
	bool extra = c->chunk & EXTRA_FLAG;
	if (extra) {
		uint32_t type = c->object >> 28, parent = c->chunk & ~EXTRA_MASK;
		if (type < YAFFS_FILE || type > YAFFS_SPECIAL || parent == 0 || parent > YAFFS_OBJECT_MAX)
			return YAFFS_INVALID;
		c->object &= ~EXTRA_MASK;
		c->chunk = 0;
	}
	if (!sequence_is_sane(c->sequence) || c->object == 0 || c->object > YAFFS_OBJECT_MAX || c->chunk > CHUNK_MAX ||
		(c->chunk && c->bytes > l->chunk))
		return YAFFS_INVALID;
	return c->chunk ? YAFFS_DATA : YAFFS_HEADER;
}

enum yaffs_state yaffs_chunk_read(struct span bytes, const struct yaffs_layout *l, uint64_t at, struct yaffs_chunk *c)
{
	struct span spare = span_sub(bytes, at + l->chunk, l->spare);
	struct yaffs_header header;
	c->at = at;
	if (!spare.p)
		return YAFFS_END;
	enum yaffs_state state = l->tagging == YAFFS_TAGS2 ? tags2_read(spare, l, c) : tags1_read(spare, l, c);
	/* What says that it is a header must look like one. */
	if (state == YAFFS_HEADER && !yaffs_header_read(bytes, l->big, at, &header))
		return YAFFS_INVALID;
	return state;
}

/* Without tags: a header, and then as many chunks as its file is long. */
static bool next_untagged(struct yaffs_cursor *c, struct yaffs_chunk *chunk)
{
	struct yaffs_header h;
	*chunk = (struct yaffs_chunk){ .at = c->next, .object = c->object };
	if (!span_sub(c->bytes, c->next, c->layout.chunk).p)
		return false;
	c->next += c->layout.chunk;
	if (c->left) {
		chunk->chunk = ++c->chunk;
		chunk->bytes = c->left < c->layout.chunk ? c->left : c->layout.chunk;
		c->left -= chunk->bytes;
		return true;
	}
	if (!yaffs_header_read(c->bytes, c->layout.big, chunk->at, &h) || h.size >> 32) {
		c->next = chunk->at;
		return false;
	}
	bool root = chunk->at == 0 && h.type == YAFFS_DIRECTORY && h.name.n == 0;
	c->object = root ? YAFFS_ROOT : c->object < YAFFS_FIRST_OBJECT ? YAFFS_FIRST_OBJECT : c->object + 1;
	c->chunk = 0;
	c->left = h.type == YAFFS_FILE ? (uint32_t)h.size : 0;
	chunk->object = c->object;
	return root || h.parent == YAFFS_ROOT || (h.parent >= YAFFS_FIRST_OBJECT && h.parent < c->object);
}

/* Whether chunks follow each other as they are written. Tags of version 1 are not told from others by their ECC alone. */
static bool runs_on(struct span at, const struct yaffs_layout *l)
{
	struct yaffs_chunk c, before = { .chunk = 0 };
	for (unsigned i = 0; i < FOLLOWING_MIN && l->tagging != YAFFS_TAGS2; i++, before = c)
		if (yaffs_chunk_read(at, l, i * yaffs_stride(l), &c) == YAFFS_DATA && i > 0 &&
			(before.chunk ? c.object != before.object || c.chunk != before.chunk + 1 : c.chunk != 1))
			return false;
	return yaffs_chunks_follow(at, l, FOLLOWING_MIN);
}

/* Where chunks go on that are shifted, since bytes are missing or too many: not far behind the last one. Of data that begin less than
 * half a chunk behind that the first bytes are not their own. Another image, which begins with its root, is none. */
static bool next_shifted(struct yaffs_cursor *c, struct yaffs_chunk *chunk)
{
	uint64_t stride = yaffs_stride(&c->layout);
	if (!c->next || c->looks++ >= LOOKS_MAX)
		return false;
	for (uint64_t by = 1; by < 2 * stride; by++) {
		struct span at = span_from(c->bytes, c->next + by);
		if (by == stride || !runs_on(at, &c->layout))
			continue;
		bool is_header = yaffs_chunk_read(at, &c->layout, 0, chunk) == YAFFS_HEADER;
		if (is_header && chunk->object == YAFFS_ROOT)
			return false;
		uint64_t from = c->next + by + (by <= stride / 2 && !is_header ? stride : 0);
		(void)yaffs_chunk_read(c->bytes, &c->layout, from, chunk);
		c->next = from + stride;
		c->shifted = true;
		return true;
	}
	return false;
}

/* Tags that are read a byte or two beside their place may look like tags, of quite another age. */
static bool take(struct yaffs_cursor *c, struct yaffs_chunk *chunk)
{
	bool far = c->sequence && c->layout.tagging == YAFFS_TAGS2 && (chunk->sequence - c->sequence + 0x8000) >> 16;
	struct yaffs_chunk shifted;
	if (far && next_shifted(c, &shifted))
		*chunk = shifted;
	else
		c->next = chunk->at + yaffs_stride(&c->layout);
	c->sequence = chunk->sequence;
	return true;
}

static bool gives_up(const struct yaffs_layout *l, uint64_t erased, uint64_t invalid)
{
	uint64_t most = INVALID_BYTES_MAX / yaffs_stride(l);
	return erased > ERASED_MAX || invalid > (most > INVALID_MAX ? most : INVALID_MAX);
}

bool yaffs_next(struct yaffs_cursor *c, struct yaffs_chunk *chunk, uint64_t *skipped)
{
	uint64_t stride = yaffs_stride(&c->layout), erased = 0, invalid = 0;
	c->shifted = false;
	if (c->layout.tagging == YAFFS_UNTAGGED)
		return next_untagged(c, chunk);
	for (uint64_t at = c->next;; at += stride) {
		switch (yaffs_chunk_read(c->bytes, &c->layout, at, chunk)) {
		case YAFFS_END:
			return next_shifted(c, chunk);
		case YAFFS_ERASED:
			erased += stride;
			break;
		case YAFFS_INVALID:
			if (!invalid++ && at == c->next && next_shifted(c, chunk))
				return true;
			break;
		case YAFFS_IGNORED:
			break;
		default:
			if (invalid > INVALID_MAX && !runs_on(span_from(c->bytes, at), &c->layout)) {
				invalid++;
				break;
			}
			if (skipped)
				*skipped = invalid;
			return take(c, chunk);
		}
		if (gives_up(&c->layout, erased, invalid))
			return next_shifted(c, chunk);
	}
}

bool yaffs_ends_in_header(const struct yaffs_cursor *c)
{
	struct yaffs_header h;
	return c->layout.tagging != YAFFS_UNTAGGED && c->bytes.n - c->next < yaffs_stride(&c->layout) &&
		   yaffs_header_read(c->bytes, c->layout.big, c->next, &h);
}

static bool yaffs_probe(struct span at, struct format_match *match)
{
	struct yaffs_cursor c = { .bytes = at };
	struct yaffs_chunk chunk;
	if (!yaffs_layout_find(at, &c.layout))
		return false;
	while (yaffs_next(&c, &chunk, NULL))
		match->size = c.next;
	if (yaffs_ends_in_header(&c))
		match->size = at.n;
	match->confidence = c.layout.tagging == YAFFS_UNTAGGED ? 60 : 80;
	return true;
}

/* The header of an object in the root directory, in both byte orders. */
static const struct format_magic yaffs_magics[] = {
	MAGIC("\1\0\0\0\1\0\0\0\xff\xff", 0), MAGIC("\2\0\0\0\1\0\0\0\xff\xff", 0), MAGIC("\3\0\0\0\1\0\0\0\xff\xff", 0),
	MAGIC("\5\0\0\0\1\0\0\0\xff\xff", 0), MAGIC("\0\0\0\1\0\0\0\1\xff\xff", 0), MAGIC("\0\0\0\2\0\0\0\1\xff\xff", 0),
	MAGIC("\0\0\0\3\0\0\0\1\xff\xff", 0), MAGIC("\0\0\0\5\0\0\0\1\xff\xff", 0), MAGIC_END,
};

const struct format yaffs_format = {
	.name = "yaffs",
	.kind = FORMAT_FILESYSTEM,
	.title = "YAFFS and YAFFS2 file system, with and without spare areas, both byte orders",
	.spec = "yaffs2 yaffs_guts.h, yaffs_packedtags1.h, yaffs_packedtags2.c",
	.magics = yaffs_magics,
	.probe = yaffs_probe,
	.walk = yaffs_walk,
	.at_start = true,
	.locate = yaffs_locate,
};
