/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed from encrypted. A cipher's output is uniform in every respect that can be counted; Huffman codes (deflate,
 * bzip2, zstd, JPEG, MP3) are not, and neither are literals that stand as they are (LZ4, LZO). What a range coder makes
 * (LZMA, XZ) is uniform, too: there the bytes do not tell.
 *
 * The statistics are those of J. Walker's ent(1) and of NIST SP 800-22 (frequency and runs of bits), as standard normal
 * deviates. Chi-square becomes one by Wilson and Hilferty's cube root.
 */
#include <math.h>

#include "probe/entropy_map.h"

#define PIECE 16384u
#define PIECES_MAX 64u
#define LEAST 4096u
/* Of uniform bytes one look in 350,000 shows more than this in any of the five. */
#define DEVIATES 5.0

struct counts {
	uint32_t bytes[256], halves[256];
	int64_t products; /* of neighbours, each as twice its distance from the middle */
	uint64_t n;
};

static double chi_square(const uint32_t count[256], double n)
{
	const double freedom = 255;
	double expected = n / 256, sum = 0;
	for (unsigned i = 0; i < 256; i++)
		sum += (count[i] - expected) * (count[i] - expected) / expected;
	return (cbrt(sum / freedom) - (1 - 2 / (9 * freedom))) / sqrt(2 / (9 * freedom));
}

/* Adds what a piece shows, or takes it away. */
static void count_piece(struct counts *c, struct span s, int sign)
{
	int64_t products = 0;
	for (size_t i = 0; i + 1 < s.n; i++) {
		unsigned a = s.p[i], b = s.p[i + 1];
		c->bytes[a] += (uint32_t)sign;
		c->halves[(a & 15) << 4 | b >> 4] += (uint32_t)sign;
		products += ((int)(2 * a) - 255) * ((int)(2 * b) - 255);
	}
	uint64_t n = s.n ? s.n - 1 : 0;
	c->products += sign * products;
	c->n += sign > 0 ? n : 0 - n;
}

static double piece_chi_square(struct span s)
{
	uint32_t count[256] = { 0 };
	for (size_t i = 0; i < s.n; i++)
		count[s.p[i]]++;
	return chi_square(count, (double)s.n);
}

bool dense_measure(struct span bytes, struct dense_statistics *s)
{
	struct counts c = { 0 };
	struct span worst = SPAN_NONE;
	double worst_chi = -INFINITY;
	uint64_t pieces = (bytes.n + PIECE - 1) / PIECE;
	uint64_t n = pieces < PIECES_MAX ? pieces : PIECES_MAX;
	*s = (struct dense_statistics){ 0 };
	for (uint64_t i = 0; i < n; i++) {
		struct span piece = span_clip(bytes, pieces * i / n * PIECE, PIECE);
		if (piece.n < LEAST)
			continue;
		double chi = piece_chi_square(piece);
		if (chi > worst_chi) {
			worst_chi = chi;
			worst = piece;
		}
		count_piece(&c, piece, 1);
	}
	if (c.n >= 4 * (PIECE - 1))
		count_piece(&c, worst, -1);
	if (c.n < LEAST - 1)
		return false;
	double total = (double)c.n, ones = 0, changes = 0;
	for (unsigned v = 0; v < 256; v++) { /* within a byte, and from its last bit to the first of the next one */
		ones += (double)c.bytes[v] * __builtin_popcount(v);
		changes += (double)c.bytes[v] * __builtin_popcount((v ^ v << 1) & 0xfe);
		changes += (double)c.halves[v] * ((v >> 4 ^ v >> 3) & 1);
	}
	s->looked = c.n;
	s->frequencies = chi_square(c.bytes, total);
	s->halves = chi_square(c.halves, total);
	s->ones = (ones - 4 * total) / sqrt(2 * total);
	s->changes = (changes - 4 * total) / sqrt(2 * total);
	/* the variance of twice a byte's distance from the middle is (256^2 - 1) / 3 */
	s->correlation = (double)c.products / (65535.0 / 3) / sqrt(total);
	return true;
}

const char *dense_deviation(const struct dense_statistics *s, double *deviates)
{
	const struct {
		const char *name;
		double z;
	} all[] = {
		{ "byte frequencies", s->frequencies < 0 ? 0 : s->frequencies },
		{ "pairs of half bytes", s->halves < 0 ? 0 : s->halves },
		{ "bits that are set", s->ones },
		{ "changes from bit to bit", s->changes },
		{ "serial correlation", s->correlation },
	};
	size_t most = 0;
	for (size_t i = 1; i < sizeof all / sizeof all[0]; i++)
		if (fabs(all[i].z) > fabs(all[most].z))
			most = i;
	*deviates = all[most].z;
	return fabs(all[most].z) > DEVIATES ? all[most].name : NULL;
}
