/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph of coders of a 7z folder, from the coder whose output is the folder's down to the packed streams. Methods.txt of the
 * LZMA SDK lists the numbers.
 *
 * A coder that fails ends nothing: what it gave out before goes through the coders behind it. */
#include "base/bcj.h"
#include "base/codec.h"
#include "base/deflate64.h"
#include "base/lzma.h"
#include "format/ppmd.h"
#include "format/sevenzip.h"

/* Deflate64 makes at most 65538 bytes of 18 bits. */
#define DEFLATE64_RATIO 29128u

enum {
	COPY = 0,
	DELTA = 3,
	BRANCH_FIRST = 4, /* from here on the numbers are those of .xz filters */
	BRANCH_LAST = 0xb,
	LZMA2 = 0x21,
	SWAP2 = 0x20302,
	SWAP4 = 0x20304,
	LZMA1 = 0x30101,
	PPMD = 0x30401,
	DEFLATE = 0x40108,
	DEFLATE64 = 0x40109,
	BZIP2 = 0x40202,
	BCJ2 = 0x303011b,
	ZSTD = 0x4f71101,
	LZ4 = 0x4f71104,
	AES = 0x6f10701,
};

/* The older numbers of the branch filters. */
static const struct {
	uint32_t method;
	uint8_t filter;
} branches[] = {
	{ 0x3030103, 4 }, { 0x3030205, 5 }, { 0x3030401, 6 }, { 0x3030501, 7 }, { 0x3030701, 8 }, { 0x3030805, 9 },
};

struct decoding {
	struct span archive;
	const struct sevenzip_streams *s;
	const struct sevenzip_folder *f;
	struct buf_meter *meter;
	uint64_t *left; /* bytes that coders may still give out */
	size_t limit;
	uint32_t run;  /* a bit for each coder: a graph with a circle would never end */
};

static uint64_t branch_filter(uint64_t method)
{
	if (method >= BRANCH_FIRST && method <= BRANCH_LAST)
		return method;
	for (size_t i = 0; i < sizeof branches / sizeof branches[0]; i++)
		if (method == branches[i].method)
			return branches[i].filter;
	return 0;
}

static void undo_delta(size_t distance, uint8_t *p, size_t n)
{
	for (size_t i = distance; i < n; i++)
		p[i] = (uint8_t)(p[i] + p[i - distance]);
}

static void swap_bytes(size_t width, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + width <= n; i += width)
		for (size_t k = 0; k < width / 2; k++) {
			uint8_t byte = p[i + k];
			p[i + k] = p[i + width - 1 - k];
			p[i + width - 1 - k] = byte;
		}
}

/* Undoes a filter in place. False when the method is none, or none that is known. */
static bool unfilter(const struct sevenzip_coder *c, uint8_t *p, size_t n)
{
	uint64_t filter = branch_filter(c->method);
	if (filter)
		return bcj_decode(filter, span_u32le(c->properties, 0), p, n);
	if (c->method == DELTA)
		undo_delta((c->properties.n ? c->properties.p[0] : 0u) + 1, p, n);
	else if (c->method == SWAP2 || c->method == SWAP4)
		swap_bytes(c->method == SWAP2 ? 2 : 4, p, n);
	else
		return false;
	return true;
}

static bool is_filter(uint64_t method)
{
	uint64_t filter = branch_filter(method);
	return filter ? bcj_known(filter) : method == DELTA || method == SWAP2 || method == SWAP4;
}

static struct error coder_error(enum error_code code, const char *what, size_t n)
{
	return code ? error_at(code, OFFSET_NONE, "%s data does not unpack beyond %zu bytes", what, n) : error_none();
}

static struct error undeflate64(struct span in, uint64_t size, struct buf *out, size_t *used)
{
	size_t n = 0;
	if (size / DEFLATE64_RATIO > in.n)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "%zu bytes of Deflate64 cannot hold %llu", in.n, (unsigned long long)size);
	if (size > out->limit || buf_reserve(out, (size_t)size + 1))
		return error_at(ERR_BUDGET, OFFSET_NONE, "%llu bytes of Deflate64 are more than there is room for", (unsigned long long)size);
	enum error_code code = deflate64_decode(in, out->p, (size_t)size, used, &n);
	out->n = n;
	return coder_error(code, "Deflate64", n);
}

