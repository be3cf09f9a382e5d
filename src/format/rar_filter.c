/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters of RAR 5, and those of RAR 2.9 that are no other program than its own archiver writes.
 * After libarchive's readers of RAR (BSD): Tim Kientzle, Andres Mejia, Grzegorz Antoniak; and the PNG specification 6.6 (Paeth). */
#include "format/rar_filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/span.h"

#define LIST_MAX ((size_t)32 << 20)
/* Blocks may be filtered twice and more, by different filters. */
#define COVERED_RATIO 4u
#define COVERED_FREE ((uint64_t)16 << 20)
#define ADDRESSES 0x1000000u /* the filter of x86 takes a file to have that many */

enum error_code rar_filters_spend(struct rar_filters *f, uint64_t bytes, uint64_t out)
{
	f->covered += bytes;
	return f->covered > COVERED_FREE + COVERED_RATIO * out ? ERR_BUDGET : ERR_NONE;
}

enum error_code rar_filter_note(struct rar_filters *f, const struct rar_filter *filter, uint64_t out)
{
	enum error_code code = rar_filters_spend(f, filter->length, out);
	f->list.limit = LIST_MAX;
	return code ? code : buf_add(&f->list, filter, sizeof *filter);
}

static void put_u32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof v);
}

/* Calls, and jumps, of x86: absolute addresses become relative ones again. */
static void undo_x86(uint8_t *p, uint32_t n, const struct rar_filter *f)
{
	bool jumps = f->kind == RAR_E8E9;
	for (uint32_t i = 0; i + 4 < n;) {
		uint8_t opcode = p[i++];
		if (opcode != 0xe8 && !(jumps && opcode == 0xe9))
			continue;
		uint32_t at = f->position + i, address = span_u32le(span_of(p + i, 4), 0);
		at = f->wraps ? at % ADDRESSES : at;
		if (address & 0x80000000u) {
			if (!((address + at) & 0x80000000u))
				put_u32(p + i, address + ADDRESSES);
		} else if (address < ADDRESSES) {
			put_u32(p + i, address - at);
		}
		i += 4;
	}
}

/* BL of ARM. */
static void undo_arm(uint8_t *p, uint32_t n, uint32_t position)
{
	for (uint32_t i = 0; i + 3 < n; i += 4)
		if (p[i + 3] == 0xeb) {
			uint32_t address = span_u32le(span_of(p + i, 4), 0) - (position + i) / 4;
			put_u32(p + i, (address & 0xffffff) | 0xeb000000u);
		}
}

static uint32_t bits_get(const uint8_t *p, unsigned at, unsigned n)
{
	return span_u32le(span_of(p + at / 8, 4), 0) >> at % 8 & ((1u << n) - 1);
}

static void bits_put(uint8_t *p, unsigned at, unsigned n, uint32_t v)
{
	uint32_t mask = ((1u << n) - 1) << at % 8, old = span_u32le(span_of(p + at / 8, 4), 0);
	put_u32(p + at / 8, (old & ~mask) | (v << at % 8 & mask));
}

/* Branches in bundles of Itanium. */
static void undo_itanium(uint8_t *p, uint32_t n, uint32_t position)
{
	static const uint8_t slots[16] = { 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0 };
	uint32_t bundle = position >> 4;
	for (uint32_t i = 0; i + 21 < n; i += 16, bundle++) {
		unsigned kind = p[i] & 0x1fu, mask = kind >= 16 ? slots[kind - 16] : 0;
		for (unsigned slot = 0; slot < 3; slot++) {
			unsigned at = slot * 41 + 18;
			if (mask & 1u << slot && bits_get(p + i, at + 24, 4) == 5)
				bits_put(p + i, at, 20, bits_get(p + i, at, 20) - bundle);
		}
	}
}

/* Bytes of the channels stand behind each other, as differences. */
static void undo_delta(uint8_t *p, const uint8_t *in, uint32_t n, unsigned channels)
{
	for (unsigned c = 0; c < channels; c++) {
		uint8_t last = 0;
		for (uint32_t i = c; i < n; i += channels)
			p[i] = last = (uint8_t)(last - *in++);
	}
}

static int far(int a, int b)
{
	return a > b ? a - b : b - a;
}

