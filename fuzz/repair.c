/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repair.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/hash.h"
#include "format/digest.h"
#include "target.h"

/* A node within a directory within a superblock: more do not guard each other. */
#define ROUNDS 4
/* Where the order of what is computed has changed, every checksum is another one than before: looking for all of them takes long. */
#define TRIES_MAX 8

static struct checksum_list *list; /* what is computed now goes here; NULL: nowhere */
static struct span covers;         /* the input that is being run */

static void note(struct span bytes, const void *value, size_t size)
{
	if (!list || list->n == CHECKSUMS_MAX || !bytes.n)
		return;
	uintptr_t from = (uintptr_t)bytes.p, start = (uintptr_t)covers.p;
	struct checksum *c = &list->v[list->n++];
	*c = (struct checksum){ .size = (uint8_t)size, .covered = bytes.n };
	c->at = from >= start && from - start < covers.n ? from - start : UINT64_MAX;
	memcpy(c->value, value, size);
}

/* What the linker puts in the place of the functions, and these by another name. */
uint32_t __real_hash_crc32(uint32_t crc, struct span bytes);
uint32_t __wrap_hash_crc32(uint32_t crc, struct span bytes);
uint32_t __real_hash_crc32_raw(uint32_t crc, struct span bytes);
uint32_t __wrap_hash_crc32_raw(uint32_t crc, struct span bytes);
uint16_t __real_hash_crc16(uint16_t polynomial, uint16_t crc, struct span bytes);
uint16_t __wrap_hash_crc16(uint16_t polynomial, uint16_t crc, struct span bytes);
uint32_t __real_hash_sum(struct span bytes);
uint32_t __wrap_hash_sum(struct span bytes);
uint32_t __real_hash_adler32(struct span bytes);
uint32_t __wrap_hash_adler32(struct span bytes);
uint32_t __real_crc32c_update(uint32_t crc, struct span bytes);
uint32_t __wrap_crc32c_update(uint32_t crc, struct span bytes);
void __real_digest_of(enum digest digest, struct span bytes, uint8_t *out);
void __wrap_digest_of(enum digest digest, struct span bytes, uint8_t *out);
void __real_digest_of_parts(enum digest digest, const struct span *parts, size_t n, uint8_t *out);
void __wrap_digest_of_parts(enum digest digest, const struct span *parts, size_t n, uint8_t *out);

uint32_t __wrap_hash_crc32(uint32_t crc, struct span bytes)
{
	uint32_t value = __real_hash_crc32(crc, bytes);
	note(bytes, &value, sizeof value);
	return value;
}

uint32_t __wrap_hash_crc32_raw(uint32_t crc, struct span bytes)
{
	uint32_t value = __real_hash_crc32_raw(crc, bytes);
	note(bytes, &value, sizeof value);
	return value;
}

uint16_t __wrap_hash_crc16(uint16_t polynomial, uint16_t crc, struct span bytes)
{
	uint16_t value = __real_hash_crc16(polynomial, crc, bytes);
	note(bytes, &value, sizeof value);
	return value;
}

uint32_t __wrap_hash_sum(struct span bytes)
{
	uint32_t value = __real_hash_sum(bytes);
	note(bytes, &value, sizeof value);
	return value;
}

uint32_t __wrap_hash_adler32(struct span bytes)
{
	uint32_t value = __real_hash_adler32(bytes);
	note(bytes, &value, sizeof value);
	return value;
}

uint32_t __wrap_crc32c_update(uint32_t crc, struct span bytes)
{
	uint32_t value = __real_crc32c_update(crc, bytes);
	note(bytes, &value, sizeof value);
	return value;
}

void __wrap_digest_of(enum digest digest, struct span bytes, uint8_t *out)
{
	__real_digest_of(digest, bytes, out);
	note(bytes, out, digest_size(digest));
}

