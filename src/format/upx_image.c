/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: UPX 3.96 and 4.2.4, src/stub/src/include/linux.h (l_info, p_info, b_info), src/packhead.cpp (PackHeader). */
#include "format/upx_image.h"

#include <elf.h>

#include "base/codec.h"
#include "base/lzma.h"
#include "format/nrv.h"
#include "format/upx_filter.h"

#define PACKED_SEGMENTS_MAX 32u
#define TRAILER_SIZE 32u
#define TRAILER_TAIL 4096u /* so far before the end it is looked for */
#define METHOD_LZMA 14
#define METHOD_DEFLATE 15

static uint32_t word_at(const struct upx *u, uint64_t at)
{
	return span_u32(u->bytes, at, u->elf.big);
}

static bool read_elf(struct span head, unsigned segments_max, struct upx_elf *elf)
{
	if (!span_starts(head, ELFMAG, SELFMAG) || head.n < sizeof(Elf32_Ehdr) || head.p[EI_VERSION] != EV_CURRENT)
		return false;
	uint8_t class = head.p[EI_CLASS], data = head.p[EI_DATA];
	if ((class != ELFCLASS32 && class != ELFCLASS64) || (data != ELFDATA2LSB && data != ELFDATA2MSB))
		return false;
	*elf = (struct upx_elf){ .head = head, .is64 = class == ELFCLASS64, .big = data == ELFDATA2MSB };
	unsigned header = elf->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), entry = elf->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	struct reader r = reader_of(head, elf->big);
	rd_skip(&r, EI_NIDENT);
	uint16_t type = rd_u16(&r);
	elf->machine = rd_u16(&r);
	rd_skip(&r, 4);
	elf->entry = rd_uint(&r, elf->is64 ? 8 : 4);
	uint64_t segments_at = rd_uint(&r, elf->is64 ? 8 : 4);
	rd_skip(&r, (elf->is64 ? 8 : 4) + 6);
	uint16_t size = rd_u16(&r);
	elf->segments = rd_u16(&r);
	elf->size = header + entry * elf->segments;
	return rd_ok(&r) && (type == ET_EXEC || type == ET_DYN) && segments_at == header && size == entry && elf->segments &&
	       elf->segments <= segments_max && elf->size <= head.n;
}

bool upx_segment(const struct upx_elf *elf, unsigned i, struct upx_segment *s)
{
	unsigned header = elf->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), entry = elf->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	unsigned word = elf->is64 ? 8 : 4;
	struct reader r = reader_of(span_sub(elf->head, header + (uint64_t)entry * i, entry), elf->big);
	s->type = rd_u32(&r);
	if (elf->is64)
		s->flags = rd_u32(&r);
	s->offset = rd_uint(&r, word);
	s->address = rd_uint(&r, word);
	rd_skip(&r, word);
	s->size = rd_uint(&r, word);
	rd_skip(&r, word);
	if (!elf->is64)
		s->flags = rd_u32(&r);
	return rd_ok(&r) && i < elf->segments;
}

const char *upx_method(uint8_t method)
{
	static const char *const names[] = { "NRV2B", "NRV2D", "NRV2E" };
	if (method >= 2 && method <= 10)
		return names[(method - 2) / 3];
	return method == METHOD_LZMA ? "LZMA" : method == METHOD_DEFLATE ? "Deflate" : NULL;
}

enum error_code upx_block(const struct upx *u, uint64_t at, struct upx_block *b)
{
	uint32_t max = u->block_size ? u->block_size : u->file_size;
	*b = (struct upx_block){ .unpacked = word_at(u, at), .packed = word_at(u, at + 4) };
	struct span rest = span_sub(u->bytes, at + 8, 4);
	if (!rest.p)
		return ERR_TRUNCATED;
	b->method = rest.p[0];
	b->filter = rest.p[1];
	b->mark = rest.p[2];
	if (!b->unpacked || !b->packed || b->packed > b->unpacked || (max && b->unpacked > max))
		return ERR_CORRUPT;
	b->next = at + UPX_INFO_SIZE + b->packed;
	b->bytes = span_clip(u->bytes, at + UPX_INFO_SIZE, b->packed);
	return b->bytes.n < b->packed ? ERR_TRUNCATED : ERR_NONE;
}

/* As UPX has 3 by default. With the most that LZMA has, 12, the tables of the decoder are so large that a file of nothing but beginnings
 * of packed programs would take minutes. */
#define LITERAL_BITS_MAX 8

/* The properties stand in two bytes: pb and the sum of lc and lp, then lc and lp. */
static enum error_code lzma(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	size_t used;
	if (in.n < 3)
		return ERR_TRUNCATED;
	struct lzma_props props = { .lc = in.p[1] & 15, .lp = in.p[1] >> 4, .pb = in.p[0] & 7 };
	if (props.lc > 8 || props.lp > 4 || props.pb > 4 || in.p[0] >> 3 != props.lc + props.lp || in.p[0] >> 3 > LITERAL_BITS_MAX)
		return ERR_CORRUPT;
	return lzma1_decode(props, span_from(in, 2), out, out_max, &used, out_n, NULL);
}

