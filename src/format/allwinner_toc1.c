/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TOC1: what Allwinner's first boot loader loads (boot_package, "sunxi-package"): U-Boot, device tree, trusted firmware, logo, each in an entry
 * of a table.
 *
 * Specification: Allwinner's BSP, sbrom_toc.h (struct sbrom_toc1_head_info, sbrom_toc1_item_info).
 */
#include "format/parts.h"
#include "format/wrapper.h"

#define HEADER_SIZE 64u
#define ITEM_SIZE 368u
#define ITEMS_MAX 32u
#define SIZE_MAX_SANE (64u << 20)
#define SUM_AT 20u
#define SUM_STAMP 0x5f0a6c39u /* stands for the sum in it */

/* Every entry has its end mark, and its data behind the table and in the package. */
static bool items_fit(struct span bytes, uint32_t n, uint32_t size)
{
	uint64_t first = HEADER_SIZE + (uint64_t)n * ITEM_SIZE;
	for (uint32_t i = 0; i < n; i++) {
		struct span item = span_sub(bytes, HEADER_SIZE + (uint64_t)i * ITEM_SIZE, ITEM_SIZE);
		uint64_t at = span_u32le(item, 64), length = span_u32le(item, 68);
		if (!span_has(item, ITEM_SIZE - 4, "IIE;", 4) || !wrapper_is_text(span_sub(item, 0, 64)) || at < first || at + length > size)
			return false;
	}
	return true;
}

static bool toc1_probe(struct span at, struct format_match *match)
{
	struct span h = span_sub(at, 0, HEADER_SIZE);
	uint32_t items = span_u32le(h, 32), size = span_u32le(h, 36);
	if (!span_has(h, 16, "\x00\x98\x11\x89", 4) || !span_has(h, HEADER_SIZE - 4, "MIE;", 4) || !items || items > ITEMS_MAX ||
		size > SIZE_MAX_SANE || size % 4 || !items_fit(at, items, size))
		return false;
	match->size = size;
	match->confidence = 95;
	return true;
}

static uint32_t sum_of(struct span s)
{
	uint32_t sum = SUM_STAMP - span_u32le(s, SUM_AT);
	for (size_t i = 0; i < s.n; i += 4)
		sum += span_u32le(s, i);
	return sum;
}

static struct error toc1_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	uint32_t items = span_u32le(bytes, 32);
	struct span covered = span_sub(bytes, 0, span_u32le(bytes, 36));
	wrapper_field(w, 0, "name", span_sub(bytes, 0, 16));
	wrapper_check_u32(w, SUM_AT, "checksum", covered.p, span_u32le(bytes, SUM_AT), covered.p ? sum_of(covered) : 0);
	for (uint32_t i = 0; i < items && i < ITEMS_MAX; i++) {
		struct span item = span_sub(bytes, HEADER_SIZE + (uint64_t)i * ITEM_SIZE, ITEM_SIZE);
		uint32_t at = span_u32le(item, 64), n = span_u32le(item, 68);
		if (n && !parts_emit(&p, wrapper_text(span_sub(item, 0, 64)), at, n, NULL))
			break;
	}
	return error_none();
}

static const struct format_magic toc1_magics[] = { MAGIC("\x00\x98\x11\x89", 16), MAGIC_END };

const struct format allwinner_toc1_format = {
	.name = "allwinner_toc1",
	.kind = FORMAT_CONTAINER,
	.title = "Allwinner boot package (TOC1)",
	.spec = "Allwinner BSP sbrom_toc.h",
	.magics = toc1_magics,
	.probe = toc1_probe,
	.walk = toc1_walk,
};
