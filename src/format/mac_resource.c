/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/mac_resource.h"

#define MAP_HEADER 28u
#define TYPE_SIZE 8u
#define REFERENCE_SIZE 12u

bool mac_resources_find(struct span fork, const char type[4], struct mac_resources *r)
{
	struct span map = span_clip(fork, span_u32be(fork, 4), span_u32be(fork, 12));
	uint64_t types_at = span_u16be(map, 24);
	struct span types = span_from(map, types_at);
	if (map.n < MAP_HEADER || types.n < 2)
		return false;
	*r = (struct mac_resources){ .fork = fork, .data_at = span_u32be(fork, 0) };
	r->names_at = span_u32be(fork, 4) + (uint64_t)span_u16be(map, 26);
	uint32_t n = (uint16_t)(span_u16be(types, 0) + 1); /* all ones: none */
	for (uint32_t i = 0; i < n; i++) {
		struct span one = span_sub(types, 2 + (uint64_t)i * TYPE_SIZE, TYPE_SIZE);
		if (!span_starts(one, type, 4))
			continue;
		r->n = span_u16be(one, 4) + 1u;
		r->list = span_clip(types, span_u16be(one, 6), (uint64_t)r->n * REFERENCE_SIZE);
		return true;
	}
	return false;
}

bool mac_resources_next(struct mac_resources *r, struct mac_resource *one)
{
	struct span reference = span_sub(r->list, (uint64_t)r->next * REFERENCE_SIZE, REFERENCE_SIZE);
	if (r->next == r->n || !reference.p)
		return false;
	r->next++;
	uint16_t name_at = span_u16be(reference, 2);
	uint64_t at = r->data_at + (span_u32be(reference, 4) & 0xffffff); /* behind eight flags */
	struct span name = name_at == UINT16_MAX ? SPAN_NONE : span_from(r->fork, r->names_at + name_at);
	*one = (struct mac_resource){ .id = span_u16be(reference, 0), .size = span_u32be(r->fork, at) };
	one->name = name.n ? span_sub(name, 1, name.p[0]) : SPAN_NONE;
	one->data = span_clip(r->fork, at + 4, one->size);
	return true;
}
