/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proofs of a NAND dump's geometry: UBI, uImage, squashfs and JFFS2 by their own checksums, anything else by the
 * Hamming codes that Linux's software ECC keeps in the spare area. */
#include "format/nand_proof.h"

#include "base/codec.h"
#include "base/hash.h"
#include "format/ubi_image.h"

#define PEB_MIN (16u << 10)
#define PEB_MAX (4u << 20)
#define PEBS_MAX 16384u
#define RECORD_SIZE 172u
#define RECORDS 24u /* of a volume table that are looked at: they cover two pages of 2 KiB */
#define SQUASHFS_SUPERBLOCK 96u
#define SQUASHFS_BLOCK_MAX (1u << 20)
#define STEP 256u /* bytes that share a Hamming code */
#define STEPS_MIN 8u
#define STEPS_MAX 64u
#define UIMAGE_LARGE (4u << 20) /* larger ones are only tried with geometries that the dump's size fits */
#define JFFS2_NODES_MAX 64u
#define JFFS2_INODE_SIZE 68u

/* No spare bytes at all. */
static const struct nand_geometry plain = { UINT32_MAX, 0 };

static struct span part(struct span raw, const struct nand_geometry *g, uint64_t at, uint8_t *room, size_t n)
{
	return span_of(room, nand_copy(raw, g, at, room, n));
}

/* ---- UBI ---- */

static bool vid_at(struct span raw, const struct nand_geometry *g, uint64_t at, struct ubi_vid *vid)
{
	uint8_t room[UBI_HEADER_SIZE];
	return ubi_vid_read(part(raw, g, at, room, sizeof room), 0, vid);
}

/* How many of the first records of the volume table whose block begins at `at` have the right CRC. */
static unsigned good_records(struct span raw, const struct nand_geometry *g, uint64_t at)
{
	uint8_t room[RECORDS * RECORD_SIZE];
	struct span table = part(raw, g, at, room, sizeof room);
	unsigned good = 0;
	for (unsigned i = 0; i < RECORDS; i++) {
		struct span record = span_sub(table, i * RECORD_SIZE, RECORD_SIZE);
		good += record.p &&
				hash_crc32_raw(UINT32_MAX, span_sub(record, 0, RECORD_SIZE - 4)) == span_u32be(record, RECORD_SIZE - 4);
	}
	return good;
}

/* An erase counter header stands at the start of a page, whatever the geometry; where the next block and the VID header
 * are tells the ratio, and a volume table in one of the blocks the rest. */
static enum nand_strength prove_ubi(struct span raw, const struct nand_geometry *g)
{
	struct ubi_ec ec, next;
	struct ubi_vid vid;
	if (!ubi_ec_read(raw, 0, &ec))
		return NAND_NO;
	enum nand_strength strength = NAND_NO;
	if (ec.vid_offset >= g->page && vid_at(raw, g, ec.vid_offset, &vid))
		strength = NAND_LIKELY;
	for (uint32_t size = PEB_MIN; size <= PEB_MAX; size *= 2) {
		uint64_t block = (uint64_t)size / g->page * (g->page + g->spare);
		if (size < g->page || !ubi_ec_read(raw, block, &next) || next.vid_offset != ec.vid_offset)
			continue;
		strength = NAND_LIKELY;
		/* Levelling of wear may have moved it anywhere. */
		for (uint64_t i = 0; i < PEBS_MAX && i * block < raw.n; i++) {
			struct span peb = span_from(raw, i * block);
			if (!vid_at(peb, g, ec.vid_offset, &vid) || vid.volume != UBI_LAYOUT_VOLUME)
				continue;
			return good_records(peb, g, ec.data_offset) > RECORDS / 2 ? NAND_CERTAIN : NAND_NO;
		}
		break;
	}
	return strength;
}

