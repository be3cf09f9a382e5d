/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LHA archives (.lzh), header levels 0 to 3: libarchive reads them; where they end is found here.
 *
 * Specification: "LHa for UNIX" header.doc; lhasa, "LHA file format".
 */
#include "base/hash.h"
#include "format/archive.h"
#include "format/lha_decode.h"
#include "format/lha_names.h"

#define MEMBERS_MAX 1000000u
#define METHOD_AT 2u
#define LEVEL_AT 20u
#define NAME_AT 22u
#define HEADER_MIN 21u
#define HEADER_MAX 65536u
#define TRAIL_MAX 16u /* bytes behind the last code */
#define MATCH_BITS_RATIO 512u /* a match of -lh1- makes 60 bytes of nine bits or a few less */
#define BLOCK_RATIO 65536u    /* a block of -lh4- or -lhx- that has one symbol takes no bits for it, and 65535 times 256 bytes come out */

static bool is_method(struct span s)
{
	return s.n == 5 && s.p[0] == '-' && s.p[1] == 'l' && (s.p[2] == 'h' || s.p[2] == 'z') && s.p[4] == '-' &&
		   ((s.p[3] >= '0' && s.p[3] <= '9') || s.p[3] == 'd' || s.p[3] == 's' || s.p[3] == 'x');
}

/* Whether the further headers of level 2 or 3 lead from one to the next and end with the header: no sum of it stands at a fixed place.
 * One byte may follow, so that the first byte of the header is not zero. */
static bool headers_chain(struct span header, uint64_t at, unsigned width)
{
	for (;;) {
		struct reader r = reader_le(span_sub(header, at, width));
		uint32_t next = width == 2 ? rd_u16(&r) : rd_u32(&r);
		if (!rd_ok(&r) || (next && next <= width))
			return false;
		if (!next)
			return at + width + 1 >= header.n;
		at += next;
	}
}

/* A name in a header of level 0 or 1 lies within it; with level 1 it may be in the further headers instead. */
static bool is_named(struct span header)
{
	uint8_t n = span_sub(header, NAME_AT - 1, 1).n ? header.p[NAME_AT - 1] : 0;
	if (n == 0)
		return header.n > NAME_AT && header.p[LEVEL_AT] == 1;
	return NAME_AT + n <= header.n && header.p[NAME_AT] >= ' ';
}

/* The length of a member with its header; 0 when there is none. */
static uint64_t member_size(struct span at)
{
	if (at.n < HEADER_MIN + 1 || !is_method(span_sub(at, METHOD_AT, 5)))
		return 0;
	uint32_t packed = span_u32le(at, 7), size = at.p[0] + 2u;
	switch (at.p[LEVEL_AT]) {
	case 0:
	case 1: /* the further headers count as packed bytes */
		if (!is_named(span_sub(at, 0, size)) || at.p[1] != (uint8_t)hash_sum(span_sub(at, 2, at.p[0])))
			return 0;
		return size + (uint64_t)packed;
	case 2:
		size = span_u16le(at, 0);
		break;
	case 3:
		size = span_u16le(at, 0) == 4 ? span_u32le(at, 24) : 0;
		break;
	default:
		return 0;
	}
	bool chained = at.p[LEVEL_AT] == 2 ? headers_chain(span_sub(at, 0, size), 24, 2) : headers_chain(span_sub(at, 0, size), 28, 4);
	return chained && size < HEADER_MAX ? size + (uint64_t)packed : 0;
}

static bool lha_probe(struct span at, struct format_match *match)
{
	uint64_t end = member_size(at);
	if (!end)
		return false;
	for (unsigned i = 1; i < MEMBERS_MAX && end < at.n; i++) {
		uint64_t size = member_size(span_from(at, end));
		if (!size)
			break;
		end += size;
	}
	match->size = end + (end < at.n && at.p[end] == 0); /* a zero ends it */
	match->confidence = 85;
	return true;
}

