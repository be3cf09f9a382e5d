/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The archives that are made: 7zFormat.txt of the LZMA SDK; PKWARE APPNOTE.TXT 4.3.7 and 5.10. */
#include "format/ppmd.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/hash.h"
#include "format/format.h"

#define START 32u /* the signature header of 7z */
#define HEADER_MAX 128u
#define CHUNK (256u << 10)
/* Of the model. 7-Zip asks for 192 MiB at its strongest setting. */
#define MODEL_MAX (1u << 30)

static void put(uint8_t *out, size_t *n, const void *bytes, size_t size)
{
	memcpy(out + *n, bytes, size);
	*n += size;
}

/* As 0xff and eight bytes, which any number may be written as. */
static void put_number(uint8_t *out, size_t *n, uint64_t v)
{
	out[(*n)++] = 0xff;
	for (unsigned i = 0; i < 8; i++)
		out[(*n)++] = (uint8_t)(v >> (8 * i));
}

static void put_u32(uint8_t *out, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (8 * i));
}

/* One packed stream, one folder of one coder, one file. */
static size_t header_make(uint8_t *out, struct span properties, uint64_t packed, uint64_t size)
{
	size_t n = 0;
	put(out, &n, "\1\4\6\0\1\11", 6);
	put_number(out, &n, packed);
	put(out, &n, "\0\7\13\1\0\1\43\3\4\1\5", 11);
	put(out, &n, properties.p, properties.n);
	put(out, &n, "\14", 1);
	put_number(out, &n, size);
	put(out, &n, "\0\10\0\0\5\1\21\5\0p\0\0\0\0\0", 15);
	return n;
}

static void signature_make(uint8_t start[START], uint64_t packed, struct span header)
{
	memcpy(start, "7z\xbc\xaf\x27\x1c\0\4", 8);
	put_u32(start + 12, (uint32_t)packed);
	put_u32(start + 16, (uint32_t)(packed >> 32));
	put_u32(start + 20, (uint32_t)header.n);
	put_u32(start + 24, 0);
	put_u32(start + 28, hash_crc32(0, header));
	put_u32(start + 8, hash_crc32(0, span_of(start + 12, 20)));
}

static enum error_code make_7z(struct span properties, struct span packed, uint64_t size, struct buf *b)
{
	uint8_t header[HEADER_MAX], start[START];
	size_t n = header_make(header, properties, packed.n, size);
	signature_make(start, packed.n, span_of(header, n));
	enum error_code code = buf_add(b, start, sizeof start);
	code = code ? code : buf_add(b, packed.p, packed.n);
	return code ? code : buf_add(b, header, n);
}

/* A local header, which is all that libarchive needs where it reads from the beginning on. The caller holds what comes out against
 * its CRC. */
static enum error_code make_zip(struct span packed, uint64_t size, struct buf *b)
{
	uint8_t header[31] = { 'P', 'K', 3, 4, 20, 0, 0, 0, 98 };
	put_u32(header + 18, (uint32_t)packed.n);
	put_u32(header + 22, (uint32_t)size);
	header[26] = 1;
	header[30] = 'p';
	enum error_code code = buf_add(b, header, sizeof header);
	return code ? code : buf_add(b, packed.p, packed.n);
}

static struct error read_only_entry(struct archive *a, uint64_t size, struct buf *out)
{
	struct archive_entry *ae;
	if (archive_read_next_header(a, &ae) < ARCHIVE_WARN)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "PPMd data cannot be read");
	for (size_t begin = out->n; out->n - begin < size;) {
		size_t want = size - (out->n - begin) < CHUNK ? (size_t)(size - (out->n - begin)) : CHUNK;
		if (out->limit && want > out->limit - out->n)
			want = out->limit - out->n;
		if (want == 0 || buf_reserve(out, want))
			return error_at(ERR_BUDGET, OFFSET_NONE, "PPMd data unpacks to more than there is room for");
		la_ssize_t got = archive_read_data(a, out->p + out->n, want);
		if (got <= 0)
			return error_at(ERR_CORRUPT, OFFSET_NONE, "PPMd data ends after %zu of %llu bytes", out->n - begin,
							(unsigned long long)size);
		out->n += (size_t)got;
	}
	return error_none();
}

static struct error unpack(int (*enable)(struct archive *), struct span made, uint64_t size, struct buf *out)
{
	struct archive *a = archive_read_new();
	if (!a)
		return error_at(ERR_MEMORY, OFFSET_NONE, "no memory for PPMd");
	(void)enable(a);
	(void)archive_read_set_format_option(a, "zip", "ignorecrc32", "1");
	struct error e = archive_read_open_memory(a, made.p, made.n) != ARCHIVE_OK
						 ? error_at(ERR_CORRUPT, OFFSET_NONE, "PPMd data cannot be read")
						 : read_only_entry(a, size, out);
	archive_read_free(a);
	return e;
}

struct error ppmd_7z(struct span properties, struct span packed, uint64_t size, struct buf *out)
{
	if (properties.n != 5)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "PPMd has properties of %zu bytes, not of 5", properties.n);
	if (span_u32le(properties, 1) > MODEL_MAX)
		return error_at(ERR_BUDGET, OFFSET_NONE, "PPMd needs a model of more than %u MiB", MODEL_MAX >> 20);
	struct buf made = { .meter = out->meter };
	struct error e = make_7z(properties, packed, size, &made) ? error_at(ERR_MEMORY, OFFSET_NONE, "no memory for PPMd")
															 : unpack(archive_read_support_format_7zip, buf_span(&made), size, out);
	buf_free(&made);
	return e;
}

struct error ppmd_zip(struct span packed, uint64_t size, struct buf *out)
{
	if (packed.n > UINT32_MAX || size > UINT32_MAX)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "PPMd data of 4 GiB and more is not read");
	struct buf made = { .meter = out->meter };
	struct error e = make_zip(packed, size, &made)
						 ? error_at(ERR_MEMORY, OFFSET_NONE, "no memory for PPMd")
						 : unpack(archive_read_support_format_zip_streamable, buf_span(&made), size, out);
	buf_free(&made);
	return e;
}
