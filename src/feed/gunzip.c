/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/gunzip.h"

#include <stdlib.h>
#include <zlib.h>

#define CHUNK ((size_t)64 << 10)
#define WINDOW_OF_GZIP (15 + 16) /* zlib.h: with a header and a trailer of gzip, and no other */

struct gunzip {
	z_stream z;
	json_pull_read read;
	void *context;
	uint64_t in; /* bytes that were read, without those that wait in the chunk */
	bool member, eof; /* in a member; nothing more is to be read */
	uint8_t chunk[CHUNK];
};

struct gunzip *gunzip_new(json_pull_read read, void *context)
{
	struct gunzip *g = calloc(1, sizeof *g);
	if (!g)
		return NULL;
	g->read = read;
	g->context = context;
	g->member = true;
	if (inflateInit2(&g->z, WINDOW_OF_GZIP) == Z_OK)
		return g;
	free(g);
	return NULL;
}

void gunzip_free(struct gunzip *g)
{
	if (g)
		inflateEnd(&g->z);
	free(g);
}

uint64_t gunzip_in(const struct gunzip *g)
{
	return g->in - g->z.avail_in;
}

static struct error fault(const struct gunzip *g, const char *words)
{
	return error_at(ERR_CORRUPT, gunzip_in(g), "byte %llu of the packed file: %s", (unsigned long long)gunzip_in(g), words);
}

static struct error fill(struct gunzip *g)
{
	size_t got = 0;
	struct error e = g->read(g->context, g->chunk, sizeof g->chunk, &got);
	g->z.next_in = g->chunk;
	g->z.avail_in = (unsigned)got;
	g->in += got;
	g->eof = got == 0;
	return e;
}

/* Behind a member: another one, or zeros up to the end, as tapes have them. */
static struct error next_member(struct gunzip *g)
{
	for (;;) {
		struct error e = error_none();
		if (!g->z.avail_in && !g->eof)
			e = fill(g);
		if (error_is(&e) || g->eof)
			return e;
		if (*g->z.next_in == 0x1f) {
			g->member = true;
			return inflateReset(&g->z) == Z_OK ? error_none() : fault(g, "it can not be unpacked");
		}
		if (*g->z.next_in != 0)
			return fault(g, "what stands behind the gzip stream is none");
		g->z.next_in++;
		g->z.avail_in--;
	}
}

struct error gunzip_read(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct gunzip *g = context;
	struct error e = error_none();
	g->z.next_out = into;
	g->z.avail_out = (unsigned)(n < CHUNK ? n : CHUNK);
	unsigned room = g->z.avail_out;
	while (!error_is(&e) && g->z.avail_out == room && !(g->eof && !g->member)) {
		if (!g->member) {
			e = next_member(g);
			continue;
		}
		if (!g->z.avail_in)
			e = fill(g);
		if (!error_is(&e) && g->eof)
			e = fault(g, "the gzip stream is cut off");
		if (error_is(&e))
			break;
		int r = inflate(&g->z, Z_NO_FLUSH);
		if (r == Z_STREAM_END)
			g->member = false;
		else if (r != Z_OK && r != Z_BUF_ERROR)
			e = fault(g, g->z.msg ? g->z.msg : "it can not be unpacked");
	}
	*got = room - g->z.avail_out;
	return e;
}