/* The members one behind the other, as libarchive counts them. */
struct members_at {
	struct span bytes;
	uint64_t at;
	unsigned number; /* of the one that stands there, from 1 on */
};

/* What follows the header: of level 1 the further headers, each with the length of the next at its end, are counted as packed. */
static struct span packed_data(struct span at, uint16_t *crc)
{
	uint8_t level = at.p[LEVEL_AT];
	uint64_t n = member_size(at), packed = span_u32le(at, 7), data = n - packed;
	uint32_t first = at.p[0] + 2u;
	*crc = span_u16le(at, level >= 2 ? LEVEL_AT + 1u : LEVEL_AT + 2u + span_sub(at, LEVEL_AT + 1, 1).p[0]);
	if (level == 1)
		for (uint32_t next = span_u16le(at, first - 2); next && next <= n - data; next = span_u16le(at, data - 2))
			data += next;
	return data <= n ? span_sub(at, data, n - data) : SPAN_NONE;
}

static struct error unpack_member(void *context, unsigned number, struct buf *out)
{
	struct members_at *m = context;
	for (; m->number < number; m->number++) {
		uint64_t size = member_size(span_from(m->bytes, m->at));
		if (!size)
			break;
		m->at += size;
	}
	struct span at = span_from(m->bytes, m->at), method = span_sub(at, METHOD_AT, 5);
	if (m->number != number || !member_size(at) || !lha_decode_knows(method))
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "the method %.5s is not read", method.p ? (const char *)method.p : "");
	uint16_t crc;
	struct span packed = packed_data(at, &crc);
	uint32_t size = span_u32le(at, 11);
	size_t n, used, ratio = method.p[3] == '4' || method.p[3] == 'x' ? BLOCK_RATIO : MATCH_BITS_RATIO;
	if (size / ratio > packed.n || buf_reserve(out, (size_t)size + 1))
		return error_at(ERR_BUDGET, OFFSET_NONE, "a member of %u bytes in %zu", size, packed.n);
	enum error_code code = lha_decode(method, packed, out->p, size, &used, &n);
	out->n = n;
	if (code)
		return error_at(code, OFFSET_NONE, "a member is cut off after %zu of %u bytes", n, size);
	if (hash_crc16(0xa001, 0, buf_span(out)) != crc)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "a member has another CRC than its header says");
	if (packed.n - used > TRAIL_MAX)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "%zu of the %zu packed bytes of a member are behind the end of what is packed",
						packed.n - used, packed.n);
	return error_none();
}

/* libarchive refuses an archive with a name that is not in the encoding that is told. */
static const char *charset_of(struct span bytes)
{
	struct lha_names names = { 0 };
	uint64_t at = 0, size;
	for (unsigned i = 0; i < MEMBERS_MAX && (size = member_size(span_from(bytes, at))); i++, at += size)
		lha_names_add(&names, span_clip(bytes, at, size < HEADER_MAX ? size : HEADER_MAX));
	const char *charset = lha_names_are_cp932(&names) ? ARCHIVE_JAPANESE : ARCHIVE_AS_WRITTEN;
	return names.japanese + names.unclear + names.other && archive_can_convert(charset) ? charset : NULL;
}

/* A directory has nothing to unpack, and so what is packed in one is not looked at. */
static void tell_of_directories(struct span bytes, struct sink *sink)
{
	uint64_t at = 0, size;
	uint16_t crc;
	for (unsigned i = 0; i < MEMBERS_MAX && (size = member_size(span_from(bytes, at))); i++, at += size) {
		struct span member = span_from(bytes, at), packed = span_has(member, METHOD_AT, "-lhd-", 5) ? packed_data(member, &crc) : SPAN_NONE;
		if (packed.n)
			emit_damage_at(sink, ERR_CORRUPT, at, "a directory holds %zu bytes, which are not read", packed.n);
	}
}

