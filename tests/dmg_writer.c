/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dmg_writer.h"

#include <assert.h>
#include <bzlib.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "big_endian.h"
#include "lzfse_writer.h"

#define SECTOR 512u
#define CHUNK_SECTORS 64u
#define CHUNK (CHUNK_SECTORS * SECTOR)

/* Literals and matches of both lengths, greedily against what stands one period before. */
static size_t adc_write(struct span s, uint8_t *out)
{
	size_t n = 0, at = 0, literal = 0;
	while (at <= s.n) {
		size_t d = 0, m = 0;
		for (size_t try = 1; at < s.n && try <= at && try < 5000; try = try < 1100 ? try + 1 : try * 2) {
			size_t k = 0;
			while (at + k < s.n && k < 67 && s.p[at + k] == s.p[at + k - try])
				k++;
			if (k > m) {
				m = k;
				d = try;
			}
		}
		if (at < s.n && (m < 4 || (m < 5 && d > 1024))) {
			at++;
			if (at - literal < 128)
				continue;
			m = 0;
		}
		if (at > literal) {
			out[n++] = (uint8_t)(0x80 | (at - literal - 1));
			memcpy(out + n, s.p + literal, at - literal);
			n += at - literal;
			literal = at;
		}
		if (at == s.n)
			break;
		if (m >= 4 && m <= 18 && d <= 1024) {
			put(out + n, (m - 3) << 10 | (d - 1), 2);
			n += 2;
		} else if (m >= 4) {
			out[n++] = (uint8_t)(0x40 | (m - 4));
			put(out + n, d - 1, 2);
			n += 2;
		} else {
			continue;
		}
		at += m;
		literal = at;
	}
	return n;
}

static size_t pack(uint32_t type, struct span s, uint8_t *out)
{
	uLongf zn = 4 * CHUNK;
	unsigned bn = 4 * CHUNK;
	size_t xn = 0;
	switch (type) {
	case 1:
		memcpy(out, s.p, s.n);
		return s.n;
	case 0x80000004:
		return adc_write(s, out);
	case 0x80000005:
		assert(compress2(out, &zn, s.p, s.n, 6) == Z_OK);
		return zn;
	case 0x80000006:
		assert(BZ2_bzBuffToBuffCompress((char *)out, &bn, (char *)s.p, (unsigned)s.n, 1, 0, 0) == BZ_OK);
		return bn;
	case 0x80000007:
		return lzfse_write(s, s.n < CHUNK ? 'n' : '2', out);
	case 0x80000008:
		assert(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, s.p, s.n, out, &xn, 4 * CHUNK) == LZMA_OK);
		return xn;
	default:
		return 0;
	}
}

static void put_chunk(uint8_t *p, uint32_t type, uint64_t sector, uint64_t sectors, uint64_t at, uint64_t size)
{
	put(p, type, 4);
	put(p + 4, type == 0x7ffffffe ? 0x2b626567 : 0, 4); /* "+beg" */
	put(p + 8, sector, 8);
	put(p + 16, sectors, 8);
	put(p + 24, at, 8);
	put(p + 32, size, 8);
}

struct state {
	const struct dmg_options *o;
	uint8_t *out;
	size_t n;
	unsigned turn;
};

/* Packs part of the disk; gives the size of its table. */
static size_t write_table(struct state *st, struct span disk, uint64_t first, uint64_t sectors, uint8_t *mish)
{
	struct span all = span_sub(disk, first * SECTOR, sectors * SECTOR);
	uint8_t *p = mish + 204;
	uint64_t data_at = st->n;
	uint32_t chunks = 1, crc = 0; /* which does not count what is ignored, as 7-Zip has it */
	memset(mish, 0, 204);
	put_chunk(p, 0x7ffffffe, 0, 0, 0, 0);
	p += 40;
	for (uint64_t at = 0; at < sectors; at += CHUNK_SECTORS, p += 40, chunks++) {
		struct span part = span_clip(all, at * SECTOR, CHUNK);
		uint32_t type = st->o->types[st->turn++];
		if (st->o->types[st->turn] == 0xffffffff)
			st->turn = 0;
		if (span_is_zero(part))
			type = at % 128 ? 0 : 2;
		if (type != 2)
			crc = (uint32_t)crc32(crc, part.p, (unsigned)part.n);
		size_t size = pack(type, part, st->out + st->n);
		put_chunk(p, type, at, part.n / SECTOR, st->n - data_at, size);
		st->n += size;
	}
	bool last = st->o->unwritten && (first + sectors) * SECTOR == disk.n;
	if (last) {
		put_chunk(p, 2, sectors, st->o->unwritten, st->n - data_at, 0);
		sectors += st->o->unwritten;
		p += 40;
		chunks++;
	}
	put_chunk(p, 0xffffffff, sectors, 0, st->n - data_at, 0);
	chunks++;
	memcpy(mish, "mish\0\0\0\1", 8);
	put(mish + 8, first, 8);
	put(mish + 16, sectors, 8);
	put(mish + 24, data_at, 8);
	put(mish + 32, CHUNK_SECTORS + 8, 4);
	put(mish + 64, st->o->no_sums ? 0 : 2, 4);
	put(mish + 68, 32, 4);
	put(mish + 72, crc, 4);
	put(mish + 200, chunks, 4);
	return 204 + 40 * (size_t)chunks;
}

