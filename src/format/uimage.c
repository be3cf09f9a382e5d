/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U-Boot legacy images: a 64-byte header with two CRCs before one image, or before a list of sizes and several.
 *
 * Specification: U-Boot include/image.h (struct legacy_img_hdr), doc/usage/cmd/bootm.rst; for vendors' magics OpenWrt's mtdsplit_uimage.c
 * and target/linux (UIMAGE_MAGIC, NETGEAR_KERNEL_MAGIC, openwrt,ih-magic).
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/format.h"
#include "format/uboot.h"

#define HEADER_SIZE 64u
#define NAME_SIZE 32u

#define MAGIC_BYTES "\x27\x05\x19\x56"
#define SIZE_MAX_FOREIGN (512u << 20) /* of what has another magic */

#define TYPE_MULTI 4
#define TYPE_SCRIPT 6

struct uimage {
	uint32_t header_crc, time, size, load, entry, data_crc;
	uint8_t os, arch, type, compression;
	struct text name;
};

static const char *const os_names[] = {
	"invalid",  "openbsd",
	"netbsd",   "freebsd",
	"4_4bsd",   "linux",
	"svr4",     "esix",
	"solaris",  "irix",
	"sco",      "dell",
	"ncr",      "lynxos",
	"vxworks",  "psos",
	"qnx",      "u-boot",
	"rtems",    "artos",
	"unity",    "integrity",
	"ose",      "plan9",
	"openrtos", "arm-trusted-firmware",
	"tee",      "opensbi",
	"efi",
};
static const char *const arch_names[] = {
	"invalid", "alpha",   "arm",     "x86",  "ia64",  "mips",       "mips64", "powerpc",  "s390",
	"sh",      "sparc",   "sparc64", "m68k", "nios",  "microblaze", "nios2",  "blackfin", "avr32",
	"st200",   "sandbox", "nds32",   "or1k", "arm64", "arc",        "x86_64", "xtensa",   "riscv",
};
static const char *const type_names[] = {
	"invalid",         "standalone", "kernel",      "ramdisk",   "multi",        "firmware",     "script",
	"filesystem",      "flat_dt",    "kwbimage",    "imximage",  "ublimage",     "omapimage",    "aisimage",
	"kernel_noload",   "pblimage",   "mxsimage",    "gpimage",   "atmelimage",   "socfpgaimage", "x86_setup",
	"lpc32xximage",    "loadable",   "rkimage",     "rksd",      "rkspi",        "zynqimage",    "zynqmpimage",
	"zynqmpbif",       "fpga",       "vybridimage", "tee",       "firmware_ivt", "pmmc",         "stm32image",
	"socfpgaimage_v1", "mtk_image",  "imx8mimage",  "imx8image", "copro",        "sunxi_egon",
};

static const char *const compression_names[] = { "none", "gzip", "bzip2", "lzma", "lzo", "lz4", "zstd" };

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *name_in(const char *const *names, size_t n, uint8_t id)
{
	return id < n ? names[id] : "unknown";
}

/* The CRC of a header is made with its own field zeroed. */
static uint32_t header_crc(struct span header)
{
	static const uint8_t zeros[4];
	uint32_t crc = hash_crc32(0, span_sub(header, 0, 4));
	crc = hash_crc32(crc, span_of(zeros, sizeof zeros));
	return hash_crc32(crc, span_from(header, 8));
}

/* Vendors put magics of their own in its place, so that the boot loader takes their images only. */
static bool could_be_one(const struct uimage *u)
{
	return u->os && u->os < COUNT(os_names) && u->arch && u->arch < COUNT(arch_names) && u->type && u->type < COUNT(type_names) &&
		   u->compression < COUNT(compression_names) && u->size && u->size < SIZE_MAX_FOREIGN;
}

static bool uimage_read(struct span bytes, struct uimage *u)
{
	struct reader r = reader_be(bytes);
	struct span header = span_sub(bytes, 0, HEADER_SIZE);
	rd_skip(&r, 4);
	u->header_crc = rd_u32(&r);
	u->time = rd_u32(&r);
	u->size = rd_u32(&r);
	u->load = rd_u32(&r);
	u->entry = rd_u32(&r);
	u->data_crc = rd_u32(&r);
	u->os = rd_u8(&r);
	u->arch = rd_u8(&r);
	u->type = rd_u8(&r);
	u->compression = rd_u8(&r);
	u->name = text_until_nul(rd_bytes(&r, NAME_SIZE));
	return rd_ok(&r) && (span_starts(bytes, MAGIC_BYTES, 4) || could_be_one(u)) && header_crc(header) == u->header_crc;
}

/* Magic and CRC are 64 bits that noise does not guess; with a vendor's magic it is the CRC and what its fields say. */
static bool uimage_probe(struct span at, struct format_match *match)
{
	struct uimage u;
	if (!uimage_read(at, &u))
		return false;
	match->size = (uint64_t)HEADER_SIZE + u.size;
	match->confidence = 95;
	return true;
}