/* A header of level 2 or 3 has a CRC of itself among its further headers, of type 0. Where it stands, or NULL. */
static uint8_t *header_crc(uint8_t *member, uint32_t header)
{
	unsigned width = member[LEVEL_AT] == 3 ? 4 : 2;
	uint32_t at = LEVEL_AT + 4 + (width == 4 ? 4 : 0), size;
	struct span h = span_of(member, header);
	while ((size = width == 4 ? span_u32le(h, at) : span_u16le(h, at)) > width + 1 && size < header - at) {
		if (member[at + width] == 0 && size >= width + 3)
			return member + at + width + 1;
		at += size;
	}
	return NULL;
}

/* It counts as zeros in itself. */
static uint16_t make_header_crc(const uint8_t *member, uint32_t header, uint8_t *crc)
{
	uint8_t kept[2] = { crc[0], crc[1] };
	crc[0] = crc[1] = 0;
	uint16_t made = hash_crc16(0xa001, 0, span_of(member, header));
	memcpy(crc, kept, sizeof kept);
	return made;
}

/* Another method in a header whose sum stays right, or wrong, as it was. */
static void disguise_member(uint8_t *member, uint32_t header)
{
	uint8_t *crc = member[LEVEL_AT] < 2 ? NULL : header_crc(member, header);
	bool right = crc && make_header_crc(member, header, crc) == (crc[0] | crc[1] << 8);
	member[METHOD_AT + 3] = '2';
	if (member[LEVEL_AT] < 2)
		member[1] = (uint8_t)(member[1] + '2' - 'x');
	if (right) {
		uint16_t made = make_header_crc(member, header, crc);
		crc[0] = (uint8_t)made;
		crc[1] = (uint8_t)(made >> 8);
	}
}

/* libarchive does not know -lhx- for a method at all: it is shown one that it knows by name, and which it leaves to unpack_member(),
 * which has the bytes as they are. */
static enum error_code disguise_lhx(struct span bytes, struct buf *copy)
{
	uint64_t at = 0, size;
	for (unsigned i = 0; i < MEMBERS_MAX && (size = member_size(span_from(bytes, at))); i++, at += size) {
		if (!span_has(bytes, at + METHOD_AT, "-lhx-", 5))
			continue;
		if (!copy->n && buf_add(copy, bytes.p, bytes.n))
			return ERR_MEMORY;
		disguise_member(copy->p + at, (uint32_t)span_clip(bytes, at, size - span_u32le(span_from(bytes, at), 7)).n);
	}
	return ERR_NONE;
}

static struct error lha_walk(struct span bytes, struct walk *w)
{
	struct members_at m = { .bytes = bytes, .number = 1 };
	struct archive_help help = { .format = "lha", .unpack = unpack_member, .context = &m };
	help.charset = charset_of(bytes);
	tell_of_directories(bytes, w->sink);
	struct buf copy = { .meter = w->meter };
	enum error_code code = disguise_lhx(bytes, &copy);
	struct error e = code ? error_at(code, 0, "no memory for a copy of %zu bytes", bytes.n)
						  : archive_walk_helped(copy.n ? buf_span(&copy) : bytes, w, archive_read_support_format_lha, &help);
	buf_free(&copy);
	return e;
}

static const struct format_magic lha_magics[] = { MAGIC("-lh0-", 2), MAGIC("-lh1-", 2), MAGIC("-lh4-", 2),
												  MAGIC("-lh5-", 2), MAGIC("-lh6-", 2), MAGIC("-lh7-", 2),
												  MAGIC("-lhd-", 2), MAGIC("-lhx-", 2), MAGIC("-lzs-", 2),
												  MAGIC("-lz4-", 2), MAGIC("-lz5-", 2), MAGIC_END };

const struct format lha_format = {
	.name = "lha",
	.kind = FORMAT_ARCHIVE,
	.title = "LHA archive, header levels 0 to 3",
	.spec = "LHa for UNIX header.doc",
	.magics = lha_magics,
	.probe = lha_probe,
	.walk = lha_walk,
};
