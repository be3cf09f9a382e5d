/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs and libraries that UPX packed: the original comes out.
 *
 * Of a program the segments that are loaded stand first, in blocks, then the code that unpacks them, then in blocks what lies between
 * and behind the segments. A library keeps what the dynamic linker reads, and the segments that are written to.
 *
 * Specification: UPX 3.96 and 4.2.4, src/p_lx_elf.cpp and src/p_unix.cpp.
 */
#include <elf.h>
#include <stdlib.h>

#include "base/hash.h"
#include "format/format.h"
#include "format/upx_image.h"

#define HOLE_MAX (16u << 20) /* between blocks of the original, until what lies there comes */
#define CHAINS_MAX 64u       /* places that are tried for the blocks behind the code that unpacks */
#define TRAILER_NEAR (1u << 20)

struct unpacking {
	struct upx *u;
	struct buf *out;
	uint64_t at; /* of the next block */
	uint64_t placed; /* bytes, by all blocks */
	uint32_t sum_packed, sum_unpacked;
	struct error error; /* the first one */
};

static void fail(struct unpacking *x, struct error error)
{
	if (!error_is(&x->error))
		x->error = error;
}

/* Makes room for what comes to stand there in the original. */
static bool room(struct unpacking *x, uint64_t where, uint64_t size)
{
	struct buf *out = x->out;
	uint64_t end = where + size;
	if (where > UINT32_MAX || end > x->u->file_size || (where > out->n && where - out->n > HOLE_MAX)) {
		fail(x, error_at(ERR_CORRUPT, x->at, "a block lies beyond the end of the program that was packed"));
		return false;
	}
	if (end <= out->n)
		return true;
	enum error_code code = buf_reserve(out, (size_t)end - out->n);
	if (code) {
		fail(x, error_at(code, x->at, "the program that was packed is larger than may be unpacked"));
		return false;
	}
	memset(out->p + out->n, 0, (size_t)end - out->n);
	out->n = (size_t)end;
	return true;
}

/* One block to its place. False: what follows can not be read. */
static bool place(struct unpacking *x, const struct upx_block *b, uint64_t where)
{
	size_t before = x->out->n, got = 0;
	x->placed += b->unpacked;
	if (x->placed > 2 * (uint64_t)x->u->file_size) { /* segments share pages at most: no more than once over the other */
		fail(x, error_at(ERR_CORRUPT, x->at, "the blocks of the packed program unpack to more than the program"));
		return false;
	}
	if (!room(x, where, b->unpacked))
		return false;
	bool whole = b->bytes.n == b->packed;
	enum error_code code = upx_decode(b, x->out->p + where, b->unpacked, &got);
	if (code && !whole) {
		x->out->n = where + got > before ? (size_t)where + got : before;
		fail(x, error_at(ERR_TRUNCATED, x->u->bytes.n, "a block of the packed program is cut off"));
	} else if (code == ERR_UNSUPPORTED) {
		fail(x, error_at(code, x->at, "the packed program has a block of method %u and filter 0x%02x, which are not read", b->method,
		                 b->filter));
	} else if (code) {
		fail(x, error_at(ERR_CORRUPT, x->at, "a block of the packed program can not be unpacked"));
	}
	x->sum_packed = hash_adler32_more(x->sum_packed, b->bytes);
	x->sum_unpacked = hash_adler32_more(x->sum_unpacked, span_of(x->out->p + where, got));
	return whole;
}

/* The blocks of a stretch of the original. */
static bool extent(struct unpacking *x, uint64_t where, uint64_t wanted)
{
	while (wanted) {
		struct upx_block b;
		enum error_code code = upx_block(x->u, x->at, &b);
		if (code == ERR_TRUNCATED && !b.bytes.n) {
			fail(x, error_at(code, x->u->bytes.n, "a block of the packed program is missing"));
			return false;
		}
		if (code == ERR_CORRUPT || b.unpacked > wanted) {
			fail(x, error_at(ERR_CORRUPT, x->at, "no block of the packed program stands where one should"));
			return false;
		}
		if (!place(x, &b, where))
			return false;
		where += b.unpacked;
		wanted -= b.unpacked;
		x->at = b.next;
	}
	return true;
}

