/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brotli streams: RFC 7932. They have no mark, and almost any bytes begin one: only a file whose name says so is asked, and only
 * when the stream ends where the file does is it one. */
#include <stdlib.h>

#include "base/brotli.h"
#include "format/format.h"

#define STEP ((size_t)64 << 10)
/* So much is unpacked to see that it is one: what a file may unpack to, and not what many small ones could cost. */
#define PROVED_MAX ((uint64_t)2 << 30)
#define PROVED_RATIO 1000u
#define PROVED_FREE ((uint64_t)16 << 20)

static uint64_t proved_max(struct span at)
{
	uint64_t most = PROVED_FREE + (uint64_t)at.n * PROVED_RATIO;
	return most < PROVED_MAX ? most : PROVED_MAX;
}

static bool brotli_probe(struct span at, struct format_match *match)
{
	uint64_t total = 0, most = proved_max(at);
	struct brotli *b = at.n > 2 ? brotli_new(at) : NULL;
	uint8_t *out = b ? malloc(STEP) : NULL;
	size_t n = out ? STEP : 0;
	while (n == STEP && total < most) {
		n = brotli_read(b, out, STEP);
		total += n;
	}
	bool whole = out && total && n < STEP && brotli_state(b) == ERR_NONE && brotli_used(b) == at.n;
	free(out);
	brotli_free(b);
	match->size = at.n;
	match->confidence = 60;
	return whole;
}

static struct error brotli_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct brotli *b = brotli_new(bytes);
	enum error_code code = b ? ERR_NONE : ERR_MEMORY;
	size_t n = STEP;
	while (!code && n == STEP) {
		size_t left = out->limit && !out->spill ? out->limit - out->n : STEP;
		size_t room = left < STEP ? left : STEP;
		code = buf_reserve(out, room);
		n = code ? 0 : brotli_read(b, out->p + out->n, room);
		out->n += n;
		if (!code && n == room && n < STEP) /* all that is allowed: whether the stream ends here is to be seen */
			code = brotli_state(b) == ERR_CORRUPT ? ERR_BUDGET : ERR_NONE;
	}
	if (!code)
		code = brotli_state(b);
	*used = b ? brotli_used(b) : 0;
	brotli_free(b);
	return code ? error_at(code, *used, code == ERR_BUDGET ? "the stream unpacks to more than is allowed" : "the Brotli stream breaks off")
				: error_none();
}

const struct format brotli_format = {
	.name = "brotli",
	.kind = FORMAT_COMPRESSION,
	.title = "Brotli stream, in a file whose name ends in .br",
	.spec = "RFC 7932",
	.probe = brotli_probe,
	.unpack = brotli_unpack,
};