static struct error unlzma1(const struct sevenzip_coder *c, struct span in, uint64_t size, struct buf *out, size_t *used)
{
	struct lzma_props props;
	if (c->properties.n < 5 || !lzma_props_split(c->properties.p[0], &props))
		return error_at(ERR_CORRUPT, OFFSET_NONE, "no LZMA properties");
	enum error_code code = lzma1_decode_buf(props, in, size, out, used);
	return coder_error(code, "LZMA", out->n);
}

static struct error copy(struct span in, uint64_t size, struct buf *out, size_t *used)
{
	struct span whole = span_clip(in, 0, size < out->limit ? size : out->limit);
	enum error_code code = whole.n ? buf_add(out, whole.p, whole.n) : ERR_NONE;
	*used = whole.n;
	return coder_error(code ? code : size > out->limit ? ERR_BUDGET : whole.n < size ? ERR_TRUNCATED : ERR_NONE, "copied", out->n);
}

/* *used is how much of `in` the coder took. */
static struct error decode(const struct sevenzip_coder *c, struct span in, uint64_t size, struct buf *out, size_t *used)
{
	switch (c->method) {
	case COPY:
		return copy(in, size, out, used);
	case LZMA1:
		return unlzma1(c, in, size, out, used);
	case LZMA2:
		return coder_error(lzma2_decode_buf(in, out, used), "LZMA2", out->n);
	case PPMD:
		*used = in.n; /* where it ends nothing says */
		return ppmd_7z(c->properties, in, size, out);
	case DEFLATE:
		return codec_stream(CODEC_DEFLATE, in, out, used);
	case DEFLATE64:
		return undeflate64(in, size, out, used);
	case BZIP2:
		return codec_stream(CODEC_BZIP2, in, out, used);
	case ZSTD:
		return codec_stream(CODEC_ZSTD, in, out, used);
	case LZ4:
		return codec_stream(CODEC_LZ4_FRAME, in, out, used);
	case AES:
		return error_at(ERR_ENCRYPTED, OFFSET_NONE, "the entry is encrypted");
	default:
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "the entry is packed with method %llx of 7z, which is not read",
						(unsigned long long)c->method);
	}
}

/* Cuts what a coder gave out to what it was to give, and says where it is less or more. */
static struct error check_size(struct error e, uint64_t size, struct buf *out)
{
	if (out->n > size) {
		out->n = (size_t)size;
		return error_at(ERR_CORRUPT, OFFSET_NONE, "a coder gives out more than the %llu bytes that are stated", (unsigned long long)size);
	}
	if (error_is(&e) || out->n == size)
		return e;
	return error_at(ERR_CORRUPT, OFFSET_NONE, "a coder gives out %zu of the %llu bytes that are stated", out->n, (unsigned long long)size);
}

/* What no coder takes comes out nowhere: it would be looked at nowhere, and nobody would know. */
static struct error check_used(struct error e, struct span in, size_t used)
{
	if (error_is(&e) || used >= in.n || in.n - used <= SEVENZIP_TRAIL_MAX)
		return e;
	return error_at(ERR_CORRUPT, OFFSET_NONE, "%zu of the %zu bytes that a coder is given are behind the end of what is packed",
					in.n - used, in.n);
}

static struct error run(struct decoding *d, uint32_t coder, struct buf *out);

/* What stands at an input: a packed stream, or what another coder gives out, which `held` then holds. */
static struct error input(struct decoding *d, uint32_t number, struct buf *held, struct span *in)
{
	const struct sevenzip_folder *f = d->f;
	for (uint32_t i = 0; i + 1 < f->n; i++)
		if (f->bonds[i].input == number) {
			struct error e = run(d, f->bonds[i].coder, held);
			*in = buf_span(held);
			return e;
		}
	for (uint32_t i = 0; i < f->packed_n; i++)
		if (f->packed[i] == number) {
			uint64_t size = d->s->packed_sizes[f->first_packed + i], at = d->s->packed_offsets[f->first_packed + i];
			*in = span_clip(d->archive, at, size);
			if (in->n < size)
				return error_at(ERR_TRUNCATED, at, "a packed stream of %llu bytes is cut off after %zu", (unsigned long long)size, in->n);
			return error_none();
		}
	return error_at(ERR_CORRUPT, OFFSET_NONE, "an input of a coder comes from nowhere");
}

