/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/format.h"

/* A row for each format. The order decides nothing: confidence does. */
#define FORMATS(F)                                                                                                    \
	F(airoha)                                                                                                         \
	F(alphanetworks)                                                                                                  \
	F(ambarella)                                                                                                      \
	F(ambarella_romfs)                                                                                                \
	F(android_sparse)                                                                                                 \
	F(ar)                                                                                                             \
	F(arj)                                                                                                            \
	F(arm64image)                                                                                                     \
	F(bcm_nvram)                                                                                                      \
	F(bcm_tag)                                                                                                        \
	F(bosch)                                                                                                          \
	F(broadcom_sao)                                                                                                   \
	F(bzimage)                                                                                                        \
	F(bzip2)                                                                                                          \
	F(cab)                                                                                                            \
	F(compress)                                                                                                       \
	F(cpio)                                                                                                           \
	F(cramfs)                                                                                                         \
	F(csman)                                                                                                          \
	F(deb)                                                                                                            \
	F(directory)                                                                                                      \
	F(dji)                                                                                                            \
	F(dlink_dcs)                                                                                                      \
	F(dlink_dkbs)                                                                                                     \
	F(dlink_tlv)                                                                                                      \
	F(dm_verity)                                                                                                      \
	F(dms)                                                                                                            \
	F(draytek_2rhd)                                                                                                   \
	F(dtb)                                                                                                            \
	F(esp_image)                                                                                                      \
	F(esp_nvs)                                                                                                        \
	F(esp_partitions)                                                                                                 \
	F(ext)                                                                                                            \
	F(gm8126)                                                                                                         \
	F(gzip)                                                                                                           \
	F(ihex)                                                                                                           \
	F(ikconfig)                                                                                                       \
	F(iso9660)                                                                                                        \
	F(jffs2)                                                                                                          \
	F(lha)                                                                                                            \
	F(linux_swap)                                                                                                     \
	F(luks)                                                                                                           \
	F(lvm2)                                                                                                           \
	F(lz4)                                                                                                            \
	F(lz4_legacy)                                                                                                     \
	F(lzip)                                                                                                           \
	F(lzma)                                                                                                           \
	F(lzop)                                                                                                           \
	F(matter_ota)                                                                                                     \
	F(maxlinear)                                                                                                      \
	F(md_raid)                                                                                                        \
	F(minifs)                                                                                                         \
	F(mrvl)                                                                                                           \
	F(openssl_salted)                                                                                                 \
	F(packimg)                                                                                                        \
	F(qca_lzma)                                                                                                       \
	F(qcow2)                                                                                                          \
	F(qnx_deflate)                                                                                                    \
	F(qnx_ifs)                                                                                                        \
	F(qnx_imagefs)                                                                                                    \
	F(rar)                                                                                                            \
	F(romfs)                                                                                                          \
	F(ros)                                                                                                            \
	F(rpm)                                                                                                            \
	F(sbfh)                                                                                                           \
	F(sevenzip)                                                                                                       \
	F(squashfs)                                                                                                       \
	F(squashfs_legacy)                                                                                                \
	F(srec)                                                                                                           \
	F(swapped16)                                                                                                      \
	F(swapped32)                                                                                                      \
	F(tar)                                                                                                            \
	F(trx)                                                                                                            \
	F(ubi)                                                                                                            \
	F(ubifs)                                                                                                          \
	F(uboot_env)                                                                                                      \
	F(uf2)                                                                                                            \
	F(uimage)                                                                                                         \
	F(uzip)                                                                                                           \
	F(wince)                                                                                                          \
	F(xar)                                                                                                            \
	F(xor)                                                                                                            \
	F(xz)                                                                                                             \
	F(zigbee_ota)                                                                                                     \
	F(zimage)                                                                                                         \
	F(zip)                                                                                                            \
	F(zlib)                                                                                                           \
	F(zstd)

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
