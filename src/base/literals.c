/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/literals.h"

#include <stdlib.h>

#include "base/cpu.h"

#define STEP 3u              /* every which place is looked at for two bytes of a string */
#define GROUP (8u * STEP)    /* bytes that one bit tells of */
#define VECTOR 16u
#define VECTORS (2u * VECTOR)/* bytes of which one bit tells whether a string begins there, or rather SHIFT bytes before */
#define STRIDE (3u * VECTORS)/* where both begin anew */
#define BLOCK (16u * STRIDE) /* bytes after which what may be something is looked at more closely: 64 groups, 48 times two vectors */
#define CROWDED 28           /* of these 112, so many marks are not met by chance: what is looked through is no noise */
#define PAIRS 65536u
#define BUCKETS 8u
#define HEAD 3u              /* bytes of a string's beginning that are looked at */
#define SHIFT (HEAD - 1)     /* heads are told by where they end */
#define BACK_MAX 64u        /* how far within a string its two bytes may lie */
#define LONG 8u             /* bytes that are compared as one number */
#define CLUSTERS_MAX 64u
#define BIT(n) ((uint16_t)(1u << (n)))
#define STRINGS_MAX (UINT16_MAX / STEP)

/* What is to be compared around two bytes. */
struct beside {
	uint64_t value, mask; /* of the string's first bytes, as they are in memory */
	uint32_t index;
	uint16_t key;         /* the two bytes; or the string's first byte */
	uint8_t back;         /* from the two bytes to the string's first */
};

struct list {
	struct beside *v; /* by `key` */
	size_t n;
};

struct literals {
	/* Of two bytes: 0 when no string holds them; else which byte may stand behind them (four bits, of which the byte's lowest two bits tell
	 * one), and which before them (four more). */
	uint8_t pairs[PAIRS];
	struct list within;        /* strings by two of their bytes */
	uint16_t first[PAIRS + 1]; /* in it */
	struct list heads;         /* strings by their first byte */
	uint16_t first_head[257];  /* in it */
	uint8_t heads_with[HEAD][256];   /* in which buckets strings have this byte as their first, second and third */
	uint8_t nibbles[2 * HEAD][VECTOR]; /* the same of each byte's low nibble, and of its high one */
	const struct span *strings;
};

