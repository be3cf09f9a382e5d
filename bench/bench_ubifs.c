/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading all files of a UBIFS image beside the decompressors alone on the same nodes, in turns.
 *
 *   bench_ubifs IMAGE     of mkfs.ubifs
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/codec.h"
#include "bench.h"
#include "format/format.h"

#define ROUNDS 7
#define PIECE ((size_t)1 << 20)

extern const struct format ubifs_format;

struct node {
	struct span packed;
	enum codec codec;
	size_t n;
};

struct reading {
	struct walk walk;
	uint64_t bytes;
	uint8_t *out;
};

/* All data nodes, in the order of the image. */
static size_t find_nodes(struct span image, struct node **nodes)
{
	static const enum codec codecs[] = { CODEC_STORE, CODEC_LZO1X, CODEC_DEFLATE, CODEC_ZSTD };
	size_t n = 0;
	for (uint64_t at = 0; at < image.n; at += 8) {
		struct span header = span_sub(image, at, 48);
		uint32_t size = span_u32le(header, 16), codec = span_u16le(header, 44);
		if (!span_starts(header, "\x31\x18\x10\x06", 4) || header.p[20] != 1 || size <= 48 || codec > 3)
			continue;
		if (n % 4096 == 0 && !(*nodes = realloc(*nodes, (n + 4096) * sizeof **nodes)))
			die("no memory");
		(*nodes)[n++] = (struct node){ span_sub(image, at + 48, size - 48), codecs[codec], span_u32le(header, 40) };
	}
	return n;
}

static bool read_file(struct walk *w, const struct entry *e)
{
	struct reading *r = (struct reading *)w;
	for (uint64_t at = 0; e->content.kind == CONTENT_BLOCKS && at < e->size; at += PIECE) {
		size_t n = e->size - at < PIECE ? (size_t)(e->size - at) : PIECE;
		struct error error = e->content.ops->read(e->content.fs, e->content.file, at, r->out, n);
		if (error_is(&error))
			die(error.text);
		r->bytes += n;
	}
	return true;
}

static void ignore(struct sink *sink, enum fact_type type, const void *row)
{
	(void)sink;
	(void)type;
	(void)row;
}

/* The whole of it: superblock, index, names, contents. */
static double read_all(struct span image, uint8_t *out, uint64_t *bytes)
{
	struct sink sink = { ignore };
	struct reading r = { { arena_new(0), &sink, 0, read_file }, 0, out };
	double start = wall_seconds();
	struct error e = ubifs_format.walk(image, &r.walk);
	double t = wall_seconds() - start;
	if (error_is(&e))
		die(e.text);
	arena_free(r.walk.arena);
	*bytes = r.bytes;
	return t;
}

static double unpack_all(const struct node *nodes, size_t n, uint8_t *out)
{
	double start = wall_seconds();
	for (size_t i = 0; i < n; i++) {
		size_t got;
		if (codec_block(nodes[i].codec, nodes[i].packed, out, nodes[i].n, &got))
			die("a node does not unpack");
	}
	return wall_seconds() - start;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: bench_ubifs IMAGE");
	struct span image = load_file(argv[1]);
	struct node *nodes = NULL;
	size_t n = find_nodes(image, &nodes);
	uint8_t *out = malloc(PIECE);
	if (!n || !out)
		die("no data nodes");
	double ours = 1e9, alone = 1e9;
	uint64_t bytes = 0;
	for (int i = 0; i < ROUNDS; i++) {
		double a = unpack_all(nodes, n, out), b = read_all(image, out, &bytes);
		alone = a < alone ? a : alone;
		ours = b < ours ? b : ours;
	}
	printf("UBIFS, %s: everything %.1f MB/s, the decompressor alone %.1f MB/s, %.2f of its speed\n",
		   codec_name(nodes[0].codec), (double)bytes / ours / 1e6, (double)bytes / alone / 1e6, alone / ours);
	free(nodes);
	free(out);
	free((void *)image.p);
	return 0;
}
