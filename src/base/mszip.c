/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mszip.h"

#include <zlib.h>

#define MARK 2u

static enum error_code inflate_all(z_stream *z)
{
	int r = inflate(z, Z_FINISH);
	if (r == Z_STREAM_END)
		return ERR_NONE;
	if (r != Z_BUF_ERROR && r != Z_OK)
		return r == Z_MEM_ERROR ? ERR_MEMORY : ERR_CORRUPT;
	return z->avail_out ? ERR_TRUNCATED : ERR_BUDGET;
}

enum error_code mszip_block(struct span in, struct span history, uint8_t *out, size_t out_max, size_t *out_n, size_t *used)
{
	*out_n = *used = 0;
	if (!span_starts(in, "CK", MARK) || in.n > UINT32_MAX || out_max > UINT32_MAX)
		return ERR_CORRUPT;
	struct span window = history.n > MSZIP_WINDOW ? span_from(history, history.n - MSZIP_WINDOW) : history;
	z_stream z = { .next_in = (Bytef *)(uintptr_t)(in.p + MARK), .avail_in = (uInt)(in.n - MARK) };
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return ERR_MEMORY;
	z.next_out = out;
	z.avail_out = (uInt)out_max;
	enum error_code code = ERR_NONE;
	if (window.n && inflateSetDictionary(&z, window.p, (uInt)window.n) != Z_OK)
		code = ERR_CORRUPT;
	code = code ? code : inflate_all(&z);
	*out_n = out_max - z.avail_out;
	*used = in.n - z.avail_in;
	inflateEnd(&z);
	return code;
}
