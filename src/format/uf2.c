/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UF2: blocks of 512 bytes, each with an address and up to 476 bytes for it, for chips that show themselves as a disk; or with a
 * place in a file of the chip's own file system.
 *
 * Specification: https://github.com/microsoft/uf2, README.md; picotool lib/uf2/uf2.h (UF2_EXTENSION_RP2_IGNORE_BLOCK).
 */
#include <stdlib.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>

#include "format/format.h"
#include "format/memory_image.h"
#include "format/path.h"

#define BLOCK 512u
#define PAYLOAD_MAX 476u
#define PAYLOAD_AT 32u
#define MD5_AT (BLOCK - 4u - 24u)
#define RP2XXX_ABSOLUTE 0xe48bff57u
#define TAG_IGNORE 0x9957e304u /* of picotool: a block that is there to get round the RP2350's erratum E10, and of no other use */

enum flags { NOT_MAIN_FLASH = 1, FILE_CONTAINER = 0x1000, HAS_FAMILY = 0x2000, HAS_MD5 = 0x4000, HAS_TAGS = 0x8000 };

struct block {
	uint32_t flags, address, size, number, count, family;
	struct span payload;
	bool ignored;
};

static const struct {
	uint32_t id;
	const char *name;
} families[] = {
	{ 0x16573617, "ATMEGA32" },
	{ 0x1851780a, "SAML21" },
	{ 0x1b57745f, "NRF52" },
	{ 0x1c5f21b0, "ESP32" },
	{ 0x1e1f432d, "STM32L1" },
	{ 0x202e3a91, "STM32L0" },
	{ 0x21460ff0, "STM32WL" },
	{ 0x2abc77ec, "LPC55" },
	{ 0x300f5633, "STM32G0" },
	{ 0x31d228c6, "GD32F350" },
	{ 0x04240bdf, "STM32L5" },
	{ 0x4c71240a, "STM32G4" },
	{ 0x4fb2d5bd, "MIMXRT10XX" },
	{ 0x53b80f00, "STM32F7" },
	{ 0x55114460, "SAMD51" },
	{ 0x57755a57, "STM32F4" },
	{ 0x5a18069b, "FX2" },
	{ 0x5d1a0a2e, "STM32F2" },
	{ 0x5ee21072, "STM32F1" },
	{ 0x621e937a, "NRF52833" },
	{ 0x647824b6, "STM32F0" },
	{ 0x68ed2b88, "SAMD21" },
	{ 0x6b846188, "STM32F3" },
	{ 0x6d0922fa, "STM32F407" },
	{ 0x6db66082, "STM32H7" },
	{ 0x70d16653, "STM32WB" },
	{ 0x7eab61ed, "ESP8266" },
	{ 0x7f83e793, "KL32L2" },
	{ 0x8fb060fe, "STM32F407VG" },
	{ 0xada52840, "NRF52840" },
	{ 0xbfdd4eee, "ESP32S2" },
	{ 0xc47e5767, "ESP32S3" },
	{ 0xd42ba06c, "ESP32C3" },
	{ 0xe48bff56, "RP2040" },
	{ RP2XXX_ABSOLUTE, "RP2XXX_ABSOLUTE" },
	{ 0xe48bff59, "RP2350_ARM_S" },
	{ 0xe48bff5a, "RP2350_RISCV" },
	{ 0xe48bff5b, "RP2350_ARM_NS" },
};

/* The first one had no tag yet: the first of two blocks of 0xef bytes, of which the second one never comes. */
static bool to_be_ignored(struct span s, const struct block *b)
{
	if (b->flags & HAS_TAGS)
		return b->size <= PAYLOAD_MAX && span_u32le(s, PAYLOAD_AT + b->size) == TAG_IGNORE;
	for (size_t i = 0; i < b->payload.n; i++)
		if (b->payload.p[i] != 0xef)
			return false;
	return b->family == RP2XXX_ABSOLUTE && b->payload.n == 256 && b->number == 0 && b->count == 2;
}

static bool read_block(struct span bytes, uint64_t at, struct block *b)
{
	struct span s = span_sub(bytes, at, BLOCK);
	struct reader r = reader_le(s);
	uint32_t first = rd_u32(&r), second = rd_u32(&r);
	*b = (struct block){ .flags = 0 };
	b->flags = rd_u32(&r);
	b->address = rd_u32(&r);
	b->size = rd_u32(&r);
	b->number = rd_u32(&r);
	b->count = rd_u32(&r);
	b->family = rd_u32(&r);
	b->payload = span_sub(s, PAYLOAD_AT, b->size);
	b->ignored = to_be_ignored(s, b);
	return rd_ok(&r) && first == 0x0a324655 && second == 0x9e5d5157 && span_u32le(s, BLOCK - 4) == 0x0ab16f30 &&
		   b->size <= PAYLOAD_MAX && b->number < b->count;
}

