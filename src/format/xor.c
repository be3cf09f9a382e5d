/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images under a repeated XOR key. The key is told by what flash is full of: where padding was, the key itself stands, again
 * and again. A key of one byte is told by the magic that it makes of the first bytes, too. Either counts only when the image
 * that comes out proves itself, or the compressed stream unpacks.
 */
#include <pthread.h>

#include "base/hash.h"
#include "format/disguise.h"

#define KEY_MAX 64u
#define WINDOW 256u
#define WINDOWS 64u   /* over all of the blob */
#define END_WINDOWS 8u /* one behind the other at its end, where small images have their only padding */
#define SAME_MIN 3u /* windows that show the same key */
#define SIZE_MIN 4096u
#define MAGIC_MIN 4u
#define MAGICS_MAX 4096u

struct key {
	uint8_t bytes[KEY_MAX]; /* key[i] is for the offsets of the blob that are i modulo n */
	size_t n;
};

static void undo(const void *context, uint64_t at, const uint8_t *in, uint8_t *out, size_t n)
{
	const struct key *key = context;
	size_t k = (size_t)(at % key->n);
	for (size_t i = 0; i < n; i++) {
		out[i] = in[i] ^ key->bytes[k];
		k = k + 1 == key->n ? 0 : k + 1;
	}
}

/* Whether the window's first bytes come back so soon, which those of nearly all do not: compilers make a few comparisons of vectors of it. */
static bool may_have_period(const uint8_t *p)
{
	uint8_t any = 0;
	for (unsigned n = 1; n <= KEY_MAX; n++)
		any |= (uint8_t)((p[n] == p[0]) & (p[n + 1] == p[1]) & (p[n + 2] == p[2]));
	return any;
}

/* The period that all of the window has, 0 when it has none. */
static size_t period_of(struct span window)
{
	if (!may_have_period(window.p))
		return 0;
	for (size_t n = 1; n <= KEY_MAX; n++) /* a few bytes tell it of nearly all, without a call */
		if (memcmp(window.p, window.p + n, 8) == 0 && memcmp(window.p, window.p + n, window.n - n) == 0)
			return n;
	return 0;
}

/* The key that the window is, by the offsets of the blob; n is 0 when it has no period. */
static void read_key(struct span all, uint64_t at, struct key *key)
{
	struct span window = span_sub(all, at, WINDOW);
	key->n = period_of(window);
	for (size_t i = 0; i < key->n; i++)
		key->bytes[(at + i) % key->n] = window.p[i];
}

static bool is_plain(const struct key *key)
{
	return key->n == 1 && (key->bytes[0] == 0 || key->bytes[0] == 0xff);
}

/* The key that most windows show. False when there is plain padding: then nothing is hidden. But for that at the end, which who
 * hid the image may have added. */
static bool key_of_padding(struct span all, struct key *best)
{
	struct key keys[WINDOWS + END_WINDOWS];
	unsigned nkeys = 0, most = 0;
	uint64_t step = (all.n - WINDOW) / WINDOWS;
	for (unsigned i = 0; i < WINDOWS; i++) {
		read_key(all, i * step, &keys[nkeys]);
		if (is_plain(&keys[nkeys]))
			return false;
		nkeys += keys[nkeys].n > 0;
	}
	for (unsigned i = 1; i <= END_WINDOWS; i++) {
		read_key(all, all.n - i * WINDOW, &keys[nkeys]);
		nkeys += keys[nkeys].n > 0 && !is_plain(&keys[nkeys]);
	}
	for (unsigned i = 0; i < nkeys; i++) {
		unsigned same = 0;
		for (unsigned k = 0; k < nkeys; k++)
			same += keys[k].n == keys[i].n && memcmp(keys[k].bytes, keys[i].bytes, keys[i].n) == 0;
		if (same > most) {
			most = same;
			*best = keys[i];
		}
	}
	return most >= SAME_MIN;
}

/* Most files begin with no magic under any key: they are asked for how each of the first bytes differs from the next, in which a key of one
 * byte is gone. What the magics have there is listed once. */
static struct {
	uint32_t steps[MAGICS_MAX];
	uint16_t offsets[MAGICS_MAX];
	size_t n;
} beginnings;

static uint32_t steps_at(const void *p)
{
	uint32_t word;
	memcpy(&word, p, sizeof word);
	return (word ^ word >> 8) & 0xffffff;
}

static bool is_telling(const struct format_magic *m)
{
	return m->n >= MAGIC_MIN && m->offset <= WINDOW;
}

