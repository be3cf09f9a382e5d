/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A swap area of Linux: the header of its first page is kept.
 *
 * Specification: Linux include/linux/swap.h (union swap_header); util-linux mkswap.
 */
#include "format/uuid.h"
#include "format/wrapper.h"

#define INFO 1024u

struct swap {
	uint32_t page, last_page, bad_pages;
	bool big;
};

static bool swap_read(struct span bytes, struct swap *s)
{
	static const uint32_t pages[] = { 4096, 8192, 16384, 65536 };
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		s->page = pages[i];
		if (!span_has(bytes, s->page - 10, "SWAPSPACE2", 10))
			continue;
		s->big = span_u32le(bytes, INFO) != 1;
		struct reader r = reader_of(span_from(bytes, INFO), s->big);
		uint32_t version = rd_u32(&r);
		s->last_page = rd_u32(&r);
		s->bad_pages = rd_u32(&r);
		return rd_ok(&r) && version == 1 && s->last_page && s->bad_pages <= s->last_page;
	}
	return false;
}

static bool swap_probe(struct span at, struct format_match *match)
{
	struct swap s;
	if (!swap_read(at, &s))
		return false;
	match->size = ((uint64_t)s.last_page + 1) * s.page;
	match->confidence = 90;
	return true;
}

static struct error swap_walk(struct span bytes, struct walk *w)
{
	struct swap s;
	if (!swap_read(bytes, &s))
		return error_at(ERR_CORRUPT, INFO, "no swap header");
	emit_header_field(w->sink, s.page - 10, "page size", "%u", s.page);
	emit_header_field(w->sink, INFO + 4, "last_page", "%u", s.last_page);
	emit_header_field(w->sink, INFO + 8, "nr_badpages", "%u", s.bad_pages);
	uuid_field(w, INFO + 12, "uuid", span_sub(bytes, INFO + 12, 16));
	wrapper_field(w, INFO + 28, "volume_name", span_sub(bytes, INFO + 28, 16));
	return error_none();
}

static const struct format_magic swap_magics[] = { MAGIC("SWAPSPACE2", 4086), MAGIC("SWAPSPACE2", 8182),
												   MAGIC("SWAPSPACE2", 16374), MAGIC("SWAPSPACE2", 65526), MAGIC_END };

const struct format linux_swap_format = {
	.name = "linux_swap",
	.kind = FORMAT_CONTAINER,
	.title = "Linux swap area (named)",
	.spec = "Linux include/linux/swap.h",
	.magics = swap_magics,
	.probe = swap_probe,
	.walk = swap_walk,
};