static size_t base64(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t k = 0;
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
		for (unsigned d = 0; d < 4; d++)
			out[k++] = i + d > n ? '=' : digits[v >> (18 - 6 * d) & 63];
		if (i % 39 == 36)
			k += (size_t)sprintf(out + k, "\n\t\t\t\t");
	}
	return k;
}

static size_t write_list(uint8_t *const *mish, const size_t *sizes, unsigned n, char *out)
{
	size_t k = (size_t)sprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\t<key>resource-fork</key>\n"
	                                "\t<dict>\n\t\t<key>blkx</key>\n\t\t<array>\n");
	for (unsigned i = 0; i < n; i++) {
		k += (size_t)sprintf(out + k, "\t\t\t<dict>\n\t\t\t\t<key>Attributes</key>\n\t\t\t\t<string>0x0050</string>\n\t\t\t\t<key>Data</key>\n"
		                              "\t\t\t\t<data>\n\t\t\t\t");
		k += base64(mish[i], sizes[i], out + k);
		k += (size_t)sprintf(out + k, "\n\t\t\t\t</data>\n\t\t\t\t<key>ID</key>\n\t\t\t\t<string>%u</string>\n\t\t\t\t<key>Name</key>\n"
		                              "\t\t\t\t<string>part %u</string>\n\t\t\t</dict>\n", i, i);
	}
	return k + (size_t)sprintf(out + k, "\t\t</array>\n\t</dict>\n</dict>\n</plist>\n");
}

/* Data of the resources, behind the header; the map, with one type. */
static size_t write_fork(uint8_t *const *mish, const size_t *sizes, unsigned n, uint8_t *out)
{
	size_t data = 0, at;
	memset(out, 0, 256);
	for (unsigned i = 0; i < n; i++) {
		put(out + 256 + data, sizes[i], 4);
		memcpy(out + 260 + data, mish[i], sizes[i]);
		data += 4 + sizes[i];
	}
	uint8_t *map = out + 256 + data;
	memset(map, 0, 28);
	put(map + 24, 28, 2);
	put(map + 26, 28 + 10 + 12 * n, 2);
	put(map + 28, 0, 2);
	memcpy(map + 30, "blkx", 4);
	put(map + 34, n - 1, 2);
	put(map + 36, 10, 2);
	data = 0;
	for (unsigned i = 0; i < n; i++) {
		put(map + 38 + 12 * i, i, 2);
		put(map + 40 + 12 * i, 7 * i, 2); /* the name */
		put(map + 42 + 12 * i, data, 4);
		put(map + 46 + 12 * i, 0, 4);
		data += 4 + sizes[i];
	}
	at = 38 + 12 * n;
	for (unsigned i = 0; i < n; i++, at += 7)
		memcpy(map + at, "\6part A", 7);
	put(out, 256, 4);
	put(out + 4, 256 + data, 4);
	put(out + 8, data, 4);
	put(out + 12, at, 4);
	memcpy(map, out, 16);
	return 256 + data + at;
}

uint8_t *dmg_write(struct span disk, const struct dmg_options *o, size_t *n)
{
	struct state st = { .o = o, .out = calloc(1, 8 * disk.n + (1u << 20)) };
	uint8_t *mish[16], sums[64];
	size_t sizes[16];
	uint64_t sectors = disk.n / SECTOR, each = (sectors + o->tables - 1) / o->tables;
	assert(o->tables <= 16);
	for (unsigned i = 0; i < o->tables; i++) {
		uint64_t first = each * i, count = first + each < sectors ? each : sectors - first;
		mish[i] = malloc(204 + 40 * (count / CHUNK_SECTORS + 5));
		sizes[i] = write_table(&st, disk, first, count, mish[i]);
		memcpy(sums + 4 * i, mish[i] + 72, 4);
	}
	size_t data = st.n, size = o->fork ? write_fork(mish, sizes, o->tables, st.out + data)
	                                   : write_list(mish, sizes, o->tables, (char *)st.out + data);
	uint8_t *koly = st.out + data + size;
	memset(koly, 0, 512);
	memcpy(koly, "koly\0\0\0\4\0\0\2\0\0\0\0\1", 16);
	put(koly + 32, data, 8);
	put(koly + (o->fork ? 40 : 216), data, 8);
	put(koly + (o->fork ? 48 : 224), size, 8);
	put(koly + 56, 1, 4);
	put(koly + 60, 1, 4);
	put(koly + 80, o->no_sums ? 0 : 2, 4);
	put(koly + 84, 32, 4);
	put(koly + 88, crc32(0, st.out, (unsigned)data), 4);
	put(koly + 352, o->no_sums ? 0 : 2, 4);
	put(koly + 356, 32, 4);
	put(koly + 360, crc32(0, sums, 4 * o->tables), 4);
	put(koly + 488, 1, 4);
	put(koly + 492, sectors + o->unwritten, 8);
	for (unsigned i = 0; i < o->tables; i++)
		free(mish[i]);
	*n = data + size + 512;
	return st.out;
}