void __wrap_digest_of_parts(enum digest digest, const struct span *parts, size_t n, uint8_t *out)
{
	__real_digest_of_parts(digest, parts, n, out);
	if (n)
		note(parts[0], out, digest_size(digest));
}

void repair_list(struct checksum_list *to, struct span input)
{
	list = to;
	covers = input;
	to->n = 0;
	target_run(input);
	list = NULL;
}

/* The occurrence of the value that is nearest to `near`: a checksum stands beside what it covers, and there may be copies.
 * A short value is taken only where it is the only one. */
static uint8_t *find(uint8_t *bytes, size_t n, const uint8_t *value, size_t size, uint64_t near)
{
	uint8_t *best = NULL, *p = bytes;
	unsigned found = 0;
	while (n >= size && (p = memmem(p, n - (size_t)(p - bytes), value, size))) {
		uint64_t at = (uint64_t)(p - bytes), had = best ? (uint64_t)(best - bytes) : 0;
		uint64_t away = at > near ? at - near : near - at, had_away = had > near ? had - near : near - had;
		best = !best || away < had_away ? p : best;
		found++;
		p++;
	}
	return size == 2 && found != 1 ? NULL : best;
}

static void reverse(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint8_t swap = p[i];
		p[i] = p[n - 1 - i];
		p[n - 1 - i] = swap;
	}
}

/* As computed, in the other byte order, and both inverted, as a CRC may be stored. */
static bool put(uint8_t *bytes, size_t n, struct checksum was, struct checksum is)
{
	for (unsigned form = 0; form < (was.size > 4 ? 1u : 4u); form++) {
		uint8_t *p = find(bytes, n, was.value, was.size, is.at == UINT64_MAX ? 0 : is.at);
		if (p) {
			memcpy(p, is.value, is.size);
			return true;
		}
		reverse(was.value, was.size);
		reverse(is.value, is.size);
		for (size_t i = 0; form == 1 && i < was.size; i++) {
			was.value[i] = (uint8_t)~was.value[i];
			is.value[i] = (uint8_t)~is.value[i];
		}
	}
	return false;
}

/* A value such as nothing's is found everywhere. */
static bool is_plain(const struct checksum *c)
{
	unsigned zeros = 0, ones = 0;
	for (size_t i = 0; i < c->size; i++) {
		zeros += c->value[i] == 0;
		ones += c->value[i] == 0xff;
	}
	return 2 * zeros >= c->size || 2 * ones >= c->size;
}

/* What covered the same bytes before; or else what was computed as the same one, of as many bytes. */
static const struct checksum *counterpart(const struct checksum_list *before, const struct checksum *c, size_t index)
{
	for (size_t i = 0; c->at != UINT64_MAX && i < before->n; i++) {
		const struct checksum *b = &before->v[(index + i) % before->n];
		if (b->at == c->at && b->covered == c->covered && b->size == c->size)
			return b;
	}
	const struct checksum *b = index < before->n ? &before->v[index] : NULL;
	return b && b->covered == c->covered && b->size == c->size ? b : NULL;
}

bool repair_bytes(uint8_t *bytes, size_t n, const struct checksum_list *before, const struct checksum_list *after)
{
	bool any = false;
	for (size_t i = 0, tries = 0; i < after->n && tries < TRIES_MAX; i++) {
		const struct checksum *is = &after->v[i], *was = counterpart(before, is, i);
		if (was && memcmp(was->value, is->value, is->size) != 0 && !is_plain(was)) {
			any |= put(bytes, n, *was, *is);
			tries++;
		}
	}
	return any;
}

void repair_all(uint8_t *bytes, size_t n, const struct checksum_list *before, void (*keep)(const uint8_t *bytes, size_t n))
{
	static struct checksum_list after;
	for (unsigned round = 0; before->n && round < ROUNDS; round++) {
		if (keep)
			keep(bytes, n);
		repair_list(&after, span_of(bytes, n));
		if (!repair_bytes(bytes, n, before, &after))
			return;
	}
}
