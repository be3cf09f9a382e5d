/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/md5.h"

#include "base/cpu.h"

#define LANES MD5CRYPT_LANES

/* A vector of the width of LANES words: the compiler splits it into what the processor has. */
typedef uint32_t lanes_u32 __attribute__((vector_size(4 * LANES)));

/* RFC 1321, section 3.4, over a single word or a vector of them. */
#define ROTATE(x, s) ((x) << (s) | (x) >> (32 - (s)))
#define F(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define G(x, y, z) ((y) ^ ((z) & ((x) ^ (y))))
#define H(x, y, z) ((x) ^ (y) ^ (z))
#define I(x, y, z) ((y) ^ ((x) | ~(z)))
#define STEP(f, a, b, c, d, k, s, t)                                                                                  \
	do {                                                                                                              \
		a += f(b, c, d) + w[k] + t;                                                                                   \
		a = ROTATE(a, s) + b;                                                                                         \
	} while (0)
#define STEPS4(f, k0, k1, k2, k3, s0, s1, s2, s3, t0, t1, t2, t3)                                                     \
	STEP(f, a, b, c, d, k0, s0, t0);                                                                                  \
	STEP(f, d, a, b, c, k1, s1, t1);                                                                                  \
	STEP(f, c, d, a, b, k2, s2, t2);                                                                                  \
	STEP(f, b, c, d, a, k3, s3, t3)
#define ROUND1(k0, k1, k2, k3, ...) STEPS4(F, k0, k1, k2, k3, 7, 12, 17, 22, __VA_ARGS__)
#define ROUND2(k0, k1, k2, k3, ...) STEPS4(G, k0, k1, k2, k3, 5, 9, 14, 20, __VA_ARGS__)
#define ROUND3(k0, k1, k2, k3, ...) STEPS4(H, k0, k1, k2, k3, 4, 11, 16, 23, __VA_ARGS__)
#define ROUND4(k0, k1, k2, k3, ...) STEPS4(I, k0, k1, k2, k3, 6, 10, 15, 21, __VA_ARGS__)
#define COMPRESS(type, state, words)                                                                                  \
	do {                                                                                                              \
		const type *w = (words);                                                                                      \
		type a = (state)[0], b = (state)[1], c = (state)[2], d = (state)[3];                                          \
		ROUND1(0, 1, 2, 3, 0xd76aa478u, 0xe8c7b756u, 0x242070dbu, 0xc1bdceeeu);                                       \
		ROUND1(4, 5, 6, 7, 0xf57c0fafu, 0x4787c62au, 0xa8304613u, 0xfd469501u);                                       \
		ROUND1(8, 9, 10, 11, 0x698098d8u, 0x8b44f7afu, 0xffff5bb1u, 0x895cd7beu);                                     \
		ROUND1(12, 13, 14, 15, 0x6b901122u, 0xfd987193u, 0xa679438eu, 0x49b40821u);                                   \
		ROUND2(1, 6, 11, 0, 0xf61e2562u, 0xc040b340u, 0x265e5a51u, 0xe9b6c7aau);                                      \
		ROUND2(5, 10, 15, 4, 0xd62f105du, 0x02441453u, 0xd8a1e681u, 0xe7d3fbc8u);                                     \
		ROUND2(9, 14, 3, 8, 0x21e1cde6u, 0xc33707d6u, 0xf4d50d87u, 0x455a14edu);                                      \
		ROUND2(13, 2, 7, 12, 0xa9e3e905u, 0xfcefa3f8u, 0x676f02d9u, 0x8d2a4c8au);                                     \
		ROUND3(5, 8, 11, 14, 0xfffa3942u, 0x8771f681u, 0x6d9d6122u, 0xfde5380cu);                                     \
		ROUND3(1, 4, 7, 10, 0xa4beea44u, 0x4bdecfa9u, 0xf6bb4b60u, 0xbebfbc70u);                                      \
		ROUND3(13, 0, 3, 6, 0x289b7ec6u, 0xeaa127fau, 0xd4ef3085u, 0x04881d05u);                                      \
		ROUND3(9, 12, 15, 2, 0xd9d4d039u, 0xe6db99e5u, 0x1fa27cf8u, 0xc4ac5665u);                                     \
		ROUND4(0, 7, 14, 5, 0xf4292244u, 0x432aff97u, 0xab9423a7u, 0xfc93a039u);                                      \
		ROUND4(12, 3, 10, 1, 0x655b59c3u, 0x8f0ccc92u, 0xffeff47du, 0x85845dd1u);                                     \
		ROUND4(8, 15, 6, 13, 0x6fa87e4fu, 0xfe2ce6e0u, 0xa3014314u, 0x4e0811a1u);                                     \
		ROUND4(4, 11, 2, 9, 0xf7537e82u, 0xbd3af235u, 0x2ad7d2bbu, 0xeb86d391u);                                      \
		(state)[0] += a, (state)[1] += b, (state)[2] += c, (state)[3] += d;                                           \
	} while (0)

