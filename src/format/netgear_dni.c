/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NETGEAR images of DNI: 128 bytes of text that say for which device and hardware, the firmware, a byte that makes all bytes add up to
 * 0xff.
 *
 * Specification: mkdniimg.c of OpenWrt and of NETGEAR's sources; img_check() of the BR500's.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 128u
#define LINES_MAX 8u
#define NAME_MAX 16u

struct line {
	struct span name, value;
};

/* "name:value\n" at the beginning of `text`; moves that behind it. */
static bool next_line(struct span *text, struct line *line)
{
	const uint8_t *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
	size_t n = end ? (size_t)(end - text->p) : 0;
	const uint8_t *colon = n ? memchr(text->p, ':', n) : NULL;
	if (!colon || colon == text->p || (size_t)(colon - text->p) >= NAME_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (text->p[i] < ' ' || text->p[i] > '~')
			return false;
	size_t name = (size_t)(colon - text->p);
	*line = (struct line){ span_sub(*text, 0, name), span_sub(*text, name + 1, n - name - 1) };
	*text = span_from(*text, n + 1);
	return true;
}

/* What fills the header are zeros, but for a mark of two bytes that some devices want at its end. */
static bool dni_probe(struct span at, struct format_match *match)
{
	struct span text = span_sub(at, 0, HEADER_SIZE);
	struct line line;
	if (at.n <= HEADER_SIZE + 1 || !span_starts(text, "device:", 7) || !next_line(&text, &line) || !line.value.n ||
		!span_starts(text, "version:", 8))
		return false;
	for (unsigned i = 0; i < LINES_MAX && next_line(&text, &line); i++)
		;
	match->size = at.n; /* the header does not say */
	match->confidence = 90;
	return text.n >= 2 && span_is_zero(span_sub(text, 0, text.n - 2));
}

static bool sum_is_right(struct span bytes)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < bytes.n; i++)
		sum = (uint8_t)(sum + bytes.p[i]);
	return sum == 0xff;
}

static struct error dni_walk(struct span bytes, struct walk *w)
{
	struct span text = span_sub(bytes, 0, HEADER_SIZE);
	struct line line;
	if (bytes.n <= HEADER_SIZE + 1)
		return error_at(ERR_TRUNCATED, bytes.n, "nothing stands behind the header");
	for (unsigned i = 0; i < LINES_MAX + 1 && next_line(&text, &line); i++) {
		char name[NAME_MAX + 1] = { 0 };
		memcpy(name, line.name.p, line.name.n);
		if (line.value.n)
			emit_header_field(w->sink, (uint64_t)(line.value.p - bytes.p), name, "%.*s", (int)line.value.n, (const char *)line.value.p);
	}
	wrapper_check(w, bytes.n - 1, "checksum", true, sum_is_right(bytes));
	(void)wrapper_region(w, bytes, HEADER_SIZE, bytes.n - HEADER_SIZE - 1, TEXT_LIT("firmware"), NULL);
	return error_none();
}

const struct format netgear_dni_format = {
	.name = "netgear_dni",
	.kind = FORMAT_CONTAINER,
	.title = "NETGEAR DNI image",
	.spec = "OpenWrt mkdniimg.c",
	.probe = dni_probe,
	.walk = dni_walk,
	.at_start = true,
};