static bool program(struct unpacking *x)
{
	struct upx_segment s;
	for (unsigned i = 0; upx_segment(&x->u->original, i, &s); i++)
		if (s.type == PT_LOAD && !extent(x, s.offset, s.size))
			return false;
	return true;
}

/* Bytes that are in both as they are. */
static bool copy(struct unpacking *x, uint64_t from, uint64_t where, uint64_t size)
{
	struct span s = span_clip(x->u->bytes, from, size);
	if (s.n < size)
		fail(x, error_at(ERR_TRUNCATED, x->u->bytes.n, "a part of the packed library is missing"));
	if (!s.n || !room(x, where, s.n))
		return s.n == size;
	memcpy(x->out->p + where, s.p, s.n);
	return true;
}

/* The first block has all up to l_info, or the headers alone: then the rest of it stands in the file. */
static bool library_begin(struct unpacking *x, uint64_t *filled)
{
	struct upx_block b;
	uint64_t plain = x->u->info - UPX_INFO_SIZE, head = x->u->original.size;
	(void)upx_block(x->u, x->at, &b);
	*filled = b.unpacked;
	if (!extent(x, 0, b.unpacked))
		return false;
	if (*filled > head || plain <= head)
		return true;
	*filled = plain;
	return copy(x, head, head, plain - head);
}

static bool library(struct unpacking *x)
{
	uint64_t filled;
	struct upx_segment s, here;
	bool first = true;
	if (!library_begin(x, &filled))
		return false;
	for (unsigned i = 0; upx_segment(&x->u->original, i, &s); i++) {
		if (s.type != PT_LOAD || s.flags & PF_W)
			continue;
		uint64_t skip = first ? (filled < s.size ? filled : s.size) : 0;
		first = false;
		if (!extent(x, s.offset + skip, s.size - skip))
			return false;
	}
	for (unsigned i = 0; upx_segment(&x->u->original, i, &s) && upx_segment(&x->u->elf, i, &here); i++)
		if (s.type == PT_LOAD && s.flags & PF_W && !copy(x, here.offset, s.offset, s.size))
			return false;
	return true;
}

/* How many bytes lie between the end of the segment and the next one, or the end of the file. */
static uint64_t gap_behind(const struct upx *u, const struct upx_segment *s)
{
	uint64_t from = s->offset + s->size, to = u->file_size;
	struct upx_segment other;
	for (unsigned i = 0; upx_segment(&u->original, i, &other); i++)
		if (other.type == PT_LOAD && other.offset >= from && other.offset < to && (other.offset != s->offset || other.size != s->size))
			to = other.offset;
	return s->type == PT_LOAD && to > from ? to - from : 0;
}

/* Whether blocks of just these sizes stand there, one behind the other, and then the mark of the end: a block of none. */
static bool gaps_stand_at(const struct upx *u, uint64_t at)
{
	struct upx_segment s;
	for (unsigned i = 0; upx_segment(&u->original, i, &s); i++)
		for (uint64_t left = gap_behind(u, &s); left;) {
			struct upx_block b;
			if (upx_block(u, at, &b) || b.unpacked > left || (b.filter && b.packed < b.unpacked))
				return false;
			left -= b.unpacked;
			at = b.next;
		}
	struct span end = span_sub(u->bytes, at, UPX_INFO_SIZE);
	return end.p && span_is_zero(span_of(end.p, 4));
}