static inline uint64_t load(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

static inline uint16_t pair_at(const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* While it is made: how many strings are compared at each two bytes, and at each first byte. */
struct draft {
	struct literals *literals;
	uint8_t beside[PAIRS], heads[256];
};

/* What it costs to look for a string by these two bytes: what counts is how many pairs are looked for. */
static uint32_t cost_of(const struct draft *d, const uint8_t *p)
{
	uint32_t beside = d->beside[pair_at(p)];
	if (beside + STEP > LITERALS_BESIDE_MAX) /* a string may hold them several times */
		return UINT32_MAX;
	return beside ? beside : LITERALS_BESIDE_MAX;
}

/* Where in the string its two bytes are to be, of the places that are `from` and any number of steps further; UINT32_MAX: nowhere. */
static uint32_t choose(const struct draft *d, struct span s, uint32_t from)
{
	uint32_t best = UINT32_MAX, least = UINT32_MAX;
	for (uint32_t at = from; at + 2 <= s.n && at <= BACK_MAX; at += STEP) {
		uint32_t cost = cost_of(d, s.p + at);
		if (cost < least) {
			least = cost;
			best = at;
		}
	}
	return best;
}

static void append(struct list *list, struct span s, uint32_t index, uint16_t key, uint32_t back)
{
	uint8_t value[LONG] = { 0 }, mask[LONG] = { 0 };
	size_t n = s.n < LONG ? s.n : LONG;
	memcpy(value, s.p, n);
	memset(mask, 0xff, n);
	list->v[list->n++] = (struct beside){ load(value), load(mask), index, key, (uint8_t)back };
}

/* Which bytes may stand beside the two at `at`. */
static uint8_t neighbors(struct span s, uint32_t at)
{
	unsigned behind = at + 2 < s.n ? 1u << (s.p[at + 2] & 3) : 15, before = at ? 1u << (s.p[at - 1] & 3) : 15;
	return (uint8_t)(behind | before << 4);
}

/* By two of its bytes, wherever it stands among the places that are looked at. False: for one of these no two of its bytes will do. */
static bool add_within(struct draft *d, struct span s, uint32_t index)
{
	struct literals *l = d->literals;
	uint32_t at[STEP];
	for (uint32_t from = 0; from < STEP; from++)
		if ((at[from] = choose(d, s, from)) == UINT32_MAX)
			return false;
	for (uint32_t from = 0; from < STEP; from++) {
		uint16_t pair = pair_at(s.p + at[from]);
		l->pairs[pair] |= neighbors(s, at[from]);
		d->beside[pair]++;
		append(&l->within, s, index, pair, at[from]);
	}
	return true;
}

/* By its first bytes, at any place. */
static bool add_head(struct draft *d, struct span s, uint32_t index)
{
	if (s.n < 2 || d->heads[s.p[0]] >= LITERALS_BESIDE_MAX)
		return false;
	d->heads[s.p[0]]++;
	append(&d->literals->heads, s, index, s.p[0], 0);
	return true;
}

/* Strings that go together: which low and high nibbles occur in their first bytes. Of a string of two the third is any. */
struct cluster {
	uint16_t nibbles[2 * HEAD];
	uint32_t told; /* how many heads have those nibbles: as many would be taken for these strings' */
};

static struct cluster united(const struct cluster *a, const struct cluster *b)
{
	struct cluster c = { .told = 1 };
	for (unsigned k = 0; k < 2 * HEAD; k++) {
		c.nibbles[k] = a->nibbles[k] | b->nibbles[k];
		c.told *= (uint32_t)__builtin_popcount(c.nibbles[k]);
	}
	return c;
}

static struct cluster cluster_of(struct span s)
{
	struct cluster c = { .told = 0 };
	for (unsigned k = 0; k < HEAD; k++) {
		c.nibbles[2 * k] = k < s.n ? BIT(s.p[k] & 15) : UINT16_MAX;
		c.nibbles[2 * k + 1] = k < s.n ? BIT(s.p[k] >> 4) : UINT16_MAX;
	}
	return united(&c, &c);
}

/* Unites those two by which the fewest heads more are told. */
static void unite_nearest(struct cluster *v, size_t n)
{
	int64_t least = INT64_MAX;
	struct cluster best = { 0 };
	size_t x = 0, y = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			struct cluster u = united(&v[i], &v[k]);
			int64_t more = (int64_t)u.told - v[i].told - v[k].told;
			if (more < least) {
				least = more;
				best = u;
				x = i;
				y = k;
			}
		}
	v[x] = best;
	v[y] = v[n - 1];
}

/* One for each of the heads, which are sorted; SIZE_MAX when they are too many. */
static size_t list_clusters(const struct literals *l, struct cluster *v)
{
	size_t n = 0;
	for (size_t i = 0; i < l->heads.n; i++) {
		struct cluster c = cluster_of(l->strings[l->heads.v[i].index]);
		size_t k = 0;
		while (k < n && memcmp(&v[k], &c, sizeof c) != 0)
			k++;
		if (k == CLUSTERS_MAX)
			return SIZE_MAX;
		v[k] = c;
		n += k == n;
	}
	return n;
}

/* Which strings go into which bucket. False: they are too many. */
static bool fill_buckets(struct literals *l)
{
	struct cluster v[CLUSTERS_MAX];
	size_t n = list_clusters(l, v);
	if (n > CLUSTERS_MAX)
		return false;
	for (; n > BUCKETS; n--)
		unite_nearest(v, n);
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < 2 * HEAD; k++)
			for (unsigned nibble = 0; nibble < VECTOR; nibble++)
				l->nibbles[k][nibble] |= (uint8_t)((v[i].nibbles[k] >> nibble & 1) << i);
	for (unsigned k = 0; k < HEAD; k++)
		for (unsigned byte = 0; byte < 256; byte++)
			l->heads_with[k][byte] = l->nibbles[2 * k][byte & 15] & l->nibbles[2 * k + 1][byte >> 4];
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct beside *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static void sort_list(struct list *list, uint16_t *first, uint32_t keys)
{
	uint16_t at = 0;
	qsort(list->v, list->n, sizeof *list->v, by_key);
	for (uint32_t key = 0; key < keys; key++) {
		first[key] = at;
		while (at < list->n && list->v[at].key == key)
			at++;
	}
	first[keys] = at;
}

/* Those that leave the least choice first. */
static struct error add_all(struct draft *d, const struct span *strings, size_t n)
{
	for (size_t length = 0; length <= LONG; length++)
		for (size_t i = 0; i < n; i++)
			if ((strings[i].n < LONG ? strings[i].n : LONG) == length && !add_within(d, strings[i], (uint32_t)i) &&
			    !add_head(d, strings[i], (uint32_t)i))
				return error_at(ERR_USAGE, 0, "string %zu is too short to look for, or too many are like it", i);
	sort_list(&d->literals->within, d->literals->first, PAIRS);
	sort_list(&d->literals->heads, d->literals->first_head, 256);
	if (!fill_buckets(d->literals))
		return error_at(ERR_USAGE, 0, "too many strings that are too short to look for");
	return error_none();
}

struct literals *literals_new(const struct span *strings, size_t n, struct error *error)
{
	struct literals *l = calloc(1, sizeof *l);
	struct draft *d = calloc(1, sizeof *d);
	*error = n <= STRINGS_MAX ? error_at(ERR_MEMORY, 0, "no memory for what is looked for") : error_at(ERR_USAGE, 0, "too many strings");
	if (l && d && n <= STRINGS_MAX && (l->within.v = calloc(STEP * n + 1, sizeof *l->within.v)) &&
	    (l->heads.v = calloc(n + 1, sizeof *l->heads.v))) {
		d->literals = l;
		l->strings = strings;
		*error = add_all(d, strings, n);
	}
	free(d);
	if (!error_is(error))
		return l;
	literals_free(l);
	return NULL;
}

void literals_free(struct literals *l)
{
	if (!l)
		return;
	free(l->within.v);
	free(l->heads.v);
	free(l);
}

/* One call of literals_find(). */
struct search {
	const struct literals *literals;
	struct span bytes;
	size_t from, to; /* what begins there is told */
	struct literals_sink *sink;
};

/* Compares what is listed with what stands there. */
static void compare(const struct search *s, const struct beside *b, const struct beside *end, size_t at)
{
	for (; b < end; b++) {
		size_t from = at - b->back;
		if (at < s->from + b->back || from >= s->to ||
		    (s->bytes.n - from >= LONG && ((load(s->bytes.p + from) ^ b->value) & b->mask)))
			continue;
		struct span string = s->literals->strings[b->index];
		if (span_has(s->bytes, from, string.p, string.n))
			s->sink->found(s->sink, b->index, from + string.n);
	}
}

static void compare_within(const struct search *s, size_t at)
{
	const struct literals *l = s->literals;
	uint16_t pair = pair_at(s->bytes.p + at);
	compare(s, l->within.v + l->first[pair], l->within.v + l->first[pair + 1], at);
}

static void compare_heads(const struct search *s, size_t at)
{
	const struct literals *l = s->literals;
	uint8_t first = s->bytes.p[at];
	compare(s, l->heads.v + l->first_head[first], l->heads.v + l->first_head[first + 1], at);
}

/* What begins from one place to another; and what has its two bytes where every third place is looked at, `from` being one of those. */
static void find_heads(const struct search *s, size_t from, size_t to)
{
	for (; from < to && s->bytes.n - from >= 2; from++)
		compare_heads(s, from);
}

static void find_within(const struct search *s, size_t from, size_t to)
{
	for (; from < to && s->bytes.n - from >= 2; from += STEP)
		compare_within(s, from);
}

/* What of a block is to be looked at more closely: groups, and vectors, the first in the highest bit that is told. */
struct marks {
	uint64_t groups, vectors;
};

/* No branch and no address that is written to depends on the bytes: of one in twenty groups the processor would guess it wrong. */
static inline uint64_t groups_marked(uint64_t marked, const uint8_t *pairs, const uint8_t *p)
{
	for (const uint8_t *end = p + STRIDE; p < end;) {
		unsigned any = 0;
		for (const uint8_t *next = p + GROUP; p < next; p += STEP)
			any |= pairs[pair_at(p)];
		marked = marked << 1 | (any != 0);
	}
	return marked;
}

#if defined(__x86_64__)
#include <immintrin.h>

/* In which buckets each byte is a first, a second and a third one; then heads, at the place of their third. */
struct looked_up {
	__m128i first, second, third;
};

__attribute__((target("avx"))) static inline __m128i of_nibbles(const __m128i tables[2], __m128i low, __m128i high)
{
	return _mm_and_si128(_mm_shuffle_epi8(tables[0], low), _mm_shuffle_epi8(tables[1], high));
}

__attribute__((target("avx"))) static inline struct looked_up look_up(const __m128i *tables, const uint8_t *p)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)p), nibble = _mm_set1_epi8(15);
	__m128i low = _mm_and_si128(bytes, nibble), high = _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble);
	return (struct looked_up){ of_nibbles(tables, low, high), of_nibbles(tables + 2, low, high), of_nibbles(tables + 4, low, high) };
}

