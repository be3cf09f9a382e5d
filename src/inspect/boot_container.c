/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the containers of boot tell of its verification (device trees do so themselves): the vector table of i.MX,
 * Android's vbmeta and boot images, the partition table of Espressif's chips.
 *
 * Specification: i.MX Reference Manuals, "Program Image"; AOSP external/avb libavb/avb_vbmeta_image.h and
 * system/tools/mkbootimg bootimg.h; ESP-IDF Programming Guide, "Partition Tables".
 */
#include "inspect/boot.h"

#include <stdio.h>

#define ESP_ENTRY 32u
#define ESP_ENTRIES 96u

bool boot_container(const char *format)
{
	static const char *const formats[] = { "dtb",          "imx_ivt",
										   "avb",          "esp_partitions",
										   "android_boot", "android_vendor_boot" };
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(format, formats[i]) == 0)
			return true;
	return false;
}

static void read_vbmeta(const struct subject *s, struct sink *sink)
{
	static const char *const algorithms[] = { "none",           "SHA256_RSA2048", "SHA256_RSA4096", "SHA256_RSA8192",
											  "SHA512_RSA2048", "SHA512_RSA4096", "SHA512_RSA8192" };
	if (!span_starts(s->bytes, "AVB0", 4) || s->bytes.n < 256)
		return;
	uint32_t algorithm = span_u32be(s->bytes, 28), flags = span_u32be(s->bytes, 120);
	char value[32];
	boot_emit(sink, 120, "avb", TEXT_LIT("flags"),
			  flags & 2   ? TEXT_LIT("verification disabled")
			  : flags & 1 ? TEXT_LIT("hash tree disabled")
						  : TEXT_LIT("0"),
			  "file");
	if (algorithm < sizeof algorithms / sizeof algorithms[0])
		boot_emit(sink, 28, "avb", TEXT_LIT("algorithm"), text_c(algorithms[algorithm]), "file");
	snprintf(value, sizeof value, "%llu", (unsigned long long)span_u64be(s->bytes, 112));
	boot_emit(sink, 112, "avb", TEXT_LIT("rollback_index"), text_c(value), "file");
}

/* The kernel's command line stands in the header, from the third version on in one piece. */
static void read_android(const struct subject *s, struct sink *sink)
{
	bool vendor = span_starts(s->bytes, "VNDRBOOT", 8), newer = span_u32le(s->bytes, 40) >= 3;
	uint64_t at = vendor ? 28 : newer ? 44 : 64;
	struct text line = text_until_nul(span_sub(s->bytes, at, vendor ? 2048 : newer ? 1536 : 512));
	if (!vendor && !span_starts(s->bytes, "ANDROID!", 8))
		return;
	if (line.n) {
		boot_emit(sink, (int64_t)at, "android", TEXT_LIT("bootargs"), line, "file");
		kernel_command_line(line, FACT_NULL, sink);
	}
	if (!vendor && !newer)
		kernel_command_line(text_until_nul(span_sub(s->bytes, 608, 1024)), FACT_NULL, sink);
}

/* A partition whose flag says so is encrypted where the chip's flash encryption is on. */
static void read_esp_table(const struct subject *s, struct sink *sink)
{
	for (unsigned i = 0; i < ESP_ENTRIES; i++) {
		struct span e = span_sub(s->bytes, i * ESP_ENTRY, ESP_ENTRY);
		if (!e.p || span_u16le(e, 0) != 0x50aa)
			return;
		if (span_u32le(e, 28) & 1)
			boot_emit(sink, i * ESP_ENTRY, "esp-bootloader", TEXT_LIT("encrypted"), text_until_nul(span_sub(e, 12, 16)),
					  "partition table");
	}
}

void boot_container_read(const struct subject *s, struct sink *sink)
{
	if (strcmp(s->format, "imx_ivt") == 0)
		boot_emit(sink, 24, "imx-rom", TEXT_LIT("signature"),
				  span_u32le(s->bytes, 24) ? TEXT_LIT("CSF") : TEXT_LIT("none"), "file");
	else if (strcmp(s->format, "avb") == 0)
		read_vbmeta(s, sink);
	else if (strncmp(s->format, "android", 7) == 0)
		read_android(s, sink);
	else
		read_esp_table(s, sink);
}
