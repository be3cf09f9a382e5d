/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/format.h"

/* A row for each format. The order decides nothing: confidence does. */
#define FORMATS(F)                                                                                                    \
	F(android_sparse)                                                                                                 \
	F(ar)                                                                                                             \
	F(arm64image)                                                                                                     \
	F(bzimage)                                                                                                        \
	F(bzip2)                                                                                                          \
	F(cab)                                                                                                            \
	F(cbfs)                                                                                                           \
	F(cortex_m)                                                                                                       \
	F(cpio)                                                                                                           \
	F(cramfs)                                                                                                         \
	F(deb)                                                                                                            \
	F(dfu)                                                                                                            \
	F(dfuse)                                                                                                          \
	F(directory)                                                                                                      \
	F(dtb)                                                                                                            \
	F(ebl)                                                                                                            \
	F(egon)                                                                                                           \
	F(esp_image)                                                                                                      \
	F(esp_nvs)                                                                                                        \
	F(esp_partitions)                                                                                                 \
	F(ext)                                                                                                            \
	F(fwtool)                                                                                                         \
	F(gbl)                                                                                                            \
	F(gzip)                                                                                                           \
	F(ihex)                                                                                                           \
	F(ikconfig)                                                                                                       \
	F(imx_ivt)                                                                                                        \
	F(intel_flash)                                                                                                    \
	F(iso9660)                                                                                                        \
	F(jffs2)                                                                                                          \
	F(kwbimage)                                                                                                       \
	F(lz4)                                                                                                            \
	F(lz4_legacy)                                                                                                     \
	F(lzma)                                                                                                           \
	F(lzop)                                                                                                           \
	F(mcuboot)                                                                                                        \
	F(mender)                                                                                                         \
	F(nordic_init)                                                                                                    \
	F(nxp_jn516x)                                                                                                     \
	F(nxp_jn518x)                                                                                                     \
	F(openssl_salted)                                                                                                 \
	F(rar)                                                                                                            \
	F(rauc)                                                                                                           \
	F(rockchip)                                                                                                       \
	F(romfs)                                                                                                          \
	F(sevenzip)                                                                                                       \
	F(squashfs)                                                                                                       \
	F(squashfs_legacy)                                                                                                \
	F(srec)                                                                                                           \
	F(suit)                                                                                                           \
	F(swapped16)                                                                                                      \
	F(swapped32)                                                                                                      \
	F(swupdate)                                                                                                       \
	F(tar)                                                                                                            \
	F(telink)                                                                                                         \
	F(ti_mlo)                                                                                                         \
	F(ti_oad)                                                                                                         \
	F(trx)                                                                                                            \
	F(ubi)                                                                                                            \
	F(ubifs)                                                                                                          \
	F(uboot_env)                                                                                                      \
	F(uefi_fv)                                                                                                        \
	F(uf2)                                                                                                            \
	F(uimage)                                                                                                         \
	F(xor)                                                                                                            \
	F(xz)                                                                                                             \
	F(zigbee_ota)                                                                                                     \
	F(zimage)                                                                                                         \
	F(zip)                                                                                                            \
	F(zstd)                                                                                                           \
	F(zynq)

/* Tests add formats of their own, which misbehave. */
#ifndef FORMATS_EXTRA
#define FORMATS_EXTRA(F)
#endif

#define DECLARE(name) extern const struct format name##_format;
FORMATS(DECLARE)
FORMATS_EXTRA(DECLARE)

#define ROW(name) &name##_format,
const struct format *const format_registry[] = { FORMATS(ROW) FORMATS_EXTRA(ROW) NULL };

const struct format *format_find(const char *name)
{
	for (size_t i = 0; name && format_registry[i]; i++)
		if (strcmp(format_registry[i]->name, name) == 0)
			return format_registry[i];
	return NULL;
}

static bool may_begin(const struct format *format, struct span at)
{
	const struct format_magic *m = format->locate ? NULL : format->magics;
	if (format->at_start)
		return true;
	for (; m && m->bytes; m++)
		if (span_has(at, m->offset, m->bytes, m->n))
			return true;
	return false;
}

const struct format *format_identify(struct span at, const char *hint, struct format_match *match)
{
	const struct format *promised = format_find(hint);
	*match = (struct format_match){ .size = SIZE_UNKNOWN };
	if (promised && promised->probe(at, match))
		return promised;

	const struct format *best = NULL;
	for (size_t i = 0; format_registry[i]; i++) {
		struct format_match m = { .size = SIZE_UNKNOWN };
		if (!may_begin(format_registry[i], at) || !format_registry[i]->probe(at, &m))
			continue;
		if (!best || m.confidence > match->confidence) {
			best = format_registry[i];
			*match = m;
		}
	}
	return best;
}