__attribute__((target("avx"))) static inline __m128i heads(const struct looked_up *before, const struct looked_up *at)
{
	return _mm_and_si128(_mm_and_si128(_mm_alignr_epi8(at->first, before->first, VECTOR - 2),
	                                   _mm_alignr_epi8(at->second, before->second, VECTOR - 1)), at->third);
}

__attribute__((target("avx"))) static struct marks mark_avx(const struct literals *l, const uint8_t *p)
{
	struct marks m = { 0 };
	__m128i tables[2 * HEAD];
	for (unsigned k = 0; k < 2 * HEAD; k++)
		tables[k] = _mm_loadu_si128((const __m128i *)l->nibbles[k]);
	struct looked_up before = look_up(tables, p - VECTOR);
	for (const uint8_t *end = p + BLOCK; p < end; p += STRIDE) {
		for (unsigned k = 0; k < STRIDE; k += VECTORS) {
			struct looked_up one = look_up(tables, p + k), two = look_up(tables, p + k + VECTOR);
			__m128i any = _mm_or_si128(heads(&before, &one), heads(&one, &two));
			m.vectors = m.vectors << 1 | !_mm_testz_si128(any, any);
			before = two;
		}
		m.groups = groups_marked(m.groups, l->pairs, p);
	}
	return m;
}

