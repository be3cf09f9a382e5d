/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android boot images: kernel, ramdisk and what else the boot loader loads, each from a page's beginning on.
 *
 * Specification: AOSP system/tools/mkbootimg/include/bootimg/bootimg.h, versions 0 to 4. The vendor's half (VNDRBOOT)
 * is in android_vendor_boot.c. */

/* OpenSSL's one-shot functions read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/hash.h"
#include "format/parts.h"

#define PAGE_V3 4096u
#define PARTS_MAX 6u
#define ID_SIZE 32u

struct part {
	const char *name;
	uint32_t size;
	uint64_t at;
};

struct boot {
	uint32_t version, page, os_version, header_size;
	struct part parts[PARTS_MAX];
	unsigned n;
	uint64_t end;
	struct text name, cmdline, cmdline_more;
	uint64_t cmdline_at;
	struct span id; /* version 0 to 2 */
	uint32_t kernel_address;
};

/* Parts follow each other, each from a page's beginning on. */
static void add_part(struct boot *b, const char *name, uint32_t size)
{
	b->parts[b->n++] = (struct part){ name, size, b->end };
	b->end += ((uint64_t)size + b->page - 1) / b->page * b->page;
}

static bool read_v3(struct reader *r, struct boot *b)
{
	uint32_t kernel = rd_u32(r), ramdisk = rd_u32(r), signature = 0;
	b->os_version = rd_u32(r);
	b->header_size = rd_u32(r);
	rd_seek(r, 44);
	b->cmdline_at = r->at;
	b->cmdline = text_until_nul(rd_bytes(r, 1536));
	if (b->version == 4)
		signature = rd_u32(r);
	b->page = PAGE_V3;
	b->end = PAGE_V3;
	add_part(b, "kernel", kernel);
	add_part(b, "ramdisk", ramdisk);
	add_part(b, "boot_signature", signature);
	/* 1580 and 1584, and what mkbootimg once wrote. */
	return rd_ok(r) && b->header_size >= 1580 && b->header_size <= 1596 && kernel + (uint64_t)ramdisk > 0;
}

/* In version 0 the place of the version was a device tree's size with some vendors. */
static bool read_v0(struct reader *r, struct boot *b)
{
	uint32_t kernel = rd_u32(r), dt = b->version > 2 ? b->version : 0, recovery = 0, dtb = 0;
	b->kernel_address = rd_u32(r);
	uint32_t ramdisk = rd_u32(r);
	rd_skip(r, 4);
	uint32_t second = rd_u32(r);
	rd_skip(r, 8);
	b->page = rd_u32(r);
	rd_skip(r, 4);
	b->os_version = rd_u32(r);
	b->name = text_until_nul(rd_bytes(r, 16));
	b->cmdline_at = r->at;
	b->cmdline = text_until_nul(rd_bytes(r, 512));
	b->id = rd_bytes(r, ID_SIZE);
	b->cmdline_more = text_until_nul(rd_bytes(r, 1024));
	b->version = dt ? 0 : b->version;
	if (b->version >= 1) {
		recovery = rd_u32(r);
		rd_skip(r, 8);
		b->header_size = rd_u32(r);
	}
	if (b->version >= 2)
		dtb = rd_u32(r);
	if (!rd_ok(r) || b->page < 2048 || b->page > 131072 || b->page & (b->page - 1) ||
		(b->version == 1 && b->header_size != 1648) || (b->version == 2 && b->header_size != 1660))
		return false;
	b->end = b->page;
	add_part(b, "kernel", kernel);
	add_part(b, "ramdisk", ramdisk);
	add_part(b, "second", second);
	add_part(b, dt ? "dt" : "recovery_dtbo", dt ? dt : recovery);
	add_part(b, "dtb", dtb);
	return kernel + (uint64_t)ramdisk > 0 && dt < 64u << 20;
}

static bool boot_read(struct span at, struct boot *b)
{
	*b = (struct boot){ .version = span_u32le(at, 40) };
	struct reader r = reader_le(at);
	struct span magic = rd_bytes(&r, 8);
	return span_starts(magic, "ANDROID!", 8) && (b->version == 3 || b->version == 4 ? read_v3(&r, b) : read_v0(&r, b));
}

static bool android_boot_probe(struct span at, struct format_match *match)
{
	struct boot b;
	if (!boot_read(at, &b))
		return false;
	match->size = b.end;
	match->confidence = 88;
	return true;
}

