/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TP-Link images with a 512-byte header, versions 1 to 3: kernel, root file system, and in "up_boot" images a boot
 * loader between an outer header and the image proper, which has a header of its own. The MD5 is made with a salt in
 * its place.
 *
 * Specification: OpenWrt firmware-utils src/mktplinkfw.c, src/mktplinkfw2.c.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 0x200u

/* What differs between the two layouts of the header. */
struct layout {
	uint16_t hardware, md5, lengths, versions;
	uint8_t salt[DIGEST_MD5_SIZE], salt_boot[DIGEST_MD5_SIZE];
};

static const struct layout first = {
	.hardware = 0x40,
	.md5 = 0x4c,
	.lengths = 0x74,
	.versions = 0x98,
	.salt = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38 },
	.salt_boot = { 0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa, 0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42 },
};

static const struct layout second = {
	.hardware = 0x34,
	.md5 = 0x40,
	.lengths = 0x68,
	.versions = 0x8e,
	.salt = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37 },
	.salt_boot = { 0x8c, 0xef, 0x33, 0x5f, 0xd5, 0xc5, 0xce, 0xfa, 0xac, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42 },
};

struct tplink {
	const struct layout *layout;
	uint8_t version;
	uint32_t load, entry, length, kernel_at, kernel_size, rootfs_at, rootfs_size, boot_at, boot_size;
};

static bool fits(const struct tplink *t, uint32_t at, uint32_t size)
{
	uint64_t end = (uint64_t)at + size;
	return !size || (at >= HEADER_SIZE && (!t->length || end <= t->length));
}

/* The first layout names the vendor before the version, the second begins with it and has constants behind the
 * lengths. */
static const struct layout *layout_of(struct span header, uint8_t version)
{
	if (version <= 2 && wrapper_is_text(span_sub(header, 4, 24)) && span_has(header, 28, "ver", 3))
		return &first;
	if (version >= 2 && span_has(header, 4, "ver", 3) && span_has(header, 0x8c, "\x55\xaa", 2) &&
		span_has(header, 0x90, "\xa5", 1))
		return &second;
	return NULL;
}

static bool tplink_read(struct span bytes, struct tplink *t)
{
	struct span header = span_sub(bytes, 0, HEADER_SIZE);
	if (!header.p || header.p[0] < 1 || header.p[0] > 3 || !span_has(header, 1, "\0\0\0", 3))
		return false;
	t->version = header.p[0];
	t->layout = layout_of(header, t->version);
	if (!t->layout)
		return false;
	struct reader r = reader_be(span_from(header, t->layout->lengths));
	t->load = rd_u32(&r);
	t->entry = rd_u32(&r);
	t->length = rd_u32(&r);
	t->kernel_at = rd_u32(&r);
	t->kernel_size = rd_u32(&r);
	t->rootfs_at = rd_u32(&r);
	t->rootfs_size = rd_u32(&r);
	t->boot_at = rd_u32(&r);
	t->boot_size = rd_u32(&r);
	return rd_ok(&r) && t->kernel_size && fits(t, t->kernel_at, t->kernel_size) &&
		   fits(t, t->rootfs_at, t->rootfs_size);
}

/* Where the image proper begins in one that brings a boot loader: behind the boot loader's room in flash; else 0. */
static uint64_t inner_header(struct span bytes, const struct tplink *t)
{
	static const uint32_t rooms[] = { 0x20000, 0x10000, 0x40000 };
	struct tplink inner;
	for (unsigned i = 0; t->boot_size && i < sizeof rooms / sizeof rooms[0]; i++)
		if (tplink_read(span_from(bytes, HEADER_SIZE + rooms[i]), &inner))
			return HEADER_SIZE + rooms[i];
	return 0;
}

/* The length is that of the room in flash: what is left of it at the end may have been cut off. */
static uint64_t true_size(struct span at, const struct tplink *t)
{
	uint64_t kernel = (uint64_t)t->kernel_at + t->kernel_size, rootfs = (uint64_t)t->rootfs_at + t->rootfs_size;
	uint64_t end = rootfs > kernel ? rootfs : kernel;
	if (end < t->length)
		end = at.n < end ? end : at.n < t->length ? at.n : t->length;
	return end;
}

static bool tplink_probe(struct span at, struct format_match *match)
{
	struct tplink t;
	if (!tplink_read(at, &t))
		return false;
	match->size = true_size(at, &t);
	match->confidence = 90;
	return true;
}