__attribute__((target("avx"))) static uint32_t heads_avx(const struct literals *l, const uint8_t *p)
{
	__m128i tables[2 * HEAD], none = _mm_setzero_si128();
	for (unsigned k = 0; k < 2 * HEAD; k++)
		tables[k] = _mm_loadu_si128((const __m128i *)l->nibbles[k]);
	struct looked_up before = look_up(tables, p - VECTOR), one = look_up(tables, p), two = look_up(tables, p + VECTOR);
	return ~((uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(heads(&before, &one), none)) |
	         (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(heads(&one, &two), none)) << VECTOR);
}
#elif defined(__aarch64__)
#include <arm_neon.h>

struct looked_up {
	uint8x16_t first, second, third;
};

static inline uint8x16_t of_nibbles(const uint8x16_t tables[2], uint8x16_t low, uint8x16_t high)
{
	return vandq_u8(vqtbl1q_u8(tables[0], low), vqtbl1q_u8(tables[1], high));
}

static inline struct looked_up look_up(const uint8x16_t *tables, const uint8_t *p)
{
	uint8x16_t bytes = vld1q_u8(p), low = vandq_u8(bytes, vdupq_n_u8(15)), high = vshrq_n_u8(bytes, 4);
	return (struct looked_up){ of_nibbles(tables, low, high), of_nibbles(tables + 2, low, high), of_nibbles(tables + 4, low, high) };
}

static inline uint8x16_t heads(const struct looked_up *before, const struct looked_up *at)
{
	return vandq_u8(vandq_u8(vextq_u8(before->first, at->first, VECTOR - 2), vextq_u8(before->second, at->second, VECTOR - 1)), at->third);
}

static struct marks mark_neon(const struct literals *l, const uint8_t *p)
{
	struct marks m = { 0 };
	uint8x16_t tables[2 * HEAD];
	for (unsigned k = 0; k < 2 * HEAD; k++)
		tables[k] = vld1q_u8(l->nibbles[k]);
	struct looked_up before = look_up(tables, p - VECTOR);
	for (const uint8_t *end = p + BLOCK; p < end; p += STRIDE) {
		for (unsigned k = 0; k < STRIDE; k += VECTORS) {
			struct looked_up one = look_up(tables, p + k), two = look_up(tables, p + k + VECTOR);
			m.vectors = m.vectors << 1 | (vmaxvq_u8(vorrq_u8(heads(&before, &one), heads(&one, &two))) != 0);
			before = two;
		}
		m.groups = groups_marked(m.groups, l->pairs, p);
	}
	return m;
}
#endif

static inline bool is_head(const struct literals *l, const uint8_t *p)
{
	return (l->heads_with[0][p[0]] & l->heads_with[1][p[1]] & l->heads_with[2][p[2]]) != 0;
}

static uint32_t heads_plainly(const struct literals *l, const uint8_t *p)
{
	uint32_t ends = 0;
	for (unsigned i = 0; i < VECTORS; i++)
		ends |= (uint32_t)is_head(l, p + i - SHIFT) << i;
	return ends;
}

