/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAFFS: how an image is laid out, which nothing in it says. Page and spare sizes and the place of the tags are tried, and
 * those are taken under which most chunks make sense.
 */
#include <sys/stat.h>

#include "format/yaffs.h"

#define TAGS_AT_MAX 64u
#define BEFORE_HEADER_MAX ((uint64_t)4 << 20) /* from where the log begins to the first header in the root directory */
#define BEFORE_CHUNKS_MAX 1024u
#define HITS_MAX 64u  /* of what a header might be, where the first chunk is none */
#define SCORE_MAX 24u /* chunks that tell which layout fits best */
#define UNUSUAL_MIN 6u
#define CHUNK_MIN 528u /* the smallest page and its spare area */
#define UNTAGGED_MIN 4u /* headers that must follow each other where no tags say that they are some */

/* The layout that fits best so far, and for how many chunks. */
struct fit {
	struct yaffs_layout layout;
	unsigned chunks; /* the first one included; 0: no layout fits */
};

/* The root's header has its number, and no other has. */
static bool first_fits(struct span at, const struct yaffs_layout *l)
{
	struct yaffs_chunk c;
	struct yaffs_header h;
	if (yaffs_chunk_read(at, l, 0, &c) != YAFFS_HEADER || !yaffs_header_read(at, l->big, 0, &h))
		return false;
	bool root = h.type == YAFFS_DIRECTORY && h.parent == YAFFS_ROOT && h.name.n == 0;
	return root == (c.object == YAFFS_ROOT);
}

/* Of two that fit as well the first one stays. What is unusual must be proved by more chunks. */
static void try_layout(struct span at, const struct yaffs_layout *l, struct fit *best)
{
	unsigned chunks = 1;
	bool usual = (l->tags == 0 || l->tags == 2) && l->spare % 16 == 0;
	for (unsigned i = 1; i < SCORE_MAX; i++) {
		struct yaffs_chunk c;
		enum yaffs_state state = yaffs_chunk_read(at, l, i * yaffs_stride(l), &c);
		if (state == YAFFS_END || state == YAFFS_INVALID)
			break;
		chunks += state != YAFFS_ERASED;
	}
	if (chunks > best->chunks && chunks >= (usual ? 2 : UNUSUAL_MIN))
		*best = (struct fit){ *l, chunks };
}

/* Spare areas are of any size that is sold. */
static void try_spares(struct span at, struct yaffs_layout l, struct fit *best)
{
	static const uint32_t spares[] = {
		16,  32,  64,  128, 256, 512, 24,  26,  27,  28,  48,  80,  96,  100, 112,  120,
		160, 192, 208, 218, 224, 232, 376, 384, 400, 432, 436, 448, 640, 744, 1024, 1280
	};
	uint32_t least = l.tags + YAFFS_TAGS2_SIZE;
	struct yaffs_chunk c;
	l.spare = least;
	if (!first_fits(at, &l))
		return;
	for (unsigned i = 0; i < sizeof spares / sizeof spares[0]; i++) {
		l.spare = spares[i];
		if (l.spare >= least)
			try_layout(at, &l, best);
	}
	/* One header alone, or the rest is erased: it counts with tags where they usually are, and spare areas of the usual
	 * size. */
	l.spare = l.chunk % 512 ? YAFFS_TAGS2_SIZE : l.chunk / 32;
	if (best->chunks == 0 && (l.tags == 0 || l.tags == 2) && l.spare >= least &&
		yaffs_chunk_read(at, &l, yaffs_stride(&l), &c) <= YAFFS_ERASED)
		*best = (struct fit){ l, 1 };
}

/* At the beginning of the spare area, behind the bad-block marker, or anywhere; or in band, at the end of the page. */
static bool find_tags2(struct span at, struct yaffs_layout *l)
{
	struct fit best = { .chunks = 0 };
	l->tagging = YAFFS_TAGS2;
	for (l->chunk = 512; l->chunk <= 16384; l->chunk *= 2)
		for (uint32_t i = 0; i <= TAGS_AT_MAX; i++) {
			l->tags = i == 1 ? 2 : i == 2 ? 1 : i;
			try_spares(at, *l, &best);
		}
	l->tags = 0;
	for (uint32_t page = 1024; page <= 16384; page *= 2) {
		l->chunk = page - YAFFS_TAGS2_SIZE;
		try_spares(at, *l, &best);
	}
	*l = best.chunks ? best.layout : *l;
	return best.chunks > 0;
}