static void emit_fields(struct walk *w, struct span bytes, const struct uimage *u)
{
	if (!span_starts(bytes, MAGIC_BYTES, 4))
		emit_header_field(w->sink, 0, "magic", "0x%08x", span_u32be(bytes, 0));
	emit_header_field(w->sink, 32, "name", "%.*s", (int)u->name.n, u->name.p);
	emit_header_field(w->sink, 28, "os", "%s", name_in(os_names, COUNT(os_names), u->os));
	emit_header_field(w->sink, 29, "arch", "%s", name_in(arch_names, COUNT(arch_names), u->arch));
	emit_header_field(w->sink, 30, "type", "%s", name_in(type_names, COUNT(type_names), u->type));
	emit_header_field(w->sink, 31, "comp", "%s", name_in(compression_names, COUNT(compression_names), u->compression));
	emit_header_field(w->sink, 8, "time", "%u", u->time);
	emit_header_field(w->sink, 16, "load", "0x%08x", u->load);
	emit_header_field(w->sink, 20, "entry", "0x%08x", u->entry);
	emit_header_field(w->sink, 4, "header_crc", "ok");
}

static void verify_data(struct walk *w, const struct uimage *u, struct span data)
{
	if (data.n < u->size) {
		emit_header_field(w->sink, 24, "data_crc", "not checked");
		emit_damage_at(w->sink, ERR_TRUNCATED, HEADER_SIZE, "the header announces %u bytes of data, %zu are there",
					   u->size, data.n);
		return;
	}
	uint32_t crc = hash_crc32(0, data);
	emit_header_field(w->sink, 24, "data_crc", "%s", crc == u->data_crc ? "ok" : "mismatch");
	if (crc != u->data_crc)
		emit_damage_at(w->sink, ERR_CORRUPT, HEADER_SIZE, "the header says data CRC 0x%08x, the data has 0x%08x",
					   u->data_crc, crc);
}

static const char *promised_format(const struct uimage *u)
{
	return uboot_promised_format(text_c(name_in(compression_names, COUNT(compression_names), u->compression)),
								 text_c(name_in(type_names, COUNT(type_names), u->type)),
								 text_c(name_in(arch_names, COUNT(arch_names), u->arch)));
}

static bool emit_region(struct walk *w, struct span data, uint64_t at, uint64_t size, const char *path,
						const char *format)
{
	struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = text_c(path), .format = format };
	e.offset = HEADER_SIZE + at;
	e.size = size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(data, at, size) };
	return w->child(w, &e);
}

/* Several images: their sizes, ended by 0, then the images, each padded to 4 bytes. */
static struct error walk_list(struct walk *w, const struct uimage *u, struct span data)
{
	struct reader sizes = reader_be(data);
	while (rd_u32(&sizes))
		;
	if (!rd_ok(&sizes))
		return error_at(ERR_CORRUPT, HEADER_SIZE, "the list of image sizes has no end");

	uint64_t at = sizes.at;
	unsigned n = (unsigned)(sizes.at / 4 - 1);
	for (unsigned i = 0; i < n; i++) {
		uint32_t size = span_u32be(data, 4 * (uint64_t)i);
		char path[32];
		snprintf(path, sizeof path, "image-%u", i);
		if (at > data.n || size > data.n - at)
			emit_damage_at(w->sink, ERR_TRUNCATED, HEADER_SIZE + at, "%s has %u bytes, they end beyond the data", path,
						   size);
		if (at >= data.n || !emit_region(w, data, at, size, path, i == 0 ? promised_format(u) : NULL))
			break;
		at += ((uint64_t)size + 3) / 4 * 4;
	}
	return error_none();
}

static struct error uimage_walk(struct span bytes, struct walk *w)
{
	struct uimage u;
	if (!uimage_read(bytes, &u))
		return error_at(ERR_CORRUPT, 0, "no U-Boot header whose CRC verifies");
	struct span data = span_clip(bytes, HEADER_SIZE, u.size);
	emit_fields(w, bytes, &u);
	verify_data(w, &u, data);
	if (u.type == TYPE_MULTI || u.type == TYPE_SCRIPT)
		return walk_list(w, &u, data);
	emit_region(w, data, 0, u.size, name_in(type_names, COUNT(type_names), u.type), promised_format(&u));
	return error_none();
}

/* Beside U-Boot's own: OpenWrt's loader ("OKLI"), switches with Realtek's RTL83xx and RTL93xx of Zyxel, NETGEAR and others. What vendors
 * write as text (NETGEAR's "3700", "NGE ") is found at the start of a blob only. */
static const struct format_magic uimage_magics[] = {
	MAGIC(MAGIC_BYTES, 0),        MAGIC("OKLI", 0),
	MAGIC("\x83\x80\0\0", 0),    MAGIC("\x93\0\0\0", 0),
	MAGIC("\x93\0\x10\x10", 0),  MAGIC("\x93\0\x12\x50", 0),
	MAGIC("\x93\x03\0\0", 0),    MAGIC("\x17\x4e\x47\x41", 0),
	MAGIC("\0\x70\x22\x02", 0),  MAGIC_END,
};

const struct format uimage_format = {
	.name = "uimage",
	.kind = FORMAT_CONTAINER,
	.title = "U-Boot legacy image (uImage), single, multi-file and script",
	.spec = "U-Boot include/image.h, struct legacy_img_hdr",
	.magics = uimage_magics,
	.probe = uimage_probe,
	.walk = uimage_walk,
	.at_start = true,
};