/* Whether UBI reads as it is. */
static bool is_plain_ubi(struct span raw)
{
	struct ubi_ec ec, next;
	struct ubi_vid vid;
	if (!ubi_ec_read(raw, 0, &ec))
		return false;
	if (vid_at(raw, &plain, ec.vid_offset, &vid) && good_records(raw, &plain, ec.data_offset) == RECORDS)
		return true;
	for (uint32_t size = PEB_MIN / 4; size <= PEB_MAX; size *= 2)
		if (ubi_ec_read(raw, size, &next) && next.vid_offset == ec.vid_offset)
			return true;
	return false;
}

/* ---- uImage: the CRC of its data ---- */

static bool uimage_reads(struct span raw, const struct nand_geometry *g)
{
	uint32_t left = span_u32be(raw, 12), crc = 0;
	if (g->spare && left < g->page)
		return false; /* nothing in it lies across pages that could prove anything */
	if (g->spare && left > UIMAGE_LARGE && raw.n % (g->page + g->spare))
		return false;
	for (uint64_t at = 64; left;) {
		uint8_t room[4096];
		struct span bytes = part(raw, g, at, room, left < sizeof room ? left : sizeof room);
		if (bytes.n == 0)
			return false;
		crc = hash_crc32(crc, bytes);
		at += bytes.n;
		left -= (uint32_t)bytes.n;
	}
	return crc == span_u32be(raw, 24);
}

/* Its header has a CRC of its own, over its bytes with that CRC as zero. */
static bool is_uimage(struct span raw)
{
	uint8_t header[64];
	struct span bytes = span_sub(raw, 0, sizeof header);
	if (!span_starts(bytes, "\x27\x05\x19\x56", 4))
		return false;
	memcpy(header, bytes.p, sizeof header);
	memset(header + 4, 0, 4);
	return hash_crc32(0, span_of(header, sizeof header)) == span_u32be(raw, 4) && span_u32be(raw, 12) < raw.n;
}

/* ---- squashfs 4.0: the list of ids is the place of one metadata block, which ends where the list begins ---- */

static bool is_squashfs(struct span raw)
{
	return span_starts(raw, "hsqs", 4) && span_u16le(raw, 28) == 4 && span_u16le(raw, 26) > 0 &&
		   span_u16le(raw, 26) <= 2048;
}

static bool squashfs_reads(struct span raw, const struct nand_geometry *g)
{
	uint8_t room[8], header[2];
	uint64_t list = span_u32le(raw, 48), block;
	if (span_u32le(raw, 52) || part(raw, g, list, room, sizeof room).n < sizeof room)
		return false;
	block = span_u32le(span_of(room, 8), 0);
	if (span_u32le(span_of(room, 8), 4) || block >= list || list - block > 8194 ||
		part(raw, g, block, header, sizeof header).n < sizeof header)
		return false;
	return block + 2 + (span_u16le(span_of(header, 2), 0) & 0x7fff) == list;
}

/* Whether the first block of data, which follows the superblock, unpacks: it lies across more pages than a
 * superblock. */
static bool squashfs_data_read(struct span raw, const struct nand_geometry *g)
{
	static const enum codec codecs[] = { CODEC_STORE, CODEC_ZLIB,  CODEC_LZMA, CODEC_LZO1X,
										 CODEC_XZ,    CODEC_STORE, CODEC_ZSTD };
	uint32_t id = span_u16le(raw, 20), block = span_u32le(raw, 12);
	if (id >= sizeof codecs / sizeof codecs[0] || codecs[id] == CODEC_STORE || block > SQUASHFS_BLOCK_MAX)
		return false;
	struct buf packed = buf_with_limit(block), out = buf_with_limit(block);
	bool reads = false;
	if (!buf_reserve(&packed, block) && !buf_reserve(&out, block)) {
		packed.n = nand_copy(raw, g, SQUASHFS_SUPERBLOCK, packed.p, block);
		reads = codec_block(codecs[id], buf_span(&packed), out.p, block, &out.n) == ERR_NONE && out.n > g->page;
	}
	buf_free(&packed);
	buf_free(&out);
	return reads;
}

static enum nand_strength prove_squashfs(struct span raw, const struct nand_geometry *g)
{
	if (!is_squashfs(raw) || !squashfs_reads(raw, g))
		return NAND_NO;
	return squashfs_data_read(raw, g) ? NAND_CERTAIN : NAND_LIKELY;
}

