/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See shift.h. */
#include "format/shift.h"

#include "base/sort.h"

#define SHOWING_MIN 3u  /* files that must show it */
#define SHOWING_MAX 64u /* and as many are asked */
#define PADDING_MIN 64u /* bytes of padding that they have together: fewer zeros stand as far before the ends of files by chance */

static int by_place(const void *a, const void *b)
{
	const struct shift_file *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

/* Whether the padding of a file that stands `by` bytes from its place is there, as zeros. */
static bool is_padded(struct span image, const struct shift_file *f, uint32_t block, int64_t by)
{
	uint64_t from = f->to + (uint64_t)by, n = (block - f->to % block) % block;
	struct span padding = span_sub(image, from, n);
	return from < image.n && padding.p && span_is_zero(padding);
}

/* Keeps the files that are padded, once each: of those that begin in the same place, or in one another, the padding is not known. */
static size_t keep_padded(struct span image, struct shift_file *files, size_t n, uint32_t block)
{
	size_t kept = 0;
	uint64_t end = 0;
	for (size_t i = 0; i < n; i++) {
		bool overlaps = files[i].from < end || (i + 1 < n && files[i + 1].from < files[i].to);
		end = files[i].to > end ? files[i].to : end;
		if (!overlaps && files[i].to % block && files[i].to + block + SHIFT_MAX < image.n)
			files[kept++] = files[i];
	}
	return kept;
}

/* Whether all files that are asked are padded when they stand `by` bytes from their places. */
static bool all_padded(struct span image, const struct shift_file *files, size_t n, uint32_t block, int64_t by)
{
	size_t step = n / SHOWING_MAX + 1;
	for (size_t i = 0; i < n; i += step)
		if (!is_padded(image, &files[i], block, by))
			return false;
	return is_padded(image, &files[n - 1], block, by);
}

/* Whether the padding of those that are asked is enough to show anything. */
static bool is_enough(const struct shift_file *files, size_t n, uint32_t block)
{
	uint64_t padding = 0;
	for (size_t i = 0; i < n; i += n / SHOWING_MAX + 1)
		padding += block - files[i].to % block;
	return padding >= PADDING_MIN;
}

/* The one distance that the files behind the first one that is not padded agree on; 0: there is none, or several. */
static int64_t distance_of(struct span image, const struct shift_file *files, size_t n, uint32_t block)
{
	int64_t found = 0;
	if (!is_enough(files, n, block))
		return 0;
	for (int64_t by = -SHIFT_MAX; by <= SHIFT_MAX; by++) {
		if (by == 0 || !all_padded(image, files, n, block, by))
			continue;
		if (found)
			return 0;
		found = by;
	}
	return found;
}

struct shift shift_find(struct span image, struct shift_file *files, struct shift_file *spare, size_t n, uint32_t block)
{
	const struct shift none = { UINT64_MAX, 0 };
	size_t first = 0, showing = 0;
	sort_stable(files, spare, n, sizeof *files, by_place);
	n = keep_padded(image, files, n, block);
	while (first < n && is_padded(image, &files[first], block, 0))
		first++;
	for (size_t i = first + 1; i < n && showing < SHOWING_MIN; i++)
		showing += !is_padded(image, &files[i], block, 0);
	if (showing < SHOWING_MIN)
		return none;
	int64_t by = distance_of(image, files + first + 1, n - first - 1, block);
	return by ? (struct shift){ files[first].from + 1, by } : none;
}