#ifndef __aarch64__
static struct marks mark_plainly(const struct literals *l, const uint8_t *p)
{
	struct marks m = { 0 };
	for (const uint8_t *end = p + BLOCK; p < end; p += STRIDE) {
		for (unsigned k = 0; k < STRIDE; k += VECTORS) {
			bool any = false;
			for (unsigned i = 0; i < VECTORS; i++)
				any |= is_head(l, p + k + i - SHIFT);
			m.vectors = m.vectors << 1 | any;
		}
		m.groups = groups_marked(m.groups, l->pairs, p);
	}
	return m;
}
#endif

/* How it is done on this processor. */
struct marker {
	struct marks (*mark)(const struct literals *l, const uint8_t *p);
	uint32_t (*heads)(const struct literals *l, const uint8_t *p); /* which bytes of two vectors end a head, the first in the lowest bit */
};

static const struct marker *fastest_marker(void)
{
#if defined(__aarch64__)
	static const struct marker neon = { mark_neon, heads_plainly };
	return &neon;
#else
	static const struct marker plain = { mark_plainly, heads_plainly };
#if defined(__x86_64__)
	static const struct marker avx = { mark_avx, heads_avx };
	if (CPU_HAS(AVX))
		return &avx;
#endif
	return &plain;
#endif
}

/* The first of those told, of `of`; and it is told no more. */
static inline unsigned take_first(uint64_t *marks, unsigned of)
{
	unsigned highest = 63 - (unsigned)__builtin_clzll(*marks);
	*marks &= ~(UINT64_C(1) << highest);
	return of - 1 - highest;
}

/* Whether the bytes before and behind two that some string holds are among those that strings have there. */
static inline bool are_neighbors(unsigned keys, const uint8_t *p)
{
	return keys >> (p[2] & 3) & keys >> 4 >> (p[-1] & 3) & 1;
}

static void look_at_group(const struct search *s, size_t at)
{
	const uint8_t *p = s->bytes.p + at;
	uint64_t keys = 0; /* of each place that is looked at, a byte; most are zero */
	for (unsigned k = 0; k < GROUP / STEP; k++)
		keys |= (uint64_t)s->literals->pairs[pair_at(p + k * STEP)] << 8 * k;
	while (keys) {
		unsigned k = (unsigned)__builtin_ctzll(keys) / 8;
		if (are_neighbors(keys >> 8 * k & 0xff, p + k * STEP))
			compare_within(s, at + k * STEP);
		keys &= ~(UINT64_C(0xff) << 8 * k);
	}
}

static void look_at_vectors(const struct search *s, const struct marker *marker, size_t at)
{
	for (uint32_t ends = marker->heads(s->literals, s->bytes.p + at); ends; ends &= ends - 1)
		compare_heads(s, at - SHIFT + (unsigned)__builtin_ctz(ends));
}

static void look_at_block(const struct search *s, const struct marker *marker, struct marks m, size_t at)
{
	while (m.groups)
		look_at_group(s, at + take_first(&m.groups, BLOCK / GROUP) * GROUP);
	while (m.vectors)
		look_at_vectors(s, marker, at + take_first(&m.vectors, BLOCK / VECTORS) * VECTORS);
}

/* How far heads have been looked for when blocks were up to `at`: those that end there begin before. */
static size_t heads_up_to(size_t from, size_t at)
{
	return at - from > SHIFT ? at - SHIFT : from;
}

size_t literals_find(const struct literals *l, struct span bytes, size_t from, struct literals_sink *sink)
{
	const struct marker *marker = fastest_marker();
	struct search s = { l, bytes, from, bytes.n, sink };
	size_t at = bytes.n - from > STRIDE ? from + STRIDE : bytes.n; /* a vector stands before */
	find_within(&s, from, at);
	find_heads(&s, from, heads_up_to(from, at));
	for (; bytes.n - at > BLOCK; at += BLOCK) { /* a byte stands behind */
		struct marks m = marker->mark(l, bytes.p + at);
		if (__builtin_popcountll(m.groups) + __builtin_popcountll(m.vectors) > CROWDED) {
			s.to = at;
			break;
		}
		look_at_block(&s, marker, m, at);
	}
	find_within(&s, at, bytes.n - s.to > BACK_MAX ? s.to + BACK_MAX : bytes.n);
	find_heads(&s, heads_up_to(from, at), s.to);
	return s.to;
}