static bool uf2_probe(struct span at, struct format_match *match)
{
	struct block b;
	uint64_t n = 0;
	if (!read_block(at, 0, &b))
		return false;
	/* Files of several parts count the blocks of each from 0: what follows as a block belongs to it. */
	while (read_block(at, n * BLOCK, &b))
		n++;
	match->size = n * BLOCK;
	match->confidence = 95;
	return true;
}

static const char *family_name(uint32_t id)
{
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (families[i].id == id)
			return families[i].name;
	return NULL;
}

static const char *prefix_of(uint32_t family)
{
	const char *name = family_name(family);
	return name ? name : "";
}

/* Blocks of one part count up from 0 to their number: what is missing between is damage. */
static void check_number(struct walk *w, const struct block *b, const struct block *before, uint64_t at)
{
	bool first = before->count == 0 || (before->number + 1 == before->count && b->number == 0);
	uint32_t expected = first ? 0 : before->number + 1;
	if (b->number != expected)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "block %u of %u follows block %u", b->number, b->count,
					   before->number);
}

static void describe_family(struct walk *w, const struct block *b, uint64_t at)
{
	const char *name = family_name(b->family);
	if (b->flags & HAS_FAMILY)
		emit_header_field(w->sink, at + 28, "familyID", "0x%08x%s%s", b->family, name ? " " : "", name ? name : "");
}

/* A block of a file: its payload belongs at `address` of it. */
struct piece {
	struct text name;
	struct span payload;
	uint64_t at;
	uint32_t address, file_size; /* which is no bound of memory: blocks tell what there is */
};

struct files {
	struct piece *v;
	size_t n;
	uint64_t gaps; /* bytes that may yet be put where no block is */
};

static void file_piece(struct files *f, struct span bytes, const struct block *b, uint64_t at)
{
	uint64_t name_at = at + PAYLOAD_AT + b->size;
	f->v[f->n++] = (struct piece){ .name = text_terminated(span_clip(bytes, name_at, at + BLOCK - 4 - name_at)),
								   .payload = b->payload, .at = at, .address = b->address, .file_size = b->family };
}

static int by_name(const struct piece *a, const struct piece *b)
{
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
	int order = n ? memcmp(a->name.p, b->name.p, n) : 0;
	return order ? order : (a->name.n > b->name.n) - (a->name.n < b->name.n);
}

static int by_place(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;
	int order = by_name(a, b);
	if (!order)
		order = (a->address > b->address) - (a->address < b->address);
	return order ? order : (a->at > b->at) - (a->at < b->at);
}

/* The bytes of a file's blocks, in the order of their places; *n is what they reach to. NULL: no memory. */
static uint8_t *file_bytes(struct walk *w, struct files *f, const struct piece *p, size_t pieces, size_t *n)
{
	uint64_t end = 0, gaps = 0, taken = 0;
	for (size_t i = 0; i < pieces; i++) {
		uint64_t gap = p[i].address > end ? p[i].address - end : 0;
		if (gaps + gap > f->gaps)
			break;
		if (gap)
			emit_damage_at(w->sink, ERR_TRUNCATED, p[i].at, "%.*s: no block has its bytes %llu to %u", (int)p->name.n, p->name.p,
						   (unsigned long long)end, p[i].address);
		gaps += gap;
		end = p[i].address + p[i].payload.n > end ? p[i].address + p[i].payload.n : end;
		taken++;
	}
	f->gaps -= gaps;
	uint8_t *out = ARENA_ARRAY(w->arena, uint8_t, end);
	if (out && end)
		memset(out, 0, end);
	for (size_t i = 0; out && i < taken; i++)
		if (p[i].payload.n)
			memcpy(out + p[i].address, p[i].payload.p, p[i].payload.n);
	if (end != p->file_size || taken < pieces)
		emit_damage_at(w->sink, end < p->file_size ? ERR_TRUNCATED : ERR_CORRUPT, p->at, "%.*s has %u bytes, its blocks reach to %llu",
					   (int)p->name.n, p->name.p, p->file_size, (unsigned long long)(taken < pieces ? p[taken].address : end));
	*n = end;
	return out;
}

