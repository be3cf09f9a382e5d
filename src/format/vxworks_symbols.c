/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The symbols of a VxWorks system in a file of their own, as TP-Link's images have them beside the system (in minifs, packed):
 *
 *     size of all, number of symbols       32 bits each, big-endian
 *     symbols, 8 bytes each                type (a letter, as nm has them), place of the name (24 bits), address (32 bits)
 *     the names, each with a NUL
 *
 * Where the system is loaded is the address of wrs_kernel_text_start.
 *
 * Specification: PAGalaxyLab/vxhunter, vxhunter_load_tp-link_symbols.py.
 */
#include "format/region.h"

#define HEADER 8u
#define ENTRY 8u
#define SYMBOLS_MIN 16u
#define LOOKS 32u
#define NAME_LIMIT 512u
#define LOAD_NAMES_MAX ((uint64_t)16 << 20)

struct symbols {
	uint64_t names; /* where they begin */
	uint32_t count;
};

static struct text name_of(struct span all, const struct symbols *s, uint32_t i)
{
	uint32_t place = span_u32be(all, HEADER + (uint64_t)i * ENTRY) & 0xffffff;
	struct text name = text_terminated(span_clip(all, s->names + place, NAME_LIMIT));
	for (size_t k = 0; k < name.n; k++)
		if ((uint8_t)name.p[k] <= 0x20 || (uint8_t)name.p[k] >= 0x7f)
			return TEXT_NONE;
	return name.n && (place == 0 || all.p[s->names + place - 1] == 0) ? name : TEXT_NONE;
}

static bool is_type(uint8_t c)
{
	return c >= 'A' && c <= 'z' && memchr("ABCDGRSTUVWabcdgrstuvw", c, 22);
}

static bool symbols_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32be(at, 0);
	struct symbols s = { .count = span_u32be(at, 4) };
	s.names = HEADER + (uint64_t)s.count * ENTRY;
	if (at.n < HEADER + ENTRY || size != at.n || s.count < SYMBOLS_MIN || s.names >= at.n || !is_type(at.p[HEADER]))
		return false;
	for (uint32_t i = 0; i < LOOKS; i++) {
		uint32_t which = (uint32_t)((uint64_t)i * (s.count - 1) / (LOOKS - 1));
		if (!is_type(at.p[HEADER + (uint64_t)which * ENTRY]) || !name_of(at, &s, which).n)
			return false;
	}
	match->size = at.n;
	match->confidence = 85;
	return true;
}

static struct error symbols_walk(struct span bytes, struct walk *w)
{
	struct symbols s = { .count = span_u32be(bytes, 4) };
	uint32_t functions = 0, lost = 0;
	uint64_t looked = 0;
	s.names = HEADER + (uint64_t)s.count * ENTRY;
	if (s.names >= bytes.n)
		return error_at(ERR_TRUNCATED, bytes.n, "the table of symbols breaks off");
	for (uint32_t i = 0; i < s.count && looked < LOAD_NAMES_MAX; i++) {
		uint64_t at = HEADER + (uint64_t)i * ENTRY;
		struct text name = name_of(bytes, &s, i);
		functions += bytes.p[at] == 'T' || bytes.p[at] == 't';
		lost += !name.n;
		looked += name.n + 1;
		if (text_is(name, "wrs_kernel_text_start"))
			emit_header_field(w->sink, at, "load address", "0x%08x", span_u32be(bytes, at + 4));
	}
	emit_header_field(w->sink, 4, "symbols", "%u", s.count);
	emit_header_field(w->sink, 4, "functions", "%u", functions);
	if (lost)
		emit_damage_at(w->sink, ERR_CORRUPT, HEADER, "the names of %u of %u symbols are not there", lost, s.count);
	(void)region_emit(w, "names", bytes, s.names, bytes.n - s.names, NULL);
	return error_none();
}

const struct format vxworks_symbols_format = {
	.name = "vxworks_symbols",
	.kind = FORMAT_CONTAINER,
	.title = "symbols of a VxWorks system, in TP-Link's images",
	.spec = "PAGalaxyLab/vxhunter, vxhunter_load_tp-link_symbols.py",
	.at_start = true,
	.own_bytes = true,
	.probe = symbols_probe,
	.walk = symbols_walk,
};