/* ---- JFFS2: nodes that lie across pages ---- */

static bool is_jffs2(struct span raw)
{
	struct reader r = reader_of(raw, span_starts(raw, "\x19\x85", 2));
	if (!r.big && !span_starts(raw, "\x85\x19", 2))
		return false;
	rd_seek(&r, 8);
	return rd_u32(&r) == hash_crc32_raw(0, span_sub(raw, 0, 8));
}

/* Follows the nodes from the start to one whose data cross the end of a page and have the right CRC. Of an image
 * without spare bytes the first node that crosses is misread, unless nodes that are alike follow each other in the steps of the
 * spare area: then it has the right CRC without a gap, too, and proves nothing. */
static bool jffs2_reads(struct span raw, const struct nand_geometry *g)
{
	uint64_t at = 0;
	for (unsigned i = 0; i < JFFS2_NODES_MAX; i++) {
		uint8_t room[JFFS2_INODE_SIZE + 4096];
		struct span node = part(raw, g, at, room, sizeof room);
		struct reader r = reader_of(node, span_starts(raw, "\x19\x85", 2));
		if (rd_u16(&r) != 0x1985)
			return false;
		uint16_t type = rd_u16(&r);
		uint32_t size = rd_u32(&r), crc = rd_u32(&r);
		if (!rd_ok(&r) || crc != hash_crc32_raw(0, span_sub(node, 0, 8)) || size < 12)
			return false;
		rd_seek(&r, 48);
		uint32_t packed = rd_u32(&r);
		rd_seek(&r, 60);
		uint32_t data_crc = rd_u32(&r);
		struct span data = span_sub(node, JFFS2_INODE_SIZE, packed);
		bool crosses = (at + JFFS2_INODE_SIZE + 8) / g->page != (at + JFFS2_INODE_SIZE + packed - 8) / g->page;
		if (type == 0xe002 && data.n > 16 && crosses) {
			uint64_t from = at / g->page * (g->page + g->spare) + at % g->page;
			if (data_crc != hash_crc32_raw(0, data))
				return false;
			if (data_crc != hash_crc32_raw(0, span_sub(raw, from + JFFS2_INODE_SIZE, packed)))
				return true;
		}
		at += ((uint64_t)size + 3) & ~(uint64_t)3;
	}
	return false;
}

/* ---- Hamming codes ---- */

static uint8_t parity(uint64_t bits)
{
	return (uint8_t)__builtin_parityll(bits);
}

/* The code of 256 bytes, inverted so that erased pages fit. First the parities of its columns: they can be had at
 * once. */
static uint8_t column_code(const uint8_t *p)
{
	static const uint8_t columns[6] = { 0x55, 0xaa, 0x33, 0xcc, 0x0f, 0xf0 };
	uint64_t all = 0, word;
	uint8_t code = 0;
	for (unsigned i = 0; i < STEP; i += sizeof word) {
		memcpy(&word, p + i, sizeof word);
		all ^= word;
	}
	all ^= all >> 32;
	all ^= all >> 16;
	all ^= all >> 8;
	for (unsigned i = 0; i < 6; i++)
		code |= (uint8_t)(parity(all & columns[i]) << (2 + i));
	return (uint8_t)~code;
}

/* The parities of the bytes whose index has each bit clear, or set. */
static uint16_t line_code(const uint8_t *p)
{
	unsigned set = 0, odd = 0; /* a bit for each bit of the index */
	uint16_t code = 0;
	for (unsigned i = 0; i < STEP; i++) {
		unsigned mask = -(unsigned)parity(p[i]);
		set ^= i & mask;
		odd ^= mask;
	}
	for (unsigned bit = 0; bit < 8; bit++) {
		unsigned one = set >> bit & 1, zero = one ^ (odd & 1);
		code |= (uint16_t)(zero << (2 * bit) | one << (2 * bit + 1));
	}
	return (uint16_t)~code;
}

