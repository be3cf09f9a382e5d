/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decmpfs_writer.h"

#include <assert.h>
#include <zlib.h>

#include "little_endian.h"
#include "lzfse_writer.h"

#define CHUNK 65536u
#define DATA_AT 0x100u /* of a resource */
#define MAP_SIZE 50u

static void put_big(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* One chunk, or all that an attribute holds. What does not become smaller is stored. */
static size_t pack(unsigned type, struct span s, uint8_t *out)
{
	uLongf n = compressBound(s.n);
	size_t packed = 0;
	switch (type) {
	case 1:
		memcpy(out, s.p, s.n);
		return s.n;
	case 3:
	case 4:
		assert(compress2(out, &n, s.p, s.n, 9) == Z_OK);
		packed = n;
		break;
	case 7:
	case 8:
		packed = lzvn_write(s, out);
		break;
	case 11:
	case 12:
		packed = lzfse_write(s, '2', out);
		break;
	default:
		break;
	}
	if (packed && packed <= s.n)
		return packed;
	out[0] = type == 7 || type == 8 ? 6 : type == 9 || type == 10 ? 0xcc : type == 13 ? 0x5a : 0xff;
	memcpy(out + 1, s.p, s.n);
	return s.n + 1;
}

/* Places of the chunks, and where they end. */
static size_t write_list(unsigned type, struct span file, uint8_t *fork)
{
	uint32_t chunks = (uint32_t)((file.n + CHUNK - 1) / CHUNK), at = 4 * (chunks + 1);
	for (uint32_t i = 0; i < chunks; i++) {
		put(fork + 4 * i, at, 4);
		at += (uint32_t)pack(type, span_clip(file, (uint64_t)CHUNK * i, CHUNK), fork + at);
	}
	put(fork + 4 * chunks, at, 4);
	return at;
}

/* One resource of the type "cmpf": a count, places and sizes, chunks; behind it the map. */
static size_t write_resource(unsigned type, struct span file, uint8_t *fork)
{
	uint32_t chunks = (uint32_t)((file.n + CHUNK - 1) / CHUNK), at = 4 + 8 * chunks;
	uint8_t *resource = fork + DATA_AT + 4;
	memset(fork, 0, DATA_AT + 4 + at);
	put(resource, chunks, 4);
	for (uint32_t i = 0; i < chunks; i++) {
		size_t n = pack(type, span_clip(file, (uint64_t)CHUNK * i, CHUNK), resource + at);
		put(resource + 4 + 8 * i, at, 4);
		put(resource + 8 + 8 * i, n, 4);
		at += (uint32_t)n;
	}
	uint32_t end = DATA_AT + 4 + at;
	put_big(fork, DATA_AT);
	put_big(fork + 4, end);
	put_big(fork + 8, at + 4);
	put_big(fork + 12, MAP_SIZE);
	put_big(fork + DATA_AT, at);
	memset(fork + end, 0, MAP_SIZE);
	fork[end + 25] = 28;
	fork[end + 27] = MAP_SIZE;
	memcpy(fork + end + 30, "cmpf\0\0\0\12\0\1\xff\xff", 12);
	return end + MAP_SIZE;
}

size_t decmpfs_write(unsigned type, struct span file, uint8_t *attribute, uint8_t *fork, size_t *fork_n)
{
	bool listed = type & DECMPFS_LISTED || type == 8 || type == 12;
	type &= 0xff;
	memcpy(attribute, "fpmc", 4);
	put(attribute + 4, type, 4);
	put(attribute + 8, file.n, 8);
	*fork_n = 0;
	if (type % 2)
		return 16 + pack(type, file, attribute + 16);
	*fork_n = (listed ? write_list : write_resource)(type, file, fork);
	return 16;
}