static struct error emit_files(struct walk *w, struct files *f)
{
	struct path_buffer path = { .arena = w->arena };
	if (f->n)
		qsort(f->v, f->n, sizeof *f->v, by_place);
	for (size_t i = 0, k; i < f->n; i = k) {
		for (k = i + 1; k < f->n && by_name(&f->v[i], &f->v[k]) == 0;)
			k++;
		size_t n;
		const uint8_t *content = file_bytes(w, f, &f->v[i], k - i, &n);
		struct entry e = entry_new(ENTRY_FILE, path_from_root(&path, f->v[i].name));
		if (!content || !e.path.p)
			return error_at(ERR_BUDGET, f->v[i].at, "no memory left for a file");
		e.size = n;
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of(content, n) };
		if (!w->child(w, &e))
			break;
	}
	return error_none();
}

/* The sum of a region that several blocks name, while they come in its order. */
struct sum {
	MD5_CTX md5;
	uint64_t at, start, next, end; /* `next` is `end` when none is open */
	uint8_t expected[MD5_DIGEST_LENGTH];
};

static void sum_take(struct walk *w, struct sum *s, struct span bytes, const struct block *b, uint64_t at)
{
	struct span told = span_sub(bytes, at + MD5_AT, 24);
	uint32_t start = span_u32le(told, 0), length = span_u32le(told, 4);
	if (!(b->flags & HAS_MD5) || b->size > MD5_AT - PAYLOAD_AT || !length)
		return;
	if (b->address == start) {
		*s = (struct sum){ .at = at, .start = start, .next = start, .end = (uint64_t)start + length };
		memcpy(s->expected, told.p + 8, sizeof s->expected);
		MD5_Init(&s->md5);
	}
	if (b->address != s->next || s->next == s->end || start != s->start || memcmp(s->expected, told.p + 8, sizeof s->expected) != 0)
		return;
	struct span part = span_clip(b->payload, 0, s->end - s->next);
	uint8_t md5[MD5_DIGEST_LENGTH];
	MD5_Update(&s->md5, part.p, part.n);
	s->next += part.n;
	if (s->next != s->end)
		return;
	MD5_Final(md5, &s->md5);
	if (memcmp(md5, s->expected, sizeof md5) != 0)
		emit_damage_at(w->sink, ERR_CORRUPT, s->at, "the %u bytes from 0x%x on do not have the MD5 that their blocks say", length, start);
}

static struct error uf2_walk(struct span bytes, struct walk *w)
{
	struct memory_image image;
	struct sum sum = { .at = 0 };
	struct files files = { .v = ARENA_ARRAY(w->arena, struct piece, bytes.n / BLOCK + 1), .gaps = bytes.n };
	struct block b = { 0 }, before = { 0 };
	struct error e = error_none(), emitted;
	uint64_t at = 0;
	if (!files.v || !memory_image_begin(&image, w, bytes.n, bytes.n / BLOCK + 1))
		return error_at(ERR_MEMORY, 0, "no memory for the contents of %zu bytes", bytes.n);
	for (; read_block(bytes, at, &b); at += BLOCK) {
		uint32_t space = b.flags & HAS_FAMILY ? b.family : 0;
		if (b.ignored)
			continue;
		check_number(w, &b, &before, at);
		if (!(b.flags & FILE_CONTAINER) && (before.count == 0 || b.family != before.family))
			describe_family(w, &b, at);
		before = b;
		if (b.flags & FILE_CONTAINER)
			file_piece(&files, bytes, &b, at);
		if (b.flags & NOT_MAIN_FLASH || b.flags & FILE_CONTAINER)
			continue; /* a comment, or a file for the chip's own disk */
		sum_take(w, &sum, bytes, &b, at);
		if (!memory_image_put(&image, space, b.address, b.payload))
			e = error_at(ERR_BUDGET, at, "more contents than are kept");
	}
	if (before.count && before.number + 1 != before.count && !error_is(&e))
		e = error_at(ERR_TRUNCATED, at, "%u blocks are announced, the last one here is number %u", before.count,
					 before.number);
	emitted = memory_image_emit(&image, prefix_of);
	if (!error_is(&emitted))
		emitted = emit_files(w, &files);
	return error_is(&e) ? e : emitted;
}

static const struct format_magic uf2_magics[] = { MAGIC("UF2\n\x57\x51\x5d\x9e", 0), MAGIC_END };

const struct format uf2_format = {
	.name = "uf2",
	.kind = FORMAT_CONTAINER,
	.title = "UF2 (USB Flashing Format)",
	.spec = "https://github.com/microsoft/uf2",
	.magics = uf2_magics,
	.probe = uf2_probe,
	.walk = uf2_walk,
};
