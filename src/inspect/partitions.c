/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a kernel's command line divides the flash: mtdparts= and blkdevparts=, wherever they stand (boot environments, device
 * trees, kernels, scripts).
 *
 * Specification: Linux drivers/mtd/parsers/cmdlinepart.c, Documentation/block/cmdline-partition.rst.
 */
#include "base/ascii.h"
#include "inspect/inspect.h"

#define PARTITIONS_MAX 128u
#define TEXT_MAX 4096u
#define REPEATS_MAX 32u

static const struct pattern partitions_patterns[] = {
	PATTERN("mtdparts=", PATTERN_LITERAL),
	PATTERN("blkdevparts=", PATTERN_LITERAL),
	PATTERN_END,
};

static bool is_end(uint8_t c)
{
	return c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '$' || c == '%';
}

/* A number as the kernel's memparse() takes it: decimal, 0x or octal, with K, M or G. False when there is none. */
static bool read_size(struct reader *r, uint64_t *size)
{
	unsigned base = 10, digits = 0;
	uint64_t v = 0;
	if (rd_left(r) > 1 && r->bytes.p[r->at] == '0') {
		bool hex = (r->bytes.p[r->at + 1] | 0x20) == 'x';
		base = hex ? 16 : 8;
		r->at += hex ? 2 : 0;
	}
	for (; rd_left(r) > 0; r->at++, digits++) {
		int d = ascii_hex_value(r->bytes.p[r->at]);
		if (d < 0 || (unsigned)d >= base || v > UINT64_MAX / 32)
			break;
		v = v * base + (unsigned)d;
	}
	static const char units[] = "kmg";
	const char *unit = rd_left(r) > 0 ? strchr(units, r->bytes.p[r->at] | 0x20) : NULL;
	if (unit && *unit && r->bytes.p[r->at]) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);
		if (v > UINT64_MAX >> shift)
			return false;
		v <<= shift;
		r->at++;
	}
	*size = v;
	return digits > 0;
}

static bool take(struct reader *r, const char *word)
{
	if (!span_starts(span_from(r->bytes, r->at), word, strlen(word)))
		return false;
	r->at += strlen(word);
	return true;
}

/* size[@offset][(name)][ro][lk][slc]; `next` is where it begins when it does not say. */
static bool read_partition(struct reader *r, uint64_t *next, struct fact_partition *p)
{
	uint64_t size = 0, start = *next;
	bool rest = take(r, "-");
	if (!rest && !read_size(r, &size))
		return false;
	bool placed = take(r, "@");
	if (placed && !read_size(r, &start))
		return false;
	if (take(r, "(")) {
		const uint8_t *name = r->bytes.p + r->at, *end = memchr(name, ')', rd_left(r));
		if (!end)
			return false;
		p->name = text_of((const char *)name, (size_t)(end - name));
		r->at += p->name.n + 1;
	}
	p->read_only = take(r, "ro");
	(void)take(r, "lk");
	(void)take(r, "slc");
	bool known = start != UINT64_MAX && start <= INT64_MAX && size <= INT64_MAX;
	p->start = known ? (int64_t)start : FACT_NULL;
	p->size = rest || size > INT64_MAX ? FACT_NULL : (int64_t)size;
	*next = rest || !known || size > UINT64_MAX - 1 - start ? UINT64_MAX : start + size;
	return true;
}

/* The id of a chip may hold colons: it ends at the last one before its partitions begin. */
static bool read_device(struct reader *r, struct text *device)
{
	struct span rest = span_from(r->bytes, r->at);
	size_t end = 0, colon = SIZE_MAX;
	while (end < rest.n && rest.p[end] != '(' && rest.p[end] != ',' && rest.p[end] != ';') {
		if (rest.p[end] == ':')
			colon = end;
		end++;
	}
	if (colon == SIZE_MAX || colon == 0)
		return false;
	*device = text_of((const char *)rest.p, colon);
	r->at += colon + 1;
	return true;
}

/* Reads all of it, and emits only when it is right to its end: a program's usage text is none. */
static void read_definition(const struct subject *s, struct span text, uint64_t offset, const char *source,
							struct sink *sink)
{
	struct fact_partition *found = ARENA_ARRAY(s->arena, struct fact_partition, PARTITIONS_MAX);
	struct reader r = reader_le(text);
	size_t n = 0;
	if (!found)
		return;
	do {
		struct text device;
		uint64_t next = 0;
		if (!read_device(&r, &device))
			return;
		do {
			if (n == PARTITIONS_MAX)
				return;
			found[n] = (struct fact_partition){ .offset = (int64_t)offset, .device = device, .source = text_c(source) };
			if (!read_partition(&r, &next, &found[n++]))
				return;
		} while (take(&r, ","));
	} while (take(&r, ";") && rd_left(&r) > 0);
	for (size_t i = 0; rd_left(&r) == 0 && i < n; i++)
		emit_partition(sink, &found[i]);
}

static bool partitions_wants(const struct subject *s)
{
	return s->nhits > 0;
}

static void partitions_run(const struct subject *s, struct sink *sink)
{
	struct text seen[REPEATS_MAX]; /* an environment says the same in several variables */
	size_t nseen = 0;
	uint64_t known = 0; /* no end stands between the last hit and there */
	for (size_t i = 0; i < s->nhits && nseen < REPEATS_MAX; i++) {
		struct span text = span_clip(s->bytes, s->hits[i].to, TEXT_MAX);
		size_t n = s->hits[i].to < known ? (size_t)(known - s->hits[i].to) : 0;
		while (n < text.n && !is_end(text.p[n]))
			n++;
		text.n = n < text.n ? n : text.n;
		known = s->hits[i].to + text.n;
		bool repeated = span_starts(text, "mtdparts=", 9); /* a variable of that name: another hit */
		for (size_t k = 0; k < nseen; k++)
			repeated |= text_eq(seen[k], text_from_span(text));
		if (repeated)
			continue;
		seen[nseen++] = text_from_span(text);
		read_definition(s, text, s->hits[i].from, s->hits[i].pattern == 0 ? "mtdparts" : "blkdevparts", sink);
	}
}

const struct inspector partitions_inspector = {
	.name = "partitions",
	.title = "how command lines divide the flash (mtdparts, blkdevparts)",
	.spec = "Linux drivers/mtd/parsers/cmdlinepart.c",
	.patterns = partitions_patterns,
	.wants = partitions_wants,
	.run = partitions_run,
};
