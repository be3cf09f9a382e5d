/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each format has a structure from its first to its last byte, which is followed; what breaks off is none.
 *
 * Specification: PNG (ISO/IEC 15948) 5; JPEG (ITU-T T.81) Annex B; GIF89a 17 to 27; RIFF (Microsoft, Multimedia Programming Interface
 * 1.0), of WebP and WAVE.
 */
#include "probe/media.h"

#include "base/hash.h"
#include "base/holes.h"

#define SIZE_MIN 128u
#define PARTS_MAX 65536u
#define PART 16u /* bytes that one part of a structure counts for, however short it is */
#define VAIN_MAX ((uint64_t)4 << 20) /* bytes of what turned out to be none, beside as many as there are */

/* Whether one begins at the span's beginning: its size, or 0; *looked is how many bytes were. */
typedef uint64_t end_fn(struct span s, uint64_t *looked, const char **kind);

static uint64_t png_end(struct span s, uint64_t *looked, const char **kind)
{
	bool data = false;
	*kind = "picture";
	for (uint64_t at = 8, parts = 0; parts < PARTS_MAX; parts++) {
		uint32_t size = span_u32be(s, at);
		struct span chunk = span_sub(s, at + 4, (uint64_t)size + 4);
		struct span crc = span_sub(s, at + 8 + size, 4);
		if (!crc.p || (at == 8 && !span_starts(chunk, "IHDR", 4)))
			return 0;
		*looked += chunk.n;
		if (hash_crc32(0, chunk) != span_u32be(crc, 0))
			return 0;
		data |= span_starts(chunk, "IDAT", 4);
		at += 12 + (uint64_t)size;
		if (span_starts(chunk, "IEND", 4))
			return data ? at : 0;
	}
	return 0;
}

/* What lies between two markers of a scan: 0xff is followed by 0 there, or by the number of a restart. */
static uint64_t next_marker(struct span s, uint64_t at)
{
	while (at + 1 < s.n) {
		at = holes_find(span_clip(s, 0, s.n - 1), at, 0xff);
		if (at + 1 >= s.n)
			break;
		uint8_t marker = s.p[at + 1];
		if (marker != 0 && marker != 0xff && (marker < 0xd0 || marker > 0xd7))
			return at;
		at += marker == 0xff ? 1 : 2;
	}
	return s.n;
}

static uint64_t jpeg_end(struct span s, uint64_t *looked, const char **kind)
{
	bool frame = false, scan = false;
	*kind = "picture";
	for (uint64_t at = 2, parts = 0; parts < PARTS_MAX && at + 2 <= s.n; parts++) {
		uint8_t marker = s.p[at + 1];
		if (s.p[at] != 0xff)
			return 0;
		if (marker == 0xd9)
			return scan ? at + 2 : 0;
		*looked += PART;
		if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8))
			return 0;
		unsigned size = span_u16be(s, at + 2);
		frame |= (marker <= 0xc2) && size >= 11 && span_u16be(s, at + 5) && span_u16be(s, at + 7); /* height, width */
		if (size < 2 || (marker == 0xda && !frame))
			return 0;
		at += 2 + (uint64_t)size;
		if (marker == 0xda) {
			uint64_t end = next_marker(s, at);
			*looked += end - at;
			scan = true;
			at = end;
		}
	}
	return 0;
}

static uint64_t gif_blocks(struct span s, uint64_t at, uint64_t *looked)
{
	*looked += PART;
	while (at < s.n && s.p[at]) {
		at += 1 + (uint64_t)s.p[at];
		*looked += PART;
	}
	return at + 1;
}

static uint64_t gif_colours(uint8_t flags)
{
	return flags & 0x80 ? (uint64_t)3 << ((flags & 7) + 1) : 0;
}

/* Of a picture's LZW codes, behind its own colours. */
static unsigned code_size(struct span s, uint64_t at)
{
	struct span size = span_sub(s, at + 10 + gif_colours(s.p[at + 9]), 1);
	return size.n ? size.p[0] : UINT8_MAX;
}