static const uint32_t initial[4] = { 0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u };

static uint32_t load_le(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void store_le(uint32_t v, uint8_t *p)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void compress(uint32_t state[4], const uint8_t block[64])
{
	uint32_t words[16];
	for (unsigned i = 0; i < 16; i++)
		words[i] = load_le(block + 4 * i);
	COMPRESS(uint32_t, state, words);
}

void md5_digest(struct span message, uint8_t digest[MD5_SIZE])
{
	uint32_t state[4];
	memcpy(state, initial, sizeof state);
	size_t whole = message.n / 64 * 64, left = message.n - whole;
	for (size_t at = 0; at < whole; at += 64)
		compress(state, message.p + at);
	uint8_t tail[128] = { 0 };
	if (left)
		memcpy(tail, message.p + whole, left);
	tail[left] = 0x80;
	size_t end = left < 56 ? 64 : 128;
	store_le((uint32_t)(message.n << 3), tail + end - 8);
	store_le((uint32_t)((uint64_t)message.n >> 29), tail + end - 4);
	for (size_t at = 0; at < end; at += 64)
		compress(state, tail + at);
	for (unsigned i = 0; i < 4; i++)
		store_le(state[i], digest + 4 * i);
}

/* A short message that is put together from pieces: at most a digest, a salt and two passwords. */
struct message {
	uint8_t bytes[MD5_SIZE + MD5CRYPT_SALT_MAX + 2 * MD5CRYPT_PASSWORD_MAX + 8];
	size_t n;
};

static void message_add(struct message *m, const void *p, size_t n)
{
	if (n <= sizeof m->bytes - m->n && n) {
		memcpy(m->bytes + m->n, p, n);
		m->n += n;
	}
}

/* What is hashed before the thousand rounds. */
static void md5crypt_begin(const char *magic, struct text salt, struct text password, uint8_t digest[MD5_SIZE])
{
	struct message m = { .n = 0 };
	message_add(&m, password.p, password.n);
	message_add(&m, salt.p, salt.n);
	message_add(&m, password.p, password.n);
	md5_digest(span_of(m.bytes, m.n), digest);
	m.n = 0;
	message_add(&m, password.p, password.n);
	message_add(&m, magic, strlen(magic));
	message_add(&m, salt.p, salt.n);
	for (size_t left = password.n; left; left -= left < MD5_SIZE ? left : MD5_SIZE)
		message_add(&m, digest, left < MD5_SIZE ? left : MD5_SIZE);
	/* The algorithm's famous slip: a zero byte or the first character, for each bit of the length. */
	for (size_t bits = password.n; bits; bits >>= 1)
		message_add(&m, bits & 1 ? "" : password.p, 1);
	md5_digest(span_of(m.bytes, m.n), digest);
}

/* The messages of the rounds come in eight shapes: which pieces a round has depends on whether its number is odd, a
 * multiple of 3, a multiple of 7. Each is laid out once with a gap for the digest of the round before. */
enum { SHAPE_ODD = 4, SHAPE_SALT = 2, SHAPE_AGAIN = 1, SHAPES = 8 };

static unsigned shape_of(unsigned round)
{
	return (round & 1 ? SHAPE_ODD : 0u) | (round % 3 ? SHAPE_SALT : 0u) | (round % 7 ? SHAPE_AGAIN : 0u);
}

struct rounds {
	union {
		lanes_u32 v[16];
		uint32_t u[16][LANES];
	} shape[SHAPES], block;
	union {
		lanes_u32 v[4];
		uint32_t u[4][LANES];
	} digest;
	uint8_t gap[SHAPES][LANES]; /* where the digest goes in the message */
};

static void lay_out(struct rounds *r, unsigned shape, size_t lane, struct text salt, struct text password)
{
	static const uint8_t none[MD5_SIZE];
	struct message m = { .n = 0 };
	if (shape & SHAPE_ODD)
		message_add(&m, password.p, password.n);
	else
		message_add(&m, none, sizeof none);
	if (shape & SHAPE_SALT)
		message_add(&m, salt.p, salt.n);
	if (shape & SHAPE_AGAIN)
		message_add(&m, password.p, password.n);
	r->gap[shape][lane] = shape & SHAPE_ODD ? (uint8_t)m.n : 0;
	if (shape & SHAPE_ODD)
		message_add(&m, none, sizeof none);
	else
		message_add(&m, password.p, password.n);
	m.bytes[m.n] = 0x80;
	memset(m.bytes + m.n + 1, 0, sizeof m.bytes - m.n - 1);
	store_le((uint32_t)m.n << 3, m.bytes + 56);
	for (unsigned i = 0; i < 16; i++)
		r->shape[shape].u[i][lane] = load_le(m.bytes + 4 * i);
}

/* Puts each lane's digest into its gap, which need not begin at a word. */
static inline __attribute__((always_inline)) void fill_gaps(struct rounds *r, unsigned shape)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		unsigned word = r->gap[shape][lane] / 4, shift = r->gap[shape][lane] % 4 * 8;
		uint64_t carry = 0;
		for (unsigned i = 0; i < 4; i++) {
			carry |= (uint64_t)r->digest.u[i][lane] << shift;
			r->block.u[word + i][lane] |= (uint32_t)carry;
			carry >>= 32;
		}
		r->block.u[word + 4][lane] |= (uint32_t)carry;
	}
}

