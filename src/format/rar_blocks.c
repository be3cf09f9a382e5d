/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blocks of an archive in their order: from each to the next, into the next volume, and past headers that are damaged. */
#include "format/rar.h"

#define PADDING_MAX 512u
/* Where a header's CRC is wrong, how far behind it another one is looked for; and behind a magic alone, which stands in other files, too. */
#define RESUME_MAX ((uint64_t)64 << 20)
#define RESUME_FIRST 4096u
/* Bytes of what might be headers there that are looked at for it, at once and for each byte that is passed over: of what is packed it are
 * less than 20. */
#define HASHED_FREE ((uint64_t)1 << 20)
#define HASHED_RATIO 64u
/* As long as no header was sound, none may be longer: a magic stands at every few bytes of a file that is made to cost time, and each is asked
 * for its headers. What begins an archive has some tens of bytes; before version 5 a comment might be in it, and it is taken if it is sound. */
#define HEADER_FIRST 8192u
#define HEADER_LEAST 8u

unsigned rar_version_at(struct span at)
{
	return span_starts(at, RAR5_MAGIC, RAR5_MAGIC_SIZE) ? 5 : span_starts(at, RAR4_MAGIC, RAR4_MAGIC_SIZE) ? 4 : 0;
}

uint64_t rar_next_volume(struct span bytes, uint64_t at, unsigned version)
{
	struct span rest = span_clip(bytes, at, PADDING_MAX + RAR5_MAGIC_SIZE);
	uint64_t zeros = 0;
	while (zeros < rest.n && !rest.p[zeros])
		zeros++;
	return rar_version_at(span_from(rest, zeros)) == version ? at + zeros : at;
}

static uint64_t magic_size(unsigned version)
{
	return version == 5 ? RAR5_MAGIC_SIZE : RAR4_MAGIC_SIZE;
}

static struct rar_block block_at(struct span bytes, uint64_t at, unsigned version, bool first)
{
	struct span rest = span_clip(bytes, at, first ? HEADER_FIRST : UINT64_MAX);
	return version == 5 ? rar5_block(rest) : rar4_block(rest);
}

static bool is_sound(const struct rar_block *b)
{
	return b->size && !b->wrong;
}

/* Where an archive begins that stands in what was to be passed over, as a file that is stored: a header that stands where it ends is of
 * the archive around it. Others have nothing to do with it. */
static uint64_t behind_inner(struct span bytes, uint64_t at, unsigned version, bool first)
{
	unsigned blocks;
	uint64_t end = at + rar_blocks_end(span_from(bytes, at), false, &blocks);
	struct rar_block b = block_at(bytes, end, version, first);
	return is_sound(&b) ? end : 0;
}

uint64_t rar_resume(struct span bytes, uint64_t at, unsigned version, bool first)
{
	struct rar_block b = block_at(bytes, at, version, first), next = { .size = 0 };
	struct span rest = span_clip(bytes, at, first ? RESUME_FIRST : RESUME_MAX);
	uint64_t hashed = 0;
	if (b.size)
		next = block_at(bytes, at + b.size, version, first);
	if (is_sound(&next))
		return at;
	for (uint64_t i = 0; i + HEADER_LEAST <= rest.n && hashed <= HASHED_FREE + HASHED_RATIO * i; i++) {
		struct span here = span_from(rest, i);
		if (here.p[0] == RAR5_MAGIC[0] && rar_version_at(here))
			return behind_inner(bytes, at + i, version, first);
		if (!(version == 5 ? rar5_may_be_header(here) : rar4_may_be_header(here)))
			continue;
		b = block_at(bytes, at + i, version, first);
		if (is_sound(&b))
			return at + i;
		hashed += b.header;
	}
	return 0;
}

uint64_t rar_blocks_end(struct span at, bool resume, unsigned *blocks)
{
	unsigned version = rar_version_at(at), resumed = 0;
	uint64_t end = magic_size(version);
	*blocks = 0;
	for (;;) {
		struct rar_block b = block_at(at, end, version, !*blocks && version == 5);
		if (!is_sound(&b)) {
			uint64_t next = resume && resumed++ < RAR_RESUMES_MAX ? rar_resume(at, end, version, !*blocks) : 0;
			if (!next)
				return end;
			end = next;
			b = block_at(at, end, version, !*blocks);
		}
		end += b.size;
		++*blocks;
		if (b.sealed)
			return end;
		if (!b.end)
			continue;
		uint64_t next = rar_next_volume(at, end, version);
		if (!b.goes_on || rar_version_at(span_from(at, next)) != version)
			return end;
		end = next + magic_size(version); /* volumes that have been joined */
	}
}
