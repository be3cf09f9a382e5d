/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DfuSe: ST's files for USB DFU: targets (memories) of elements that say at which address they belong.
 *
 * Specification: ST UM0391, "DfuSe File Format Specification".
 */

#include "format/dfu.h"
#include "format/memory_image.h"

#define PREFIX 11u
#define TARGET_PREFIX 274u
#define ELEMENT_PREFIX 8u
#define ELEMENTS_MAX 65536u

static bool dfuse_probe(struct span at, struct format_match *match)
{
	struct dfu_suffix s;
	uint64_t size = span_u32le(at, 6);
	struct span prefix = span_sub(at, 0, PREFIX + TARGET_PREFIX);
	if (!span_starts(prefix, "DfuSe\1", 6) || size < prefix.n || prefix.p[10] == 0 ||
		!span_has(prefix, PREFIX, "Target", 6))
		return false;
	match->size = size;
	match->confidence = 98; /* above the suffix alone */
	if (dfu_suffix_read(span_sub(at, 0, size + DFU_SUFFIX), &s))
		match->size += DFU_SUFFIX;
	return true;
}

struct image {
	struct walk *w;
	struct span bytes;
	struct memory_image memory;
	unsigned elements;
};

/* The elements of a target, from *at on, which is moved behind them. False when they break off. */
static bool take_elements(struct image *m, uint64_t *at, uint64_t end, uint32_t count, uint8_t target)
{
	for (uint32_t i = 0; i < count; i++) {
		struct span head = span_sub(m->bytes, *at, ELEMENT_PREFIX);
		uint32_t address = span_u32le(head, 0), size = span_u32le(head, 4);
		if (!head.p || end - *at < ELEMENT_PREFIX || m->elements++ == ELEMENTS_MAX)
			return false;
		struct span data = span_clip(span_clip(m->bytes, 0, end), *at + ELEMENT_PREFIX, size);
		if (!memory_image_put(&m->memory, target, address, data) || data.n < size)
			return false;
		*at += ELEMENT_PREFIX + size;
	}
	return true;
}

static bool take_target(struct image *m, uint64_t *at, uint64_t end)
{
	struct reader r = reader_le(span_sub(m->bytes, *at, TARGET_PREFIX));
	struct span signature = rd_bytes(&r, 6);
	uint8_t alternate = rd_u8(&r);
	uint32_t named = rd_u32(&r);
	struct text name = text_from_span(rd_bytes(&r, 255));
	rd_skip(&r, 4); /* the target's size, which its elements tell */
	uint32_t elements = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(signature, "Target", 6))
		return false;
	if (named)
		emit_header_field(m->w->sink, *at + 11, "szTargetName", "%u: %.*s", alternate, (int)strnlen(name.p, name.n),
						  name.p);
	*at += TARGET_PREFIX;
	return take_elements(m, at, end, elements, alternate);
}

/* Of several alternate settings, which are memories of their own. */
static const char *target_prefix(uint32_t target)
{
	static const char *const names[] = { NULL, "alternate-1", "alternate-2", "alternate-3", "alternate-4" };
	return target < sizeof names / sizeof names[0] ? names[target] : "alternate";
}

static struct error dfuse_walk(struct span bytes, struct walk *w)
{
	struct image m = { .w = w, .bytes = bytes };
	struct dfu_suffix s;
	uint64_t size = span_u32le(bytes, 6), at = PREFIX, end = size < bytes.n ? size : bytes.n;
	if (bytes.n < PREFIX)
		return error_at(ERR_TRUNCATED, bytes.n, "no DfuSe prefix");
	unsigned targets = bytes.p[10];
	emit_header_field(w->sink, 10, "bTargets", "%u", targets);
	if (bytes.n == size + DFU_SUFFIX && dfu_suffix_read(bytes, &s))
		dfu_suffix_emit(w->sink, bytes, &s, 0);
	else
		emit_header_field(w->sink, size, "crc32", "no suffix");
	size_t pieces = bytes.n / ELEMENT_PREFIX;
	if (!memory_image_begin(&m.memory, w, bytes.n, pieces < ELEMENTS_MAX ? pieces : ELEMENTS_MAX))
		return error_at(ERR_MEMORY, 0, "no memory for an image of %zu bytes", bytes.n);
	unsigned i = 0;
	while (i < targets && take_target(&m, &at, end))
		i++;
	struct error e = memory_image_emit(&m.memory, target_prefix);
	if (i < targets && !error_is(&e))
		return error_at(bytes.n < size ? ERR_TRUNCATED : ERR_CORRUPT, at < bytes.n ? at : bytes.n,
						"target %u of %u breaks off", i + 1, targets);
	return e;
}

static const struct format_magic dfuse_magics[] = { MAGIC("DfuSe\1", 0), MAGIC_END };

const struct format dfuse_format = {
	.name = "dfuse",
	.kind = FORMAT_CONTAINER,
	.title = "ST DfuSe file",
	.spec = "ST UM0391",
	.magics = dfuse_magics,
	.probe = dfuse_probe,
	.walk = dfuse_walk,
};
