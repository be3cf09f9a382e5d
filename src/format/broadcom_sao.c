/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Broadcom's SAO images: parts with headers of 64 bytes and names of four letters, the first META, up to the end.
 *
 * Specification: FACT_extractor plugins/unpacking/broadcom.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER 64u
#define PARTS_MAX 64u

static bool part_at(struct span bytes, uint64_t at, uint32_t *size)
{
	struct span name = span_sub(bytes, at + 8, 4);
	*size = span_u32be(bytes, at + 16);
	for (size_t i = 0; i < name.n; i++)
		if ((name.p[i] < 'A' || name.p[i] > 'Z') && (name.p[i] < '0' || name.p[i] > '9'))
			return false;
	return name.p && *size && span_sub(bytes, at + HEADER, *size).p;
}

/* The parts tell their end only all together, so that they must reach that of the file. */
static bool sao_probe(struct span at, struct format_match *match)
{
	uint64_t end = 0;
	uint32_t size;
	unsigned n = 0;
	if (!span_has(at, 8, "META", 4))
		return false;
	for (; n < PARTS_MAX && end < at.n && part_at(at, end, &size); n++)
		end += HEADER + (uint64_t)size;
	match->size = end;
	match->confidence = 80;
	return n >= 2 && end == at.n;
}

static struct error sao_walk(struct span bytes, struct walk *w)
{
	uint64_t at = 0;
	uint32_t size;
	for (unsigned n = 0; n < PARTS_MAX && part_at(bytes, at, &size); n++) {
		if (!wrapper_region(w, bytes, at + HEADER, size, text_from_span(span_sub(bytes, at + 8, 4)), NULL))
			break;
		at += HEADER + (uint64_t)size;
	}
	return error_none();
}

const struct format broadcom_sao_format = {
	.name = "broadcom_sao",
	.kind = FORMAT_CONTAINER,
	.title = "Broadcom SAO image",
	.spec = "FACT_extractor plugins/unpacking/broadcom",
	.at_start = true,
	.probe = sao_probe,
	.walk = sao_walk,
};