/* The code that unpacks has several lengths, as releases differ: what follows it is found by its sizes. */
static bool find_gaps(struct unpacking *x)
{
	const struct upx *u = x->u;
	struct upx_segment s;
	uint64_t first = 0;
	unsigned tried = 0;
	for (unsigned i = 0; !first && upx_segment(&u->original, i, &s); i++)
		first = gap_behind(u, &s);
	if (!first)
		return false;
	uint32_t size = first > u->block_size && u->block_size ? u->block_size : (uint32_t)first;
	for (uint64_t at = (x->at + 3) & ~UINT64_C(3); at + UPX_INFO_SIZE <= u->bytes.n && tried < CHAINS_MAX; at += 4) {
		uint32_t here = span_u32(u->bytes, at, u->elf.big);
		if (here != size)
			continue;
		tried++;
		if (gaps_stand_at(u, at)) {
			x->at = at;
			return true;
		}
	}
	fail(x, error_at(ERR_TRUNCATED, u->bytes.n, "what lies between and behind the segments of the packed program is not found"));
	return false;
}

static void gaps(struct unpacking *x)
{
	struct upx_segment s;
	if (!find_gaps(x))
		return;
	for (unsigned i = 0; upx_segment(&x->u->original, i, &s); i++)
		if (!extent(x, s.offset + s.size, gap_behind(x->u, &s)))
			return;
}

static void put(uint8_t *p, unsigned width, bool big, uint64_t v)
{
	for (unsigned i = 0; i < width; i++)
		p[big ? width - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

/* DT_INIT of a packed library leads to the code that unpacks; before that code stands what it was, 0 where there was none. */
static void restore_init(struct unpacking *x, uint64_t code_at)
{
	const struct upx *u = x->u;
	unsigned width = u->elf.is64 ? 8 : 4;
	struct upx_segment s;
	struct reader info = reader_of(span_from(u->bytes, code_at), u->elf.big);
	uint32_t words[4];
	for (unsigned i = 0; i < 4; i++)
		words[i] = rd_u32(&info);
	for (unsigned i = 0; rd_ok(&info) && upx_segment(&u->original, i, &s); i++) {
		if (s.type != PT_DYNAMIC)
			continue;
		struct span dynamic = span_sub(buf_span(x->out), s.offset, s.size);
		for (uint64_t at = 0; at + 2 * width <= dynamic.n; at += 2 * width) {
			struct reader r = reader_of(span_from(dynamic, at), u->elf.big);
			bool init = rd_uint(&r, width) == DT_INIT;
			uint64_t leads_to = rd_uint(&r, width), thumb = u->elf.machine == EM_ARM; /* the lowest bit tells code of Thumb */
			if (!init || (leads_to & ~thumb) != u->elf.entry)
				continue;
			uint32_t was = words[words[0] ? 2 : 3];
			put(x->out->p + s.offset + at, width, u->elf.big, was ? DT_INIT : DT_NULL);
			put(x->out->p + s.offset + at + width, width, u->elf.big, was);
		}
	}
}

static void verify(struct unpacking *x)
{
	struct upx *u = x->u;
	if (error_is(&x->error))
		return;
	if (x->out->n < u->file_size)
		fail(x, error_at(ERR_CORRUPT, UINT64_MAX, "the packed program tells of %u bytes, and has %zu", u->file_size, x->out->n));
	else if (!u->has_trailer)
		fail(x, error_at(ERR_TRUNCATED, u->bytes.n, "the header at the end of the packed program is missing, which has its checksum"));
	else if (u->trailer.sum_packed != x->sum_packed || u->trailer.sum_unpacked != x->sum_unpacked)
		fail(x, error_at(ERR_CORRUPT, u->trailer.at, "the packed program has another checksum than its header says"));
}

/* Of a file whose size was erased at both places: where its last segment ends. */
static uint32_t end_of_segments(const struct upx *u)
{
	struct upx_segment s;
	uint64_t end = 0;
	for (unsigned i = 0; upx_segment(&u->original, i, &s); i++)
		if (s.type == PT_LOAD && s.offset <= UINT32_MAX && s.size <= UINT32_MAX && s.offset + s.size > end)
			end = s.offset + s.size;
	return end > UINT32_MAX ? UINT32_MAX : (uint32_t)end;
}

static struct error unpack_program(struct upx *u, struct buf *out, size_t *used)
{
	struct unpacking x = { .u = u, .out = out, .at = u->info + UPX_INFO_SIZE, .sum_packed = 1, .sum_unpacked = 1 };
	bool sized = u->file_size != 0;
	if (!sized)
		u->file_size = end_of_segments(u);
	bool all = u->library ? library(&x) : program(&x);
	if (all && u->library)
		restore_init(&x, (x.at + 3) & ~UINT64_C(3));
	if (all && sized)
		gaps(&x);
	upx_find_trailer(u, x.at, x.at + TRAILER_NEAR);
	verify(&x);
	*used = u->has_trailer ? (size_t)u->trailer.end : u->bytes.n;
	return x.error;
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct error e = error_at(ERR_CORRUPT, 0, "no program that UPX packed");
	struct upx *u = malloc(sizeof *u);
	*used = bytes.n;
	if (!u)
		return error_at(ERR_MEMORY, 0, "no memory to unpack a program");
	if (upx_open(bytes, u))
		e = unpack_program(u, out, used);
	free(u);
	return e;
}

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, ELFMAG, SELFMAG))
		return false;
	struct upx *u = malloc(sizeof *u);
	bool is = u && upx_open(at, u);
	free(u);
	if (is)
		*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 95 };
	return is;
}

