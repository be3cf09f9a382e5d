/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our one-shot xz decoder beside liblzma's, on the same blocks in turns.
 *
 *   bench_lzma FILE       packs FILE in blocks of 128 KiB, as mksquashfs does, and unpacks them with both
 */
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xz.h"
#include "bench.h"

#define BLOCK ((size_t)128 << 10)
#define ROUNDS 7

struct block {
	uint8_t *packed;
	size_t packed_n, n;
};

static struct block pack(const uint8_t *bytes, size_t n)
{
	lzma_options_lzma o;
	lzma_lzma_preset(&o, 6);
	o.dict_size = BLOCK;
	lzma_filter chain[2] = { { LZMA_FILTER_LZMA2, &o }, { LZMA_VLI_UNKNOWN, NULL } };
	struct block b = { malloc(2 * BLOCK), 0, n };
	if (!b.packed || lzma_stream_buffer_encode(chain, LZMA_CHECK_CRC32, NULL, bytes, n, b.packed, &b.packed_n, 2 * BLOCK))
		die("packing failed");
	return b;
}

static void unpack_theirs(const struct block *b, uint8_t *out)
{
	uint64_t memory = UINT64_MAX;
	size_t in_at = 0, out_at = 0;
	if (lzma_stream_buffer_decode(&memory, 0, NULL, b->packed, &in_at, b->packed_n, out, &out_at, BLOCK) || out_at != b->n)
		die("liblzma failed");
}

static void unpack_ours(const struct block *b, uint8_t *out)
{
	size_t used, n;
	if (xz_decode(span_of(b->packed, b->packed_n), out, BLOCK, &used, &n) || n != b->n)
		die("our decoder failed");
}

static double best(void (*unpack)(const struct block *, uint8_t *), const struct block *blocks, size_t n, uint8_t *out, double before)
{
	double start = wall_seconds();
	for (size_t i = 0; i < n; i++)
		unpack(&blocks[i], out);
	double t = wall_seconds() - start;
	return t < before ? t : before;
}

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	if (!f)
		die("usage: bench_lzma FILE");
	uint8_t *buffer = malloc(BLOCK);
	struct block *blocks = NULL;
	size_t n = 0, got, total = 0;
	while (buffer && (got = fread(buffer, 1, BLOCK, f)) > 0) {
		blocks = realloc(blocks, (n + 1) * sizeof *blocks);
		if (!blocks)
			die("no memory");
		blocks[n++] = pack(buffer, got);
		total += got;
	}
	fclose(f);
	double theirs = 1e9, ours = 1e9;
	for (int i = 0; i < ROUNDS; i++) {
		theirs = best(unpack_theirs, blocks, n, buffer, theirs);
		ours = best(unpack_ours, blocks, n, buffer, ours);
	}
	printf("xz blocks of 128 KiB: ours %.1f MB/s, liblzma %.1f MB/s, %.2f times as fast\n", (double)total / ours / 1e6,
	       (double)total / theirs / 1e6, theirs / ours);
	for (size_t i = 0; i < n; i++)
		free(blocks[i].packed);
	free(blocks);
	free(buffer);
	return 0;
}