static bool find_tags1(struct span at, struct yaffs_layout *l)
{
	static const struct {
		enum yaffs_tagging tagging;
		uint32_t tags;
	} ways[] = {
		{ YAFFS_TAGS1_MTD, 0 }, { YAFFS_TAGS1, 0 }, { YAFFS_TAGS1, 2 }, { YAFFS_TAGS1, 6 }, { YAFFS_TAGS1, 8 }
	};
	struct fit best = { .chunks = 1 }; /* twelve bits of ECC do not prove one header alone */
	l->chunk = 512;
	l->spare = 16;
	for (unsigned i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		l->tagging = ways[i].tagging;
		l->tags = ways[i].tags;
		if (first_fits(at, l))
			try_layout(at, l, &best);
	}
	*l = best.chunks > 1 ? best.layout : *l;
	return best.chunks > 1;
}

static bool find_untagged(struct span at, struct yaffs_layout *l)
{
	*l = (struct yaffs_layout){ .big = l->big, .tagging = YAFFS_UNTAGGED };
	for (l->chunk = 512; l->chunk <= 16384; l->chunk *= 2) {
		struct yaffs_cursor c = { .bytes = at, .layout = *l };
		struct yaffs_chunk chunk;
		unsigned headers = 0;
		while (headers < UNTAGGED_MIN && yaffs_next(&c, &chunk, NULL)) {
			headers++;
			c.next += ((uint64_t)c.left + l->chunk - 1) / l->chunk * l->chunk;
			c.left = 0;
		}
		if (headers == UNTAGGED_MIN)
			return true;
	}
	return false;
}

/* Ten bytes are not much of a magic: type and mode must go together, and the name be one that people give. */
static bool header_is_plausible(const struct yaffs_header *h)
{
	static const uint32_t modes[] = { [YAFFS_FILE] = S_IFREG, [YAFFS_SYMLINK] = S_IFLNK, [YAFFS_DIRECTORY] = S_IFDIR };
	uint32_t mode = h->mode & S_IFMT;
	for (size_t i = 0; i < h->name.n; i++)
		if ((uint8_t)h->name.p[i] < ' ')
			return false;
	if (h->type == YAFFS_SPECIAL)
		return mode == S_IFCHR || mode == S_IFBLK || mode == S_IFIFO || mode == S_IFSOCK;
	return h->type < YAFFS_HARDLINK && mode == modes[h->type] && h->mode <= 0xffff;
}

static bool find_from_header(struct span at, struct yaffs_layout *l)
{
	struct yaffs_header h;
	*l = (struct yaffs_layout){ .big = at.n && at.p[0] == 0 };
	return yaffs_header_read(at, l->big, 0, &h) && header_is_plausible(&h) &&
		   (find_tags2(at, l) || find_tags1(at, l) || find_untagged(at, l));
}

bool yaffs_chunks_follow(struct span at, const struct yaffs_layout *l, unsigned wanted)
{
	struct yaffs_chunk first, c;
	for (unsigned i = 0; i < wanted; i++) {
		if (yaffs_chunk_read(at, l, i * yaffs_stride(l), &c) <= YAFFS_IGNORED)
			return false;
		first = i ? first : c;
		if (l->tagging == YAFFS_TAGS2 && (c.sequence - first.sequence + 0x8000) >> 16)
			return false;
	}
	return true;
}

/* Whether the first chunk may hold data, as a flash that was in use begins: for the usual places of tags only. */
static bool may_begin_with_data(struct span at)
{
	static const uint32_t spares[] = { 16, 32, 64, 128, 224, 256, 448, 512 };
	if (at.n < CHUNK_MIN)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		struct yaffs_layout l = { i & 1, i < 2 ? YAFFS_TAGS1_MTD : YAFFS_TAGS1, 512, 16, 0 };
		if (yaffs_chunks_follow(at, &l, 4))
			return true;
	}
	for (unsigned i = 0; i < 24; i++) {
		struct yaffs_layout l = { i & 1, YAFFS_TAGS2, 512u << i / 4, 18, i & 2 };
		bool first = yaffs_chunks_follow(at, &l, 1);
		for (unsigned k = 0; first && k < sizeof spares / sizeof spares[0]; k++) {
			l.spare = spares[k];
			if (l.spare >= l.tags + YAFFS_TAGS2_SIZE && yaffs_chunks_follow(at, &l, 2))
				return true;
		}
	}
	return false;
}

