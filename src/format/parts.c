/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/parts.h"

#include "format/region.h"

/* A part may be a container whose parts overlap in turn: two of all of it would be four within these, and so on. An eighth more each time
 * does no harm. */
bool parts_claim(struct parts *p, uint64_t at, uint64_t n)
{
	if (__builtin_add_overflow(p->claimed, n, &p->claimed) || p->claimed > p->bytes.n + p->bytes.n / 8) {
		emit_damage_at(p->w->sink, ERR_BUDGET, at, "the parts overlap: together they claim more than there is");
		p->stopped = true;
	}
	return !p->stopped;
}

bool parts_emit(struct parts *p, struct text name, uint64_t at, uint64_t size, const char *format)
{
	struct span data = span_clip(p->bytes, at, size);
	if (p->stopped || !parts_claim(p, at, data.n))
		return false;
	p->stopped = !region_emit_text(p->w, name, p->bytes, at, size, format);
	return !p->stopped;
}
