/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UPDATE.APP (UPDATA.APP): the packages of Huawei's Android devices, set-top boxes and tablets: files with heads one behind the other, each
 * head with a CRC-16 of itself and one of each block of the file. Before the first one stand 92 zeros.
 *
 * Specification: split_updata.pl; what modaco.com/topic/335661 says of the head's CRC; HuaweiUpdateLibrary.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/parts.h"
#include "format/wrapper.h"

#define MAGIC_BYTES "\x55\xaa\x5a\xa5"
#define HEADER_MIN 98u
#define HEADER_MAX (1u << 20)
#define CRC_AT 92u
#define FILES_MAX 1024u
#define POLYNOMIAL 0x8408u

struct file {
	uint32_t header, sequence, size;
	uint16_t block;
	struct span type;
};

static uint16_t crc_of(struct span s)
{
	return (uint16_t)~hash_crc16(POLYNOMIAL, 0xffff, s);
}

/* The head's CRC is made with zeros in its own place. */
static bool file_read(struct span bytes, uint64_t at, struct file *f)
{
	struct span head = span_sub(bytes, at, HEADER_MIN);
	uint8_t covered[HEADER_MIN];
	if (!span_starts(head, MAGIC_BYTES, 4))
		return false;
	memcpy(covered, head.p, HEADER_MIN);
	memset(covered + CRC_AT, 0, 2);
	*f = (struct file){ span_u32le(head, 4), span_u32be(head, 20), span_u32le(head, 24), span_u16le(head, 94), span_sub(head, 60, 16) };
	return f->header >= HEADER_MIN && f->header <= HEADER_MAX && span_u32le(head, 8) == 1 && wrapper_is_text(span_sub(head, 28, 16)) &&
		   crc_of(span_of(covered, HEADER_MIN)) == span_u16le(head, CRC_AT);
}

static uint64_t file_end(const struct file *f, uint64_t at)
{
	return at + f->header + (uint64_t)f->size;
}

static uint64_t aligned(uint64_t at)
{
	return (at + 3) & ~(uint64_t)3;
}

static bool app_probe(struct span at, struct format_match *match)
{
	struct file f;
	uint64_t end = 0;
	for (unsigned i = 0; i < FILES_MAX && file_read(at, aligned(end), &f); i++)
		end = file_end(&f, aligned(end));
	match->size = end;
	match->confidence = 95;
	return end;
}

/* The blocks' CRCs stand behind the head. They are not compared where their number is another one. */
static void verify(struct walk *w, struct span bytes, uint64_t at, const struct file *f, const char *name)
{
	struct span sums = span_sub(bytes, at + HEADER_MIN, f->header - HEADER_MIN), data = span_sub(bytes, at + f->header, f->size);
	if (!data.p || !f->block || sums.n / 2 != (f->size + (uint64_t)f->block - 1) / f->block)
		return;
	for (size_t i = 0; i < sums.n / 2; i++)
		if (crc_of(span_clip(data, i * f->block, f->block)) != span_u16le(sums, 2 * i)) {
			emit_damage_at(w->sink, ERR_CORRUPT, at + f->header + i * f->block, "the CRC of %s is another one", name);
			return;
		}
}

/* Newer packages say what a file is, older ones ("INPUT") give it a number. */
static void name_file(const struct file *f, char *name, size_t n)
{
	struct text type = wrapper_text(f->type);
	if (type.n && !text_is(type, "INPUT"))
		snprintf(name, n, "%.*s", (int)type.n, type.p);
	else
		snprintf(name, n, "file-0x%08x", f->sequence);
}

static struct error app_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	struct file f;
	uint64_t at = 0;
	for (unsigned i = 0; i < FILES_MAX && file_read(bytes, at, &f); i++) {
		char name[32];
		name_file(&f, name, sizeof name);
		if (!i) {
			wrapper_field(w, 12, "hardware_id", span_sub(bytes, 12, 8));
			wrapper_field(w, 28, "date", span_sub(bytes, 28, 16));
		}
		verify(w, bytes, at, &f, name);
		if (f.size && !parts_emit(&p, text_c(name), at + f.header, f.size, NULL))
			break;
		at = aligned(file_end(&f, at));
	}
	return error_none();
}

static const struct format_magic app_magics[] = { MAGIC(MAGIC_BYTES, 0), MAGIC_END };

const struct format huawei_app_format = {
	.name = "huawei_app",
	.kind = FORMAT_CONTAINER,
	.title = "Huawei UPDATE.APP",
	.spec = "split_updata.pl; HuaweiUpdateLibrary",
	.magics = app_magics,
	.probe = app_probe,
	.walk = app_walk,
	.own_bytes = true, /* the heads, whose sums are compared */
};