/* Where Linux puts the three bytes of a step. */
static bool ecc_position(const struct nand_geometry *g, unsigned step, unsigned byte, uint32_t *at)
{
	static const uint8_t small_page[6] = { 0, 1, 2, 3, 6, 7 };
	uint32_t need = g->page / STEP * 3;
	if (g->page == 512 && g->spare == 16)
		*at = small_page[3 * step + byte];
	else if ((g->page == 2048 && g->spare == 64) || (g->page == 4096 && g->spare == 128))
		*at = g->spare - need + 3 * step + byte;
	else
		return false;
	return true;
}

enum fit { FIT_NOT, FIT_EMPTY, FIT_YES };

/* Whether a step of a page has its code, in either order of its first two bytes. Steps without a code to speak of, and
 * repetitions of the one before, prove nothing. */
static enum fit step_fits(struct span page, const struct nand_geometry *g, unsigned step, uint32_t *previous)
{
	uint8_t stored[3];
	const uint8_t *data = page.p + step * STEP;
	for (unsigned byte = 0; byte < 3; byte++) {
		uint32_t at;
		if (!ecc_position(g, step, byte, &at))
			return FIT_NOT;
		stored[byte] = page.p[g->page + at];
	}
	uint8_t columns = column_code(data);
	if (columns != stored[2])
		return FIT_NOT;
	uint16_t lines = line_code(data);
	uint32_t code = (uint32_t)columns << 16 | lines, before = *previous;
	if ((stored[0] | stored[1] << 8) != lines && (stored[1] | stored[0] << 8) != lines)
		return FIT_NOT;
	*previous = code;
	return code == 0xffffff || code == before ? FIT_EMPTY : FIT_YES;
}

/* YAFFS keeps in its spare bytes what the data belong to. A page of its own begins with an object's header. */
static bool is_yaffs_header(struct span page)
{
	uint32_t little = span_u32le(page, 0), big = span_u32be(page, 0);
	bool type = (little >= 1 && little <= 5) || (big >= 1 && big <= 5);
	return type && span_has(page, 8, "\xff\xff", 2) &&
		   (span_u32le(page, 4) < 1u << 18 || span_u32be(page, 4) < 1u << 18);
}

static enum nand_strength prove_hamming(struct span raw, const struct nand_geometry *g)
{
	uint32_t at, full = g->page + g->spare;
	unsigned fits = 0, misses = 0;
	uint32_t previous = 0;
	if (!ecc_position(g, 0, 0, &at))
		return NAND_NO;
	for (uint64_t i = 0; fits + misses < STEPS_MAX && i < STEPS_MAX; i++) {
		struct span page = span_sub(raw, i * full, full);
		if (!page.p)
			break;
		if (page.p[0] == 0xff && memcmp(page.p, page.p + 1, page.n - 1) == 0)
			continue; /* erased */
		if (is_yaffs_header(page))
			return NAND_NO;
		for (unsigned step = 0; step < g->page / STEP; step++) {
			enum fit fit = step_fits(page, g, step, &previous);
			fits += fit == FIT_YES;
			misses += fit == FIT_NOT;
			if (misses > 2 && fits < 2 * misses)
				return NAND_NO;
		}
	}
	return fits >= STEPS_MIN ? NAND_CERTAIN : NAND_NO;
}

bool nand_is_worth_it(struct span raw)
{
	if (is_plain_ubi(raw))
		return false;
	if (is_uimage(raw))
		return !uimage_reads(raw, &plain);
	if (is_squashfs(raw))
		return !squashfs_reads(raw, &plain);
	return true;
}

enum nand_strength nand_prove(struct span raw, const struct nand_geometry *g)
{
	enum nand_strength strength = prove_ubi(raw, g);
	if (strength == NAND_NO)
		strength = prove_squashfs(raw, g);
	if (strength == NAND_NO && ((is_uimage(raw) && uimage_reads(raw, g)) || (is_jffs2(raw) && jffs2_reads(raw, g))))
		strength = NAND_CERTAIN;
	enum nand_strength hamming = strength == NAND_CERTAIN ? NAND_NO : prove_hamming(raw, g);
	return hamming > strength ? hamming : strength;
}