/* 7 bits each of a version's three parts, 7 of the year from 2000 on, 4 of the month. */
static void emit_os_version(struct walk *w, uint64_t at, uint32_t v)
{
	if (!v)
		return;
	emit_header_field(w->sink, at, "os_version", "%u.%u.%u", v >> 25, v >> 18 & 127, v >> 11 & 127);
	emit_header_field(w->sink, at, "os_patch_level", "%u-%02u", 2000 + (v >> 4 & 127), v & 15);
}

static void emit_fields(struct walk *w, const struct boot *b)
{
	bool old = b->version < 3;
	emit_header_field(w->sink, 40, "header_version", "%u", b->version);
	if (old) {
		emit_header_field(w->sink, 12, "kernel_addr", "0x%08x", b->kernel_address);
		emit_header_field(w->sink, 36, "page_size", "%u", b->page);
	}
	emit_os_version(w, old ? 44 : 16, b->os_version);
	if (b->name.n)
		emit_header_field(w->sink, 48, "name", "%.*s", (int)b->name.n, b->name.p);
	if (b->cmdline.n)
		emit_header_field(w->sink, b->cmdline_at, "cmdline", "%.*s%.*s", (int)b->cmdline.n, b->cmdline.p,
						  (int)b->cmdline_more.n, b->cmdline_more.p ? b->cmdline_more.p : "");
}

/* The digest of kernel, ramdisk, second (always there) and later ones that the version knows: bytes and size of
 * each. */
#define DIGEST(name, prefix, context_type)                                                                             \
	static void digest_##name(const struct boot *b, struct span bytes, uint8_t *out)                                   \
	{                                                                                                                  \
		context_type context;                                                                                          \
		prefix##_Init(&context);                                                                                       \
		for (unsigned i = 0; i < b->n; i++) {                                                                          \
			uint32_t size = b->parts[i].size;                                                                          \
			uint8_t le[4] = { (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), (uint8_t)(size >> 24) };     \
			if (i >= 3 + b->version && !size)                                                                          \
				break;                                                                                                 \
			struct span part = span_sub(bytes, b->parts[i].at, size);                                                  \
			prefix##_Update(&context, part.p, part.n);                                                                 \
			prefix##_Update(&context, le, sizeof le);                                                                  \
		}                                                                                                              \
		prefix##_Final(out, &context);                                                                                 \
	}
DIGEST(sha1, SHA1, SHA_CTX)
DIGEST(sha256, SHA256, SHA256_CTX)

static void verify_id(struct walk *w, const struct boot *b, struct span bytes)
{
	static const uint8_t zero[ID_SIZE];
	uint8_t digest[ID_SIZE] = { 0 };
	char hex[2 * ID_SIZE + 1];
	if (!b->id.p)
		return;
	hash_hex(b->id.p, ID_SIZE, hex);
	emit_header_field(w->sink, 576, "id", "%s", hex);
	const char *verdict = "mismatch";
	if (memcmp(b->id.p, zero, ID_SIZE) == 0) {
		verdict = "none";
	} else if (b->end > bytes.n) {
		verdict = "not checked";
	} else {
		digest_sha1(b, bytes, digest);
		bool sha1 = memcmp(digest, b->id.p, ID_SIZE) == 0;
		digest_sha256(b, bytes, digest);
		verdict = sha1 || memcmp(digest, b->id.p, ID_SIZE) == 0 ? "ok" : verdict;
	}
	emit_header_field(w->sink, 576, "id_digest", "%s", verdict);
	if (strcmp(verdict, "mismatch") == 0)
		emit_damage_at(w->sink, ERR_CORRUPT, 576, "the id is not the digest of the image's parts");
}

static struct error android_boot_walk(struct span bytes, struct walk *w)
{
	struct boot b;
	if (!boot_read(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no Android boot image header");
	emit_fields(w, &b);
	verify_id(w, &b, bytes);
	struct parts parts = { .bytes = bytes, .w = w };
	for (unsigned i = 0; i < b.n && !parts.stopped; i++)
		if (b.parts[i].size)
			parts_emit(&parts, text_c(b.parts[i].name), b.parts[i].at, b.parts[i].size, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("ANDROID!", 0), MAGIC_END };

const struct format android_boot_format = {
	.name = "android_boot",
	.kind = FORMAT_CONTAINER,
	.title = "Android boot image, versions 0 to 4",
	.spec = "AOSP system/tools/mkbootimg/include/bootimg/bootimg.h",
	.magics = magics,
	.probe = android_boot_probe,
	.walk = android_boot_walk,
};
