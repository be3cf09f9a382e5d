/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: RFC 9580, section 6. */
#include <string.h>

#include "base/base64.h"
#include "base/openpgp.h"

#define BEGIN "-----BEGIN PGP "
#define END "-----END PGP "
#define HEADERS_MAX 64u

/* Takes a line without its end; white space behind it does not count (6.2). */
static bool take_line(struct span *rest, struct span *line)
{
	if (!rest->n)
		return false;
	const uint8_t *end = memchr(rest->p, '\n', rest->n);
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	*line = span_of(rest->p, n);
	*rest = span_from(*rest, n + (end != NULL));
	while (line->n && (line->p[line->n - 1] == '\r' || line->p[line->n - 1] == ' ' || line->p[line->n - 1] == '\t'))
		line->n--;
	return true;
}

struct decoder {
	uint8_t *out;
	size_t n, digits;
	uint32_t bits;
	bool padded;
};

/* Padding ends it; what follows is none of it. */
static bool decode_line(struct decoder *d, struct span line)
{
	for (size_t i = 0; i < line.n; i++) {
		int digit = base64_digit(line.p[i]);
		d->padded |= line.p[i] == '=';
		if (digit < 0 && line.p[i] != '=')
			return false;
		if (d->padded)
			continue;
		d->bits = d->bits << 6 | (uint32_t)digit;
		if (d->digits++ % 4)
			d->out[d->n++] = (uint8_t)(d->bits >> (6 - 2 * ((d->digits - 1) % 4)));
	}
	return true;
}

/* Past the headers: lines with a colon, and an empty one. */
static bool skip_headers(struct span *rest)
{
	struct span line;
	for (unsigned i = 0; i < HEADERS_MAX && take_line(rest, &line); i++) {
		if (!line.n)
			return true;
		if (!memchr(line.p, ':', line.n))
			return false;
	}
	return false;
}

bool openpgp_dearmor(struct arena *arena, struct span bytes, uint64_t at, struct span *out, uint64_t *end)
{
	struct span rest = span_clip(bytes, at, OPENPGP_ARMOR_MAX), line;
	if (!span_starts(rest, BEGIN, sizeof BEGIN - 1) || !take_line(&rest, &line) || !skip_headers(&rest))
		return false;
	const uint8_t *last = rest.n ? memmem(rest.p, rest.n, END, sizeof END - 1) : NULL;
	if (!last)
		return false;
	size_t size = (size_t)(last - rest.p);
	struct decoder d = { .out = arena_alloc(arena, size + 1, 1) };
	struct span body = span_of(rest.p, size);
	while (d.out && take_line(&body, &line))
		if (!(d.digits && line.n && line.p[0] == '=') && !decode_line(&d, line)) /* "=" begins the checksum */
			return false;
	*end = (uint64_t)(last - bytes.p) + sizeof END - 1;
	*out = span_of(d.out, d.n);
	return d.out && d.n;
}