static enum error_code decode(const struct upx_block *b, uint8_t *out, size_t out_max, size_t *out_n)
{
	static const unsigned groups[] = { 4, 1, 2 };
	*out_n = 0;
	if (b->packed == b->unpacked) {
		*out_n = b->bytes.n < out_max ? b->bytes.n : out_max;
		if (*out_n)
			memcpy(out, b->bytes.p, *out_n);
		return *out_n == b->unpacked ? ERR_NONE : *out_n == out_max ? ERR_BUDGET : ERR_TRUNCATED;
	}
	if (b->method >= 2 && b->method <= 10)
		return nrv_decode((enum nrv)((b->method - 2) / 3), groups[(b->method - 2) % 3], b->bytes, out, out_max, out_n);
	if (b->method == METHOD_LZMA)
		return lzma(b->bytes, out, out_max, out_n);
	if (b->method == METHOD_DEFLATE)
		return codec_block(CODEC_DEFLATE, b->bytes, out, out_max, out_n);
	return ERR_UNSUPPORTED;
}

enum error_code upx_decode(const struct upx_block *b, uint8_t *out, size_t out_max, size_t *out_n)
{
	enum error_code code = decode(b, out, out_max < b->unpacked ? out_max : b->unpacked, out_n);
	if (b->filter && b->packed < b->unpacked && !upx_unfilter(b->filter, b->mark, out, *out_n) && !code)
		return ERR_UNSUPPORTED;
	return code ? code : *out_n < b->unpacked && *out_n < out_max ? ERR_CORRUPT : ERR_NONE;
}

static bool read_trailer(const struct upx *u, uint64_t at, struct upx_trailer *t)
{
	struct span s = span_sub(u->bytes, at, TRAILER_SIZE);
	unsigned sum = 0;
	if (!s.p || s.p[4] < 10 || s.p[4] > 20 || !upx_method(s.p[6]) || !s.p[7])
		return false;
	for (unsigned i = 4; i < TRAILER_SIZE - 1; i++)
		sum += s.p[i];
	if (sum % 251 != s.p[TRAILER_SIZE - 1])
		return false;
	*t = (struct upx_trailer){ .at = at, .version = s.p[4], .format = s.p[5], .method = s.p[6], .level = s.p[7] };
	t->end = at + TRAILER_SIZE + 4 <= u->bytes.n ? at + TRAILER_SIZE + 4 : u->bytes.n; /* where p_info is stands behind it */
	bool big = t->format >= 128;
	struct reader r = reader_of(span_from(s, 8), big);
	uint32_t v[5];
	for (unsigned i = 0; i < 5; i++)
		v[i] = rd_u32(&r);
	t->sum_unpacked = v[big ? 2 : 0];
	t->sum_packed = v[big ? 3 : 1];
	t->file_size = v[4];
	return big == u->elf.big && t->file_size && (!u->file_size || t->file_size == u->file_size);
}

bool upx_find_trailer(struct upx *u, uint64_t from, uint64_t to)
{
	for (uint64_t at = from; !u->has_trailer && at + TRAILER_SIZE <= to && at + TRAILER_SIZE <= u->bytes.n; at++)
		if (u->file_size || span_has(u->bytes, at, "UPX!", 4) || at + TRAILER_SIZE + 4 == u->bytes.n)
			u->has_trailer = read_trailer(u, at, &u->trailer);
	return u->has_trailer;
}

/* Whether p_info stands there: the first block behind it has the headers of a like ELF file. */
static bool begins_at(struct upx *u, uint64_t info)
{
	struct upx_block b;
	size_t n;
	u->info = info;
	u->file_size = word_at(u, info + 4);
	u->block_size = word_at(u, info + 8);
	if (info < u->elf.size || u->block_size > u->file_size || upx_block(u, info + UPX_INFO_SIZE, &b) == ERR_CORRUPT || !b.bytes.n)
		return false;
	if (b.unpacked < sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr) || (b.unpacked > UPX_HEAD_MAX && !u->library))
		return false;
	enum error_code code = upx_decode(&b, u->head, sizeof u->head, &n);
	if (code && code != ERR_BUDGET)
		return false;
	return read_elf(span_of(u->head, n), UINT16_MAX, &u->original) && u->original.is64 == u->elf.is64 && u->original.big == u->elf.big &&
	       u->original.machine == u->elf.machine;
}

static uint64_t tail_of(const struct upx *u)
{
	return u->bytes.n > TRAILER_TAIL ? u->bytes.n - TRAILER_TAIL : 0;
}

/* Behind the program headers stands l_info, in some after an empty one; in libraries behind what the dynamic linker reads, where the
 * last word of the file points at. */
static bool find_info(struct upx *u)
{
	uint64_t behind = u->elf.size + UPX_INFO_SIZE;
	if (begins_at(u, behind) || begins_at(u, behind + UPX_INFO_SIZE))
		return true;
	u->library = true;
	if (u->bytes.n > TRAILER_SIZE + 4 && begins_at(u, word_at(u, u->bytes.n - 4)))
		return true;
	u->file_size = 0; /* something stands behind the trailer */
	struct span tail = span_from(u->bytes, tail_of(u));
	return memmem(tail.p, tail.n, "UPX!", 4) && upx_find_trailer(u, tail_of(u), u->bytes.n) &&
	       begins_at(u, word_at(u, u->trailer.end - 4));
}

bool upx_open(struct span bytes, struct upx *u)
{
	u->bytes = bytes;
	u->library = u->has_trailer = false;
	if (!read_elf(bytes, PACKED_SEGMENTS_MAX, &u->elf) || !find_info(u))
		return false;
	if (u->has_trailer && u->file_size && u->trailer.file_size != u->file_size)
		u->has_trailer = false;
	upx_find_trailer(u, tail_of(u), bytes.n);
	if (!u->file_size && u->has_trailer)
		u->file_size = u->trailer.file_size;
	return true;
}