/* The coders before this one have given out some of what there is for all. */
static void keep_within(const struct decoding *d, struct buf *out)
{
	if (out->limit > *d->left)
		out->limit = (size_t)*d->left + 1;
}

/* A filter has its bytes already, but a chain of thirty takes its time as well. */
static struct error keep_filtered_within(const struct decoding *d, struct error e, struct buf *out)
{
	if (out->n <= *d->left)
		return e;
	out->n = (size_t)*d->left;
	if (error_is(&e))
		return e;
	return error_at(ERR_BUDGET, OFFSET_NONE, "the coders of the archive give out more than is read: the last one %zu bytes", out->n);
}

static struct error run_bcj2(struct decoding *d, const struct sevenzip_coder *c, uint64_t size, struct buf *out)
{
	struct buf held[4] = { { 0 } };
	struct span in[4] = { { 0 } };
	struct error e = error_none();
	for (uint32_t i = 0; i < 4; i++) {
		held[i] = (struct buf){ .meter = d->meter };
		struct error one = input(d, c->first_input + i, &held[i], &in[i]);
		e = error_is(&e) ? e : one;
	}
	keep_within(d, out);
	/* What comes out is what three of them hold, in another order. */
	uint64_t there = (uint64_t)in[0].n + in[1].n + in[2].n, most = there < size ? there : size;
	size_t n = 0;
	enum error_code code;
	if (most > out->limit || buf_reserve(out, (size_t)most + 1))
		e = error_at(ERR_BUDGET, OFFSET_NONE, "%llu bytes of BCJ2 are more than there is room for", (unsigned long long)most);
	else if ((code = bcj2_decode(in, out->p, (size_t)most, &n)) && !error_is(&e))
		e = code == ERR_CORRUPT ? error_at(code, OFFSET_NONE, "a stream of BCJ2 goes on behind the %zu bytes that are stated", n)
								: coder_error(code, "BCJ2", n);
	out->n = n;
	for (uint32_t i = 0; i < 4; i++)
		buf_free(&held[i]);
	return e;
}

/* A filter with its input in place; anything else from its input to `out`. */
static struct error run_simple(struct decoding *d, const struct sevenzip_coder *c, uint64_t size, struct buf *out)
{
	struct buf held = { .meter = d->meter };
	struct span in = SPAN_NONE;
	struct error e = input(d, c->first_input, &held, &in);
	size_t used = 0;
	keep_within(d, out);
	if (!is_filter(c->method)) {
		struct error own = decode(c, in, size, out, &used);
		own = check_used(own, in, used);
		buf_free(&held);
		return error_is(&e) ? e : own;
	}
	if (held.p) {
		*out = held;
		e = keep_filtered_within(d, e, out);
	} else {
		struct error own = copy(in, size, out, &used);
		own = check_used(own, in, used);
		e = error_is(&e) ? e : own;
	}
	if (out->n)
		(void)unfilter(c, out->p, out->n);
	return e;
}

static struct error run(struct decoding *d, uint32_t coder, struct buf *out)
{
	const struct sevenzip_coder *c = &d->f->coders[coder];
	uint64_t size = d->f->sizes[coder];
	if (d->run >> coder & 1)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "the coders of a folder form a circle");
	d->run |= 1u << coder;
	uint64_t most = size < d->limit ? size : d->limit;
	/* One byte more, so that a stream which ends there can say so. */
	out->limit = (size_t)most + 1;
	if (c->inputs != (c->method == BCJ2 ? 4u : 1u))
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "method %llx of 7z has %u inputs", (unsigned long long)c->method, c->inputs);
	struct error e = c->method == BCJ2 ? run_bcj2(d, c, size, out) : run_simple(d, c, size, out);
	*d->left -= out->n < *d->left ? out->n : *d->left;
	if (size > most && out->n > most) {
		out->n = (size_t)most;
		e = error_at(ERR_BUDGET, OFFSET_NONE, "a folder of %llu bytes is read up to byte %zu", (unsigned long long)size, out->n);
	}
	return check_size(e, size, out);
}

struct error sevenzip_unpack(struct span archive, const struct sevenzip_streams *s, const struct sevenzip_folder *f,
							 uint64_t *left, struct buf *out)
{
	struct decoding d = { .archive = archive, .s = s, .f = f, .meter = out->meter, .left = left, .limit = out->limit };
	return run(&d, f->main, out);
}