static void beginnings_list(void)
{
	for (size_t i = 0; format_registry[i]; i++)
		for (const struct format_magic *m = format_registry[i]->magics; m && m->bytes; m++)
			if (is_telling(m) && beginnings.n < MAGICS_MAX) {
				beginnings.steps[beginnings.n] = steps_at(m->bytes);
				beginnings.offsets[beginnings.n++] = (uint16_t)m->offset;
			}
}

/* Of a blob of SIZE_MIN bytes. */
static bool may_be_disguised(struct span all)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, beginnings_list);
	bool any = beginnings.n == MAGICS_MAX; /* not all of them are known then */
	for (size_t i = 0; i < beginnings.n && !any; i++)
		any = steps_at(all.p + beginnings.offsets[i]) == beginnings.steps[i];
	return any;
}

/* The byte that makes the first bytes a magic of four or more; 0 when there is none. */
static uint8_t key_of_magic(struct span all)
{
	if (!may_be_disguised(all))
		return 0;
	for (size_t i = 0; format_registry[i]; i++)
		for (const struct format_magic *m = format_registry[i]->magics; m && m->bytes; m++) {
			struct span at = span_sub(all, m->offset, m->n);
			if (!at.p || !is_telling(m))
				continue;
			uint8_t key = at.p[0] ^ (uint8_t)m->bytes[0];
			size_t same = 1;
			while (same < m->n && (at.p[same] ^ (uint8_t)m->bytes[same]) == key)
				same++;
			if (key && same == m->n && disguise_begins(all, 0, undo, &(struct key){ { key }, 1 }))
				return key;
		}
	return 0;
}

/* The same for streams whose magics are short: three bytes, or two and such as are the same. */
static uint8_t key_of_stream(struct span all)
{
	const uint8_t *p = all.p;
	uint8_t key = 0;
	if ((p[0] ^ p[1]) == (0x1f ^ 0x8b) && (p[1] ^ p[2]) == (0x8b ^ 8))
		key = p[0] ^ 0x1f;
	else if ((p[0] ^ p[1]) == ('B' ^ 'Z') && (p[1] ^ p[2]) == ('Z' ^ 'h') && (p[2] ^ p[4]) == ('h' ^ '1'))
		key = p[0] ^ 'B';
	else if ((p[0] ^ p[1]) == 0x5d && p[1] == p[2] && p[1] == p[13]) /* LZMA: a dictionary of 64 KiB or more, and the coder's first byte */
		key = p[1];
	return key && disguise_is_stream(all, undo, &(struct key){ { key }, 1 }) ? key : 0;
}

static bool find_key(struct span all, struct key *key)
{
	if (all.n < SIZE_MIN || span_starts(all, "\x7f" "ELF", 4)) /* a program is itself: most files of an image */
		return false;
	key->n = 1;
	key->bytes[0] = key_of_magic(all);
	if (!key->bytes[0])
		key->bytes[0] = key_of_stream(all);
	if (key->bytes[0])
		return true;
	if (!key_of_padding(all, key))
		return false;
	if (disguise_holds(all, undo, key)) /* padded with zeros */
		return true;
	for (size_t i = 0; i < key->n; i++)
		key->bytes[i] = (uint8_t)~key->bytes[i]; /* padded with ones */
	return disguise_holds(all, undo, key);
}

static bool xor_probe(struct span at, struct format_match *match)
{
	struct key key;
	if (!find_key(at, &key) || disguise_is_none(at))
		return false;
	match->size = at.n;
	match->confidence = 55;
	return true;
}

static struct error xor_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct key key;
	if (!find_key(bytes, &key))
		return error_at(ERR_CORRUPT, 0, "no key under which an image appears");
	return disguise_unpack(bytes, undo, &key, out, used);
}

static void xor_describe(struct span bytes, struct sink *sink)
{
	struct key key;
	char hex[2 * KEY_MAX + 1];
	if (!find_key(bytes, &key))
		return;
	hash_hex(key.bytes, key.n, hex);
	emit_header_field(sink, UINT64_MAX, "key", "%s", hex);
}

const struct format xor_format = {
	.name = "xor",
	.kind = FORMAT_ENCODING,
	.title = "image under a repeated XOR key of up to 64 bytes",
	.spec = "structure of the image that comes out",
	.probe = xor_probe,
	.unpack = xor_unpack,
	.describe = xor_describe,
	.at_start = true,
};
