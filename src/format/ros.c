/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ROS images: a version as text, a table of named parts that follow each other to the end.
 *
 * Specification: FACT_extractor plugins/unpacking/ros.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define ENTRY 32u
#define PARTS_MAX 100u
#define COUNT_AT 0x20u

struct ros {
	bool big;
	uint32_t header, n;
};

/* Names of characters, places in ascending order: the file has no other sign. */
static bool ros_read(struct span bytes, struct ros *o)
{
	bool old = span_has(bytes, 4, "1.01", 4);
	if (!old && !span_has(bytes, 4, "2.00", 4))
		return false;
	o->header = old ? 48 : 80;
	o->big = span_u32le(bytes, COUNT_AT) >= PARTS_MAX;
	o->n = span_u32(bytes, COUNT_AT, o->big);
	uint64_t before = o->header + (uint64_t)o->n * ENTRY - 1;
	if (!o->n || o->n >= PARTS_MAX || bytes.n <= before)
		return false;
	for (unsigned i = 0; i < o->n; i++) {
		uint64_t at = o->header + i * ENTRY, offset = span_u32(bytes, at + 16, o->big);
		if (offset <= before || offset >= bytes.n || !wrapper_is_text(span_sub(bytes, at, 16)))
			return false;
		before = offset;
	}
	return true;
}

static bool ros_probe(struct span at, struct format_match *match)
{
	struct ros o;
	if (!ros_read(at, &o))
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

static struct error ros_walk(struct span bytes, struct walk *w)
{
	struct ros o;
	if (!ros_read(bytes, &o))
		return error_at(ERR_CORRUPT, 0, "no ROS image");
	wrapper_field(w, 4, "version", span_sub(bytes, 4, 4));
	for (unsigned i = 0; i < o.n; i++) {
		uint64_t at = o.header + i * ENTRY, from = span_u32(bytes, at + 16, o.big);
		uint64_t end = i + 1 < o.n ? span_u32(bytes, at + ENTRY + 16, o.big) : bytes.n;
		if (!wrapper_region(w, bytes, from, end - from, wrapper_text(span_sub(bytes, at, 16)), NULL))
			break;
	}
	return error_none();
}

const struct format ros_format = {
	.name = "ros",
	.kind = FORMAT_CONTAINER,
	.title = "ROS firmware image, versions 1.01 and 2.00",
	.spec = "FACT_extractor plugins/unpacking/ros",
	.at_start = true,
	.probe = ros_probe,
	.walk = ros_walk,
};