/* The mark is the second word behind the program headers. */
static bool locate(struct span all, uint64_t hit, uint64_t *start)
{
	for (unsigned segments = 1; segments <= 16; segments++) {
		uint64_t back[] = { sizeof(Elf32_Ehdr) + segments * sizeof(Elf32_Phdr) + 4, sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr) + 4 };
		for (unsigned i = 0; i < 2; i++)
			if (hit >= back[i] && span_has(all, hit - back[i], ELFMAG, SELFMAG)) {
				*start = hit - back[i];
				return true;
			}
	}
	return false;
}

/* The code that unpacks names its release. */
static void describe_release(const struct upx *u, struct sink *sink)
{
	static const char before[] = "$Id: UPX ";
	struct span s = u->bytes;
	const uint8_t *id = memmem(s.p, s.n, before, sizeof before - 1);
	if (!id)
		return;
	struct span text = span_clip(s, (uint64_t)(id - s.p) + sizeof before - 1, 16);
	size_t n = 0;
	while (n < text.n && (text.p[n] == '.' || (text.p[n] >= '0' && text.p[n] <= '9')))
		n++;
	if (n && n < text.n && text.p[n] == ' ')
		emit_header_field(sink, (uint64_t)(id - s.p), "release", "UPX %.*s", (int)n, (const char *)text.p);
}

static void describe(struct span bytes, struct sink *sink)
{
	struct upx *u = malloc(sizeof *u);
	if (u && upx_open(bytes, u)) {
		struct upx_block b;
		(void)upx_block(u, u->info + UPX_INFO_SIZE, &b);
		describe_release(u, sink);
		const char *method = upx_method(u->has_trailer ? u->trailer.method : b.method);
		if (method)
			emit_header_field(sink, u->has_trailer ? u->trailer.at + 6 : u->info + UPX_INFO_SIZE + 8, "method", "%s", method);
		if (u->file_size)
			emit_header_field(sink, u->info + 4, "unpacked_size", "%u", u->file_size);
	}
	free(u);
}

static const struct format_magic magics[] = { MAGIC("UPX!", 0), MAGIC_END };

const struct format upx_format = {
	.name = "upx", .kind = FORMAT_COMPRESSION, .title = "program packed by UPX",
	.spec = "UPX 3.96 and 4.2.4, src/p_lx_elf.cpp, src/p_unix.cpp, src/packhead.cpp", .magics = magics, .probe = probe,
	.unpack = unpack, .describe = describe, .at_start = true, .in_place = true, .locate = locate,
};