static inline __attribute__((always_inline)) void run_rounds(struct rounds *r)
{
	for (unsigned round = 0; round < 1000; round++) {
		unsigned shape = shape_of(round);
		r->block = r->shape[shape];
		if (shape & SHAPE_ODD)
			fill_gaps(r, shape);
		else
			memcpy(r->block.v, r->digest.v, sizeof r->digest.v);
		for (unsigned i = 0; i < 4; i++)
			r->digest.v[i] = (lanes_u32){ 0 } + initial[i];
		COMPRESS(lanes_u32, r->digest.v, r->block.v);
	}
}

static void run_plain(struct rounds *r)
{
	run_rounds(r);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void run_avx2(struct rounds *r)
{
	run_rounds(r);
}

__attribute__((target("avx512f"))) static void run_avx512(struct rounds *r)
{
	run_rounds(r);
}
#endif

static void run_widest(struct rounds *r)
{
#if defined(__x86_64__)
	if (CPU_HAS(AVX512F))
		run_avx512(r);
	else if (CPU_HAS(AVX2))
		run_avx2(r);
	else
#endif
		run_plain(r);
}

static void run_one(struct text salt, struct text password, uint8_t digest[MD5_SIZE])
{
	for (unsigned round = 0; round < 1000; round++) {
		unsigned shape = shape_of(round);
		struct message m = { .n = 0 };
		if (shape & SHAPE_ODD)
			message_add(&m, password.p, password.n);
		else
			message_add(&m, digest, MD5_SIZE);
		if (shape & SHAPE_SALT)
			message_add(&m, salt.p, salt.n);
		if (shape & SHAPE_AGAIN)
			message_add(&m, password.p, password.n);
		if (shape & SHAPE_ODD)
			message_add(&m, digest, MD5_SIZE);
		else
			message_add(&m, password.p, password.n);
		md5_digest(span_of(m.bytes, m.n), digest);
	}
}

void md5crypt_digests(const char *magic, struct text salt, const struct text *passwords, size_t n,
                      uint8_t (*digests)[MD5_SIZE])
{
	struct rounds r = { .digest = { .u = { { 0 } } } };
	for (size_t lane = 0; lane < n; lane++) {
		uint8_t *digest = digests[lane];
		md5crypt_begin(magic, salt, passwords[lane], digest);
		if (passwords[lane].n > MD5CRYPT_SHORT_MAX) {
			run_one(salt, passwords[lane], digest);
			continue;
		}
		for (unsigned i = 0; i < 4; i++)
			r.digest.u[i][lane] = load_le(digest + 4 * i);
		for (unsigned shape = 0; shape < SHAPES; shape++)
			lay_out(&r, shape, lane, salt, passwords[lane]);
	}
	run_widest(&r);
	for (size_t lane = 0; lane < n; lane++)
		for (unsigned i = 0; passwords[lane].n <= MD5CRYPT_SHORT_MAX && i < 4; i++)
			store_le(r.digest.u[i][lane], digests[lane] + 4 * i);
}

/* The value of a character of crypt(3)'s base 64, or 64. */
static unsigned crypt64_value(char c)
{
	if (c == '.' || c == '/')
		return (unsigned)(c - '.');
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 2;
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A') + 12;
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 38 : 64;
}

bool md5crypt_decode(struct text encoded, uint8_t digest[MD5_SIZE])
{
	/* Which digest bytes four characters stand for, most significant first. */
	static const uint8_t order[5][3] = { { 0, 6, 12 }, { 1, 7, 13 }, { 2, 8, 14 }, { 3, 9, 15 }, { 4, 10, 5 } };
	if (encoded.n != 22)
		return false;
	for (size_t i = 0; i < 22; i++)
		if (crypt64_value(encoded.p[i]) > 63)
			return false;
	for (size_t group = 0; group < 5; group++) {
		uint32_t v = 0;
		for (unsigned i = 0; i < 4; i++)
			v |= crypt64_value(encoded.p[4 * group + i]) << (6 * i);
		for (unsigned i = 0; i < 3; i++)
			digest[order[group][i]] = (uint8_t)(v >> (8 * (2 - i)));
	}
	uint32_t last = crypt64_value(encoded.p[20]) | crypt64_value(encoded.p[21]) << 6;
	digest[11] = (uint8_t)last;
	return last < 256;
}