static uint64_t gif_end(struct span s, uint64_t *looked, const char **kind)
{
	bool picture = false;
	*kind = "picture";
	if (s.n < 13 || (s.p[4] != '7' && s.p[4] != '9') || s.p[5] != 'a' || !span_u16le(s, 6) || !span_u16le(s, 8))
		return 0;
	uint64_t at = 13 + gif_colours(s.p[10]);
	for (unsigned parts = 0; parts < PARTS_MAX && at < s.n; parts++) {
		if (s.p[at] == 0x3b)
			return picture ? at + 1 : 0;
		if (s.p[at] == 0x21)
			at = gif_blocks(s, at + 2, looked);
		else if (s.p[at] == 0x2c && at + 10 < s.n && code_size(s, at) <= 11) {
			at = gif_blocks(s, at + 11 + gif_colours(s.p[at + 9]), looked);
			picture = true;
		} else {
			return 0;
		}
	}
	return 0;
}

/* Chunks fill it to its end. */
static uint64_t riff_end(struct span s, uint64_t *looked, const char **kind)
{
	uint64_t end = 8 + (uint64_t)span_u32le(s, 4), at = 12;
	bool wave = span_has(s, 8, "WAVE", 4), webp = span_has(s, 8, "WEBP", 4), avi = span_has(s, 8, "AVI ", 4);
	*kind = wave ? "sound" : webp ? "picture" : "video";
	if ((!wave && !webp && !avi) || end > s.n)
		return 0;
	unsigned parts = 0;
	while (at + 8 <= end && parts++ < PARTS_MAX) {
		for (unsigned i = 0; i < 4; i++)
			if (s.p[at + i] < 0x20 || s.p[at + i] >= 0x7f)
				return 0;
		at += 8 + ((uint64_t)span_u32le(s, at + 4) + 1) / 2 * 2;
		*looked += 8;
	}
	return at == end || at == end + 1 ? end : 0;
}

/* What is looked for is the byte of the magic that flash is seldom filled with. */
static const struct {
	const char *magic;
	size_t n, rare;
	end_fn *end;
} kinds[] = {
	{ "\x89PNG\r\n\x1a\n", 8, 0, png_end },
	{ "\xff\xd8\xff", 3, 1, jpeg_end },
	{ "GIF8", 4, 0, gif_end },
	{ "RIFF", 4, 0, riff_end },
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static uint64_t next_magic(struct span bytes, size_t kind, uint64_t from)
{
	size_t rare = kinds[kind].rare;
	for (uint64_t at = from + rare; at < bytes.n; at++) {
		at = holes_find(bytes, at, (uint8_t)kinds[kind].magic[rare]);
		if (at < bytes.n && span_has(bytes, at - rare, kinds[kind].magic, kinds[kind].n))
			return at - rare;
	}
	return UINT64_MAX;
}

void media_find(struct span bytes, struct media *media)
{
	uint64_t next[KINDS], vain = 0, cursor = 0, stored = holes_stored(bytes);
	media->n = 0;
	for (size_t i = 0; i < KINDS; i++)
		next[i] = next_magic(bytes, i, 0);
	while (media->n < MEDIA_MAX && vain < stored + VAIN_MAX) {
		size_t which = 0;
		for (size_t i = 0; i < KINDS; i++) {
			if (next[i] < cursor)
				next[i] = next_magic(bytes, i, cursor);
			which = next[i] < next[which] ? i : which;
		}
		uint64_t at = next[which], looked = 0;
		if (at == UINT64_MAX)
			break;
		const char *kind;
		uint64_t size = kinds[which].end(span_from(bytes, at), &looked, &kind);
		if (size >= SIZE_MIN)
			media->v[media->n++] = (struct medium){ at, at + size, kind };
		else
			vain += looked + 16;
		cursor = at + (size >= SIZE_MIN ? size : 1);
	}
}