/* Of three colours, whose bytes stand behind each other as differences to what Paeth foresees, red and blue less green. */
static void undo_rgb(uint8_t *p, const uint8_t *in, uint32_t n, uint32_t width, uint32_t red)
{
	for (unsigned c = 0; c < 3; c++) {
		int last = 0;
		for (uint32_t i = c; i < n; i += 3) {
			int guess = last;
			if (i >= width && i - width >= 3) {
				int up = p[i - width], corner = p[i - width - 3], sum = last + up - corner;
				int a = far(sum, last), b = far(sum, up), d = far(sum, corner);
				guess = a <= b && a <= d ? last : b <= d ? up : corner;
			}
			p[i] = (uint8_t)(guess - *in++);
			last = p[i];
		}
	}
	for (uint32_t i = red; i + 2 < n; i += 3) {
		p[i] = (uint8_t)(p[i] + p[i + 1]);
		p[i + 2] = (uint8_t)(p[i + 2] + p[i + 1]);
	}
}

/* A channel of samples of eight bits, which a filter of three weights foresees. */
struct voice {
	int weights[3], deltas[3]; /* the last differences, the newest first */
	int last, last_delta;
	uint32_t errors[7];
	unsigned times;
};

/* Every 32 samples the change of a weight that would have erred least is made. */
static void voice_adapt(struct voice *v)
{
	unsigned best = 0;
	for (unsigned i = 1; i < 7; i++)
		if (v->errors[i] < v->errors[best])
			best = i;
	memset(v->errors, 0, sizeof v->errors);
	if (!best)
		return;
	int *weight = &v->weights[(best - 1) / 2];
	if (best % 2 && *weight >= -16)
		--*weight;
	else if (best % 2 == 0 && *weight < 16)
		++*weight;
}

static uint8_t voice_next(struct voice *v, uint8_t in)
{
	int *d = v->deltas, foreseen, error = (int8_t)in * 8;
	d[2] = d[1];
	d[1] = v->last_delta - d[0];
	d[0] = v->last_delta;
	foreseen = (8 * v->last + v->weights[0] * d[0] + v->weights[1] * d[1] + v->weights[2] * d[2]) >> 3 & 0xff;
	uint8_t out = (uint8_t)(foreseen - in);
	v->errors[0] += (uint32_t)abs(error);
	for (unsigned i = 0; i < 3; i++) {
		v->errors[1 + 2 * i] += (uint32_t)abs(error - d[i]);
		v->errors[2 + 2 * i] += (uint32_t)abs(error + d[i]);
	}
	uint8_t delta = (uint8_t)(out - v->last);
	v->last_delta = delta < 128 ? delta : delta - 256;
	v->last = out;
	if (v->times++ % 32 == 0)
		voice_adapt(v);
	return out;
}

static void undo_audio(uint8_t *p, const uint8_t *in, uint32_t n, unsigned channels)
{
	for (unsigned c = 0; c < channels; c++) {
		struct voice v = { .last = 0 };
		for (uint32_t i = c; i < n; i += channels)
			p[i] = voice_next(&v, *in++);
	}
}

static void undo(const struct rar_filter *f, uint8_t *p, uint8_t *copy)
{
	if (f->kind == RAR_DELTA || f->kind >= RAR_RGB)
		memcpy(copy, p, f->length);
	switch (f->kind) {
	case RAR_DELTA:
		undo_delta(p, copy, f->length, f->channels);
		break;
	case RAR_E8:
	case RAR_E8E9:
		undo_x86(p, f->length, f);
		break;
	case RAR_ARM:
		undo_arm(p, f->length, f->position);
		break;
	case RAR_ITANIUM:
		undo_itanium(p, f->length, f->position);
		break;
	case RAR_RGB:
		undo_rgb(p, copy, f->length, f->width, f->channels);
		break;
	default:
		undo_audio(p, copy, f->length, f->channels);
		break;
	}
}

enum error_code rar_filters_apply(const struct rar_filters *f, uint8_t *p, uint64_t at, size_t n)
{
	struct buf copy = { .limit = 0 };
	enum error_code code = ERR_NONE;
	struct rar_filter one;
	for (size_t i = 0; i + sizeof one <= f->list.n && !code; i += sizeof one) {
		memcpy(&one, f->list.p + i, sizeof one);
		if (one.start < at || one.start - at > n || one.length > n - (one.start - at) || !one.length)
			continue;
		if (copy.cap < one.length)
			code = buf_reserve(&copy, one.length);
		if (!code)
			undo(&one, p + (one.start - at), copy.p);
	}
	buf_free(&copy);
	return code;
}