static void emit_fields(struct walk *w, struct span bytes, const struct tplink *t)
{
	const struct layout *l = t->layout;
	struct reader r = reader_be(span_from(bytes, l->hardware));
	emit_header_field(w->sink, 0, "version", "%u", t->version);
	if (l == &first)
		wrapper_field(w, 4, "vendor_name", span_sub(bytes, 4, 24));
	wrapper_field(w, l == &first ? 28 : 4, "fw_version", span_sub(bytes, l == &first ? 28 : 4, 36));
	emit_header_field(w->sink, l->hardware, "hw_id", "0x%08x", rd_u32(&r));
	emit_header_field(w->sink, l->hardware + 4u, "hw_rev", "0x%08x", rd_u32(&r));
	emit_header_field(w->sink, l->hardware + 8u, l == &first ? "region_code" : "hw_ver_add", "0x%08x", rd_u32(&r));
	emit_header_field(w->sink, l->lengths, "kernel_la", "0x%08x", t->load);
	emit_header_field(w->sink, l->lengths + 4u, "kernel_ep", "0x%08x", t->entry);
	emit_header_field(w->sink, l->lengths + 8u, "fw_length", "%u", t->length);
	const uint8_t *v = span_sub(bytes, l->versions, 6).p;
	if (l == &first)
		emit_header_field(w->sink, l->versions, "ver", "%u.%u.%u", v[0] << 8 | v[1], v[2] << 8 | v[3],
						  v[4] << 8 | v[5]);
	else
		emit_header_field(w->sink, l->versions, "ver", "%u.%u.%u-%u.%u", v[3], v[4], v[5], v[0], v[1]);
}

/* Images of a kernel alone have no MD5. */
static void check_md5(struct walk *w, struct span bytes, const struct tplink *t)
{
	static const uint8_t zeros[DIGEST_MD5_SIZE];
	uint64_t at = t->layout->md5;
	struct span declared = span_sub(bytes, at, DIGEST_MD5_SIZE);
	if (memcmp(declared.p, zeros, sizeof zeros) == 0) {
		emit_header_field(w->sink, at, "md5sum1", "none");
		return;
	}
	uint8_t md5[DIGEST_MD5_SIZE];
	const struct span parts[] = {
		span_sub(bytes, 0, at),
		span_of(t->boot_size ? t->layout->salt_boot : t->layout->salt, DIGEST_MD5_SIZE),
		span_from(bytes, at + DIGEST_MD5_SIZE),
	};
	digest_of_parts(DIGEST_MD5, parts, 3, md5);
	bool whole =
		bytes.n >= (uint64_t)t->rootfs_at + t->rootfs_size && bytes.n >= (uint64_t)t->kernel_at + t->kernel_size;
	wrapper_check_digest(w, at, "md5sum1", whole, declared, md5);
}

static struct error tplink_walk(struct span bytes, struct walk *w)
{
	struct tplink t;
	if (!tplink_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no TP-Link header");
	emit_fields(w, bytes, &t);
	check_md5(w, bytes, &t);
	uint64_t inner = inner_header(bytes, &t);
	if (inner) {
		if (wrapper_region(w, bytes, HEADER_SIZE, inner - HEADER_SIZE, TEXT_LIT("bootloader"), NULL))
			(void)wrapper_region(w, bytes, inner, bytes.n - inner, TEXT_LIT("firmware"), "tplink");
		return error_none();
	}
	if (wrapper_region(w, bytes, t.kernel_at, t.kernel_size, TEXT_LIT("kernel"), NULL) &&
		wrapper_region(w, bytes, t.rootfs_at, t.rootfs_size, TEXT_LIT("rootfs"), NULL) && t.boot_at)
		(void)wrapper_region(w, bytes, t.boot_at, t.boot_size, TEXT_LIT("bootloader"), NULL);
	return error_none();
}

static const struct format_magic tplink_magics[] = {
	MAGIC("TP-LINK Tech", 4), MAGIC("ver. 1.0", 28), MAGIC("\2\0\0\0ver.", 0), MAGIC("\3\0\0\0ver.", 0), MAGIC_END,
};

const struct format tplink_format = {
	.name = "tplink",
	.kind = FORMAT_CONTAINER,
	.title = "TP-Link image, header versions 1 to 3",
	.spec = "OpenWrt firmware-utils src/mktplinkfw.c",
	.magics = tplink_magics,
	.probe = tplink_probe,
	.walk = tplink_walk,
};
