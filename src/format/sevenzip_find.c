/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a 7z archive, which stands at the end, where what the beginning says of it is damaged, or bytes before it are missing
 * or too many. By its CRC near the place that is told; or, when the beginning is not as its own CRC says, by what it says itself: it
 * reaches to the end, and what is packed reaches to it. */
#include "base/hash.h"
#include "format/sevenzip.h"

#define SHIFT_MAX 8192u /* bytes that are missing or too many */
#define SEARCH_SIZE_MAX ((uint64_t)1 << 20)
#define CRC_BYTES_MAX ((uint64_t)1 << 20)
#define SCAN_BACK 65536u
#define TRIALS_MAX 64u
#define TRIAL_ARENA ((size_t)32 << 20)

struct start {
	uint64_t at, size;
	uint32_t crc;
};

static bool has_crc(struct span bytes, uint64_t at, const struct start *s)
{
	struct span header = span_sub(bytes, at, s->size);
	return header.p && header.n && hash_crc32(0, header) == s->crc;
}

/* A header that is packed, or its first part: properties of the archive, streams or files. */
static bool may_begin(struct span bytes, uint64_t at)
{
	struct span s = span_sub(bytes, at, 2);
	return s.p && ((s.p[0] == 0x17 && s.p[1] == 0x06) || (s.p[0] == 0x01 && s.p[1] >= 0x02 && s.p[1] <= 0x05));
}

/* At the end of the bytes, or somewhere near. */
static bool find_by_crc(struct span bytes, const struct start *s, uint64_t *at)
{
	uint64_t from = s->at > SEVENZIP_START + SHIFT_MAX ? s->at - SHIFT_MAX : SEVENZIP_START, left = CRC_BYTES_MAX + 4 * s->size;
	if (!s->size || s->size > SEARCH_SIZE_MAX || s->at > UINT64_MAX / 4)
		return false;
	*at = bytes.n > s->size ? bytes.n - s->size : 0;
	if (*at >= from && *at <= s->at + SHIFT_MAX && has_crc(bytes, *at, s))
		return true;
	for (*at = from; *at <= s->at + SHIFT_MAX && *at < bytes.n && left >= s->size; ++*at) {
		if (!may_begin(bytes, *at))
			continue;
		left -= s->size;
		if (has_crc(bytes, *at, s))
			return true;
	}
	return false;
}

/* Whether a header stands there that reaches to the end, and the streams that it tells of reach to it. */
static bool holds(struct span bytes, uint64_t at)
{
	struct arena *arena = arena_new(TRIAL_ARENA);
	struct sevenzip_header h = { 0 };
	struct error e = arena ? sevenzip_header_read(span_from(bytes, at), arena, &h) : error_at(ERR_MEMORY, 0, "no memory");
	uint64_t end = 0;
	for (uint32_t i = 0; !error_is(&e) && i < h.streams.packed_n; i++)
		end = h.streams.packed_offsets[i] + h.streams.packed_sizes[i];
	bool good = !error_is(&e) && h.unread == 0 && end == at && (h.encoded || h.n);
	arena_free(arena);
	return good;
}

static bool find_by_itself(struct span bytes, uint64_t *at)
{
	unsigned trials = 0;
	uint64_t least = bytes.n > SEVENZIP_START + SCAN_BACK ? bytes.n - SCAN_BACK : SEVENZIP_START;
	for (*at = bytes.n; *at > least && trials < TRIALS_MAX; trials += may_begin(bytes, *at)) {
		--*at;
		if (may_begin(bytes, *at) && holds(bytes, *at))
			return true;
	}
	return false;
}

bool sevenzip_start_is_sound(struct span bytes)
{
	struct span start = span_sub(bytes, 12, 20);
	return start.p && hash_crc32(0, start) == span_u32le(bytes, 8);
}

enum sevenzip_header_state sevenzip_header_find(struct span bytes, struct sevenzip_place *p)
{
	struct span start = span_sub(bytes, 12, 20);
	struct reader r = reader_le(start);
	struct start s = { .at = rd_u64(&r), .size = rd_u64(&r), .crc = rd_u32(&r) };
	bool sound = sevenzip_start_is_sound(bytes);
	bool possible = s.at <= UINT64_MAX / 4 && s.size <= UINT64_MAX / 4;
	s.at = possible ? s.at + SEVENZIP_START : 0;
	*p = (struct sevenzip_place){ .at = s.at, .size = s.size };
	if (!start.p || (sound && !possible))
		return SEVENZIP_NONE;
	if ((sound && s.size == 0) || (possible && has_crc(bytes, s.at, &s)))
		return sound ? SEVENZIP_SOUND : SEVENZIP_START_BROKEN;
	uint64_t at;
	if (find_by_crc(bytes, &s, &at)) {
		p->at = at;
		p->shift = (int64_t)(at - s.at);
		if (!sound && p->shift) /* the place itself may be what is wrong */
			p->shift = holds(span_clip(bytes, 0, at + s.size), at) ? 0 : p->shift;
		return sound ? SEVENZIP_SHIFTED : SEVENZIP_START_BROKEN;
	}
	if (sound)
		return SEVENZIP_LOST;
	if (!find_by_itself(bytes, &at))
		return SEVENZIP_NONE;
	*p = (struct sevenzip_place){ .at = at, .size = bytes.n - at };
	return SEVENZIP_START_BROKEN;
}