/* The layout by a header that is further on, when what is before it is laid out alike. */
static bool fits_before(struct span at, uint64_t header, struct yaffs_layout *l)
{
	struct yaffs_chunk c;
	return find_from_header(span_from(at, header), l) && l->tagging != YAFFS_UNTAGGED &&
		   header % yaffs_stride(l) == 0 && yaffs_chunk_read(at, l, 0, &c) > YAFFS_IGNORED;
}

/* Before the name of what is in the root directory, in one byte order and in the other. */
#define PATTERN 6u
static const uint8_t patterns[2][PATTERN] = { { 1, 0, 0, 0, 0xff, 0xff }, { 0, 0, 0, 1, 0xff, 0xff } };

/* Whether a pattern may begin in any of n places. Without a branch, which lets compilers compare many places at once. */
static bool begins_among(const uint8_t *p, size_t n)
{
	uint8_t found = 0;
	for (size_t i = 0; i < n; i++)
		found |= (uint8_t)(((p[i] | p[i + 3]) == 1) & ((p[i + 1] | p[i + 2]) == 0) & ((p[i + 4] & p[i + 5]) == 0xff));
	return found;
}

#define STEP 1024u

/* What is left from the first place on that may be one, about. Several times as fast as memmem(): many a file is looked through
 * that has nothing to do with YAFFS. */
static struct span skip_to_pattern(struct span s)
{
	size_t at = 0;
	for (; s.n - at >= STEP + PATTERN; at += STEP)
		if (begins_among(s.p + at, STEP))
			break;
	return span_from(s, at);
}

static const uint8_t *find_pattern(struct span s, const uint8_t pattern[PATTERN])
{
	for (s = skip_to_pattern(s); s.n >= PATTERN; s = skip_to_pattern(span_from(s, STEP))) {
		size_t places = s.n - PATTERN + 1 < STEP ? s.n - PATTERN + 1 : STEP;
		for (size_t i = 0; i < places; i++)
			if (s.p[i] == pattern[0] && memcmp(s.p + i, pattern, PATTERN) == 0)
				return s.p + i;
	}
	return NULL;
}

/* From the first header of something in the root directory, if it is not far. */
static bool find_from_data(struct span at, struct yaffs_layout *l)
{
	if (!may_begin_with_data(at))
		return false;
	struct span near = span_clip(at, 0, BEFORE_HEADER_MAX), begun = skip_to_pattern(near);
	uint64_t skipped = near.n - begun.n;
	for (unsigned big = 0; big < 2; big++) {
		uint64_t from = skipped;
		for (unsigned hits = 0; hits < HITS_MAX; hits++) {
			struct span rest = span_from(near, from);
			const uint8_t *hit = find_pattern(rest, patterns[big]);
			if (!hit)
				break;
			from += (uint64_t)(hit - rest.p) + 1;
			if (from > 4 && fits_before(at, from - 5, l))
				return true;
		}
	}
	return false;
}

bool yaffs_layout_find(struct span at, struct yaffs_layout *l)
{
	return find_from_header(at, l) || find_from_data(at, l);
}

/* Back from a header to the first chunk that is in use: the log begins anywhere. */
bool yaffs_locate(struct span all, uint64_t hit, uint64_t *start)
{
	struct yaffs_layout l;
	struct yaffs_chunk c;
	*start = hit;
	if (!find_from_header(span_from(all, hit), &l))
		return false;
	if (l.tagging == YAFFS_UNTAGGED)
		return true;
	uint64_t stride = yaffs_stride(&l), at = hit;
	for (unsigned n = 0; n < BEFORE_CHUNKS_MAX && at >= stride; n++) {
		at -= stride;
		enum yaffs_state state = yaffs_chunk_read(all, &l, at, &c);
		if (state == YAFFS_INVALID)
			break;
		if (state == YAFFS_DATA || state == YAFFS_HEADER)
			*start = at;
	}
	return true;
}
