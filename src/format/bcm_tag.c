/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image tag of Broadcom's DSL routers (bcm963xx): 256 bytes of ASCII fields and CRCs before a boot loader, a root
 * file system and a kernel.
 *
 * Specification: Linux include/linux/bcm963xx_tag.h; OpenWrt firmware-utils src/imagetag.c.
 */
#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define TAG 256u
#define HEADER_CRC_AT 236u
#define IMAGE_MAX (512u << 20)

struct part {
	const char *name;
	uint64_t address, length;
};

struct tag {
	uint64_t total;
	struct part parts[3]; /* in the order of the image */
};

static bool number(struct span bytes, uint64_t at, unsigned width, uint64_t *value)
{
	struct text t = wrapper_text(span_sub(bytes, at, width));
	*value = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		*value = *value * 10 + (uint64_t)(t.p[i] - '0');
	}
	return t.n > 0;
}

static bool tag_read(struct span bytes, struct tag *t)
{
	struct part cfe = { "cfe", 0, 0 }, rootfs = { "rootfs", 0, 0 }, kernel = { "kernel", 0, 0 };
	if (bytes.n < TAG || bytes.p[0] < '0' || bytes.p[0] > '9' || !number(bytes, 62, 10, &t->total) || !t->total ||
		t->total > IMAGE_MAX ||
		hash_crc32_raw(UINT32_MAX, span_sub(bytes, 0, HEADER_CRC_AT)) != span_u32be(bytes, HEADER_CRC_AT))
		return false;
	(void)number(bytes, 84, 10, &cfe.length);
	(void)number(bytes, 94, 12, &rootfs.address);
	(void)number(bytes, 106, 10, &rootfs.length);
	(void)number(bytes, 116, 12, &kernel.address);
	(void)number(bytes, 128, 10, &kernel.length);
	bool kernel_first = kernel.address && kernel.address < rootfs.address;
	t->parts[0] = cfe;
	t->parts[1] = kernel_first ? kernel : rootfs;
	t->parts[2] = kernel_first ? rootfs : kernel;
	return true;
}

static bool tag_probe(struct span at, struct format_match *match)
{
	struct tag t;
	if (!tag_read(at, &t))
		return false;
	match->size = TAG + t.total;
	match->confidence = 95;
	return true;
}

static void emit_fields(struct walk *w, struct span bytes)
{
	static const struct {
		const char *name;
		uint16_t at, n;
	} fields[] = { { "tag_version", 0, 4 },       { "sig_1", 4, 20 },
				   { "sig_2", 24, 14 },           { "chip_id", 38, 6 },
				   { "board_id", 44, 16 },        { "big_endian", 60, 2 },
				   { "total_length", 62, 10 },    { "cfe_address", 72, 12 },
				   { "cfe_length", 84, 10 },      { "flash_image_start", 94, 12 },
				   { "root_length", 106, 10 },    { "kernel_address", 116, 12 },
				   { "kernel_length", 128, 10 },  { "information1", 162, 30 },
				   { "flash_layout_ver", 192, 4 } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		wrapper_field(w, fields[i].at, fields[i].name, span_sub(bytes, fields[i].at, fields[i].n));
}

static struct error tag_walk(struct span bytes, struct walk *w)
{
	struct tag t;
	if (!tag_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no image tag of Broadcom");
	emit_fields(w, bytes);
	emit_header_field(w->sink, HEADER_CRC_AT, "header_crc", "ok");
	struct span image = span_sub(bytes, TAG, t.total);
	uint32_t crc = span_u32be(bytes, 216);
	if (crc) /* of the first generations only the parts have CRCs */
		wrapper_check_u32(w, 216, "image_crc", image.p, crc, hash_crc32_raw(UINT32_MAX, image));
	uint64_t at = TAG;
	for (unsigned i = 0; i < 3; i++) {
		const struct part *p = &t.parts[i];
		if (!p->length)
			continue;
		if (p->length > IMAGE_MAX)
			return error_at(ERR_CORRUPT, at, "%s has %llu bytes", p->name, (unsigned long long)p->length);
		if (!region_emit(w, p->name, bytes, at, p->length, NULL))
			return error_none();
		at += p->length;
	}
	if (at < TAG + t.total)
		region_emit(w, "rest", bytes, at, TAG + t.total - at, NULL);
	return error_none();
}

static const struct format_magic tag_magics[] = { MAGIC("Broadcom Corporatio", 4), MAGIC_END };

const struct format bcm_tag_format = {
	.name = "bcm_tag",
	.kind = FORMAT_CONTAINER,
	.title = "Broadcom bcm963xx image tag",
	.spec = "Linux include/linux/bcm963xx_tag.h",
	.magics = tag_magics,
	.at_start = true,
	.probe = tag_probe,
	.walk = tag_walk,
};
