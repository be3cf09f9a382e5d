/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/format.h"

#include <pthread.h>
#include <stdlib.h>

/* A row for each format. The order decides nothing: confidence does. */
#define FORMATS(F)                                                                                                    \
	F(actions_ota)                                                                                                    \
	F(aea)                                                                                                            \
	F(airoha)                                                                                                         \
	F(allwinner_imagewty)                                                                                             \
	F(allwinner_toc1)                                                                                                 \
	F(alphanetworks)                                                                                                  \
	F(alz)                                                                                                            \
	F(ambarella)                                                                                                      \
	F(ambarella_romfs)                                                                                                \
	F(ameba_z2_flash)                                                                                                 \
	F(ameba_z2_ota)                                                                                                   \
	F(amd_microcode)                                                                                                  \
	F(amlogic_image)                                                                                                  \
	F(android_boot)                                                                                                   \
	F(android_dtbo)                                                                                                   \
	F(android_payload)                                                                                                \
	F(android_sparse)                                                                                                 \
	F(android_super)                                                                                                  \
	F(android_vendor_boot)                                                                                            \
	F(anjvision)                                                                                                      \
	F(apfs)                                                                                                           \
	F(apm)                                                                                                            \
	F(apple_8900)                                                                                                     \
	F(apple_archive)                                                                                                  \
	F(apple_comp)                                                                                                     \
	F(apple_pbz)                                                                                                      \
	F(ar)                                                                                                             \
	F(arc)                                                                                                            \
	F(arcadyan)                                                                                                       \
	F(arj)                                                                                                            \
	F(arm64image)                                                                                                     \
	F(ascii85)                                                                                                        \
	F(asus_tail)                                                                                                      \
	F(autel)                                                                                                          \
	F(avb)                                                                                                            \
	F(avb_footer)                                                                                                     \
	F(avm_kernel)                                                                                                     \
	F(base64)                                                                                                         \
	F(bcache)                                                                                                         \
	F(bcachefs)                                                                                                       \
	F(bcm_nvram)                                                                                                      \
	F(bcm_tag)                                                                                                        \
	F(befs)                                                                                                           \
	F(beken_flash)                                                                                                    \
	F(bitlocker)                                                                                                      \
	F(bosch)                                                                                                          \
	F(bouffalo_boot)                                                                                                  \
	F(broadcom_sao)                                                                                                   \
	F(brotli)                                                                                                         \
	F(btrfs)                                                                                                          \
	F(btrfs_stream)                                                                                                   \
	F(buffalo)                                                                                                        \
	F(bzimage)                                                                                                        \
	F(bzip2)                                                                                                          \
	F(cab)                                                                                                            \
	F(cbfs)                                                                                                           \
	F(cbfs_payload)                                                                                                   \
	F(cfb)                                                                                                            \
	F(chm)                                                                                                            \
	F(compress)                                                                                                       \
	F(cortex_m)                                                                                                       \
	F(cpio)                                                                                                           \
	F(cramfs)                                                                                                         \
	F(csman)                                                                                                          \
	F(csys)                                                                                                           \
	F(cyacd)                                                                                                          \
	F(cybertan)                                                                                                       \
	F(deb)                                                                                                            \
	F(dfu)                                                                                                            \
	F(dfuse)                                                                                                          \
	F(dhtb)                                                                                                           \
	F(dialog_suota)                                                                                                   \
	F(directory)                                                                                                      \
	F(dji)                                                                                                            \
	F(dlink_dcs)                                                                                                      \
	F(dlink_deafbead)                                                                                                 \
	F(dlink_dkbs)                                                                                                     \
	F(dlink_encimg)                                                                                                   \
	F(dlink_encrpted)                                                                                                 \
	F(dlink_fpkg)                                                                                                     \
	F(dlink_mh01)                                                                                                     \
	F(dlink_shrs)                                                                                                     \
	F(dlink_tlv)                                                                                                      \
	F(dm_verity)                                                                                                      \
	F(dmg)                                                                                                            \
	F(dms)                                                                                                            \
	F(draytek)                                                                                                        \
	F(draytek_2rhd)                                                                                                   \
	F(draytek_lz4)                                                                                                    \
	F(draytek_pfs)                                                                                                    \
	F(dtb)                                                                                                            \
	F(dyld_cache)                                                                                                     \
	F(ebl)                                                                                                            \
	F(efi_compressed)                                                                                                 \
	F(egon)                                                                                                           \
	F(erofs)                                                                                                          \
	F(esp8266_v2)                                                                                                     \
	F(esp_image)                                                                                                      \
	F(esp_nvs)                                                                                                        \
	F(esp_partitions)                                                                                                 \
	F(esp_wl)                                                                                                         \
	F(exfat)                                                                                                          \
	F(ext)                                                                                                            \
	F(f2fs)                                                                                                           \
	F(fat)                                                                                                            \
	F(fwtool)                                                                                                         \
	F(gbl)                                                                                                            \
	F(gfs2)                                                                                                           \
	F(gm8126)                                                                                                         \
	F(gpt)                                                                                                            \
	F(grub_core)                                                                                                      \
	F(gzip)                                                                                                           \
	F(hfs)                                                                                                            \
	F(hfsplus)                                                                                                        \
	F(hi3861_upgrade)                                                                                                 \
	F(hikvision)                                                                                                      \
	F(hp_bdl)                                                                                                         \
	F(hp_ipkg)                                                                                                        \
	F(hpfs)                                                                                                           \
	F(huawei_app)                                                                                                     \
	F(huawei_hwnp)                                                                                                    \
	F(ihex)                                                                                                           \
	F(ikconfig)                                                                                                       \
	F(img3)                                                                                                           \
	F(img4)                                                                                                           \
	F(inno)                                                                                                           \
	F(imx8_container)                                                                                                 \
	F(imx_ivt)                                                                                                        \
	F(instar_bneg)                                                                                                    \
	F(intel_flash)                                                                                                    \
	F(intel_microcode)                                                                                                \
	F(iso9660)                                                                                                        \
	F(jboot)                                                                                                          \
	F(jboot_sch2)                                                                                                     \
	F(jcg)                                                                                                            \
	F(jffs2)                                                                                                          \
	F(jfs)                                                                                                            \
	F(kwbimage)                                                                                                       \
	F(lha)                                                                                                            \
	F(linksys_footer)                                                                                                 \
	F(linux_swap)                                                                                                     \
	F(littlefs)                                                                                                       \
	F(logfs)                                                                                                          \
	F(lrzip)                                                                                                          \
	F(luks)                                                                                                           \
	F(lvm2)                                                                                                           \
	F(lz4)                                                                                                            \
	F(lz4_legacy)                                                                                                     \
	F(lzfse)                                                                                                          \
	F(lzip)                                                                                                           \
	F(lzma)                                                                                                           \
	F(lzop)                                                                                                           \
	F(macho_fat)                                                                                                      \
	F(makeself)                                                                                                       \
	F(matter_ota)                                                                                                     \
	F(maxlinear)                                                                                                      \
	F(mbr)                                                                                                            \
	F(mcuboot)                                                                                                        \
	F(md_raid)                                                                                                        \
	F(mediatek_gfh)                                                                                                   \
	F(mediatek_image)                                                                                                 \
	F(mender)                                                                                                         \
	F(minifs)                                                                                                         \
	F(minix)                                                                                                          \
	F(motorola)                                                                                                       \
	F(moxa_frm)                                                                                                       \
	F(moxa_fs)                                                                                                        \
	F(mrvl)                                                                                                           \
	F(nand)                                                                                                           \
	F(netgear_chk)                                                                                                    \
	F(netgear_dni)                                                                                                    \
	F(nilfs2)                                                                                                         \
	F(nordic_init)                                                                                                    \
	F(novatek_bcl)                                                                                                    \
	F(novatek_pack)                                                                                                   \
	F(npk)                                                                                                            \
	F(npk_files)                                                                                                      \
	F(nsis)                                                                                                           \
	F(ntfs)                                                                                                           \
	F(ntfsclone)                                                                                                      \
	F(nxp_jn516x)                                                                                                     \
	F(nxp_jn518x)                                                                                                     \
	F(ocfs2)                                                                                                          \
	F(openpgp_message)                                                                                                \
	F(openssl_salted)                                                                                                 \
	F(packimg)                                                                                                        \
	F(par2)                                                                                                           \
	F(parallels)                                                                                                      \
	F(partclone)                                                                                                      \
	F(particle)                                                                                                       \
	F(pci_rom)                                                                                                        \
	F(pcl_raster)                                                                                                     \
	F(pe)                                                                                                             \
	F(piece)                                                                                                          \
	F(pjl)                                                                                                            \
	F(planex)                                                                                                         \
	F(postscript)                                                                                                     \
	F(prestera)                                                                                                       \
	F(program_store)                                                                                                  \
	F(qca_lzma)                                                                                                       \
	F(qcom_mbn)                                                                                                       \
	F(qcom_mibib)                                                                                                     \
	F(qcow2)                                                                                                          \
	F(qed)                                                                                                            \
	F(qnap)                                                                                                           \
	F(qnx4)                                                                                                           \
	F(qnx6)                                                                                                           \
	F(qnx_deflate)                                                                                                    \
	F(qnx_ifs)                                                                                                        \
	F(qnx_imagefs)                                                                                                    \
	F(rar)                                                                                                            \
	F(rauc)                                                                                                           \
	F(realtek_ameba)                                                                                                  \
	F(redboot_fis)                                                                                                    \
	F(reiser4)                                                                                                        \
	F(reiserfs)                                                                                                       \
	F(reolink_pak)                                                                                                    \
	F(rockchip)                                                                                                       \
	F(rockchip_krnl)                                                                                                  \
	F(rockchip_rkaf)                                                                                                  \
	F(rockchip_rkfw)                                                                                                  \
	F(romfs)                                                                                                          \
	F(ros)                                                                                                            \
	F(rpm)                                                                                                            \
	F(rt_ota)                                                                                                         \
	F(rzip)                                                                                                           \
	F(sbfh)                                                                                                           \
	F(script_payload)                                                                                                 \
	F(seama)                                                                                                          \
	F(senao)                                                                                                          \
	F(sercomm)                                                                                                        \
	F(sevenzip)                                                                                                       \
	F(shar)                                                                                                           \
	F(spiffs)                                                                                                         \
	F(squashfs)                                                                                                       \
	F(squashfs_legacy)                                                                                                \
	F(srec)                                                                                                           \
	F(stm32mp)                                                                                                        \
	F(stuffit)                                                                                                        \
	F(stuffit5)                                                                                                       \
	F(suit)                                                                                                           \
	F(swapped16)                                                                                                      \
	F(swapped32)                                                                                                      \
	F(swupdate)                                                                                                       \
	F(tar)                                                                                                            \
	F(tclinux)                                                                                                        \
	F(tekhex)                                                                                                         \
	F(telink)                                                                                                         \
	F(ti_mlo)                                                                                                         \
	F(ti_oad)                                                                                                         \
	F(tplink)                                                                                                         \
	F(tplink_cloud)                                                                                                   \
	F(tplink_rtos)                                                                                                    \
	F(tplink_safeloader)                                                                                              \
	F(trx)                                                                                                            \
	F(tuya_ug)                                                                                                        \
	F(ubi)                                                                                                            \
	F(ubifs)                                                                                                          \
	F(ubnt)                                                                                                           \
	F(uboot_env)                                                                                                      \
	F(udf)                                                                                                            \
	F(uefi_fv)                                                                                                        \
	F(uefi_nvram)                                                                                                     \
	F(uefi_section_stream)                                                                                            \
	F(uf2)                                                                                                            \
	F(ufs)                                                                                                            \
	F(uimage)                                                                                                         \
	F(unisoc_pac)                                                                                                     \
	F(upx)                                                                                                            \
	F(uuencode)                                                                                                       \
	F(uzip)                                                                                                           \
	F(vdi)                                                                                                            \
	F(vhd)                                                                                                            \
	F(vhdx)                                                                                                           \
	F(vmdk)                                                                                                           \
	F(vmfs)                                                                                                           \
	F(vxworks_symbols)                                                                                                \
	F(wim)                                                                                                            \
	F(wince)                                                                                                          \
	F(winner_micro)                                                                                                   \
	F(wrgg)                                                                                                           \
	F(xalz)                                                                                                           \
	F(xar)                                                                                                            \
	F(xerox_dlm)                                                                                                      \
	F(xerox_dsk)                                                                                                      \
	F(xfs)                                                                                                            \
	F(xiaomi_hdr)                                                                                                     \
	F(xor)                                                                                                            \
	F(xradio_image)                                                                                                   \
	F(xz)                                                                                                             \
	F(yaffs)                                                                                                          \
	F(zfs)                                                                                                            \
	F(zigbee_ota)                                                                                                     \
	F(zimage)                                                                                                         \
	F(zip)                                                                                                            \
	F(zip_disguised)                                                                                                  \
	F(zip_joined_part)                                                                                                \
	F(zip_part)                                                                                                       \
	F(zlib)                                                                                                           \
	F(zoo)                                                                                                            \
	F(zstd)                                                                                                           \
	F(zte_config)                                                                                                     \
	F(zte_db)                                                                                                         \
	F(zyimage)                                                                                                        \
	F(zynos)                                                                                                          \
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
		if (at.n > m->offset && at.p[m->offset] == (uint8_t)m->bytes[0] && span_has(at, m->offset, m->bytes, m->n))
			return true; /* the first byte alone rules out most of hundreds, without a call */
	return false;
}

/* The registry once more: the formats that may begin with a byte, a bit each. Most have a magic right there, and every file of an
 * image is asked whether it is one of hundreds. The magics further on are in a list of their own. */
#define WORDS ((sizeof format_registry / sizeof format_registry[0] + 63) / 64)
#define FURTHER_MAX 512u
static uint64_t by_first_byte[256][WORDS];
static struct further {
	uint64_t offset;
	uint16_t format;
	uint8_t first;
} further[FURTHER_MAX];
static size_t nfurther;
static pthread_once_t indexed = PTHREAD_ONCE_INIT;

static void index_format(size_t i)
{
	const struct format *format = format_registry[i];
	const struct format_magic *m = format->locate ? NULL : format->magics;
	bool any = format->at_start;
	for (; m && m->bytes && !any; m++)
		if (m->offset == 0)
			by_first_byte[(uint8_t)m->bytes[0]][i / 64] |= (uint64_t)1 << i % 64;
		else if (nfurther < FURTHER_MAX)
			further[nfurther++] = (struct further){ m->offset, (uint16_t)i, (uint8_t)m->bytes[0] };
		else
			any = true;
	for (unsigned first = 0; first < 256 && any; first++)
		by_first_byte[first][i / 64] |= (uint64_t)1 << i % 64;
}

static int by_offset(const void *a, const void *b)
{
	const struct further *x = a, *y = b;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* A bit for each format that bytes may begin. */
static void candidates(struct span at, uint64_t may[WORDS])
{
	memcpy(may, by_first_byte[at.n ? at.p[0] : 0], WORDS * sizeof *may);
	for (size_t i = 0; i < nfurther && further[i].offset < at.n; i++) /* most files end before most of them */
		if (at.p[further[i].offset] == further[i].first)
			may[further[i].format / 64] |= (uint64_t)1 << further[i].format % 64;
}

static void index_formats(void)
{
	for (size_t i = 0; format_registry[i]; i++)
		index_format(i);
	qsort(further, nfurther, sizeof *further, by_offset);
}

static bool accepts(const struct format *format, struct span at, struct format_match *match)
{
	return format->probe(at, match) || (format->probe_whole && format->probe_whole(at, match));
}

const struct format *format_identify(struct span at, const char *hint, struct format_match *match)
{
	const struct format *promised = format_find(hint), *best = NULL;
	*match = (struct format_match){ .size = SIZE_UNKNOWN };
	if (promised && accepts(promised, at, match))
		return promised;
	pthread_once(&indexed, index_formats);
	uint64_t may[WORDS];
	candidates(at, may);
	for (size_t word = 0; word < WORDS; word++)
		for (uint64_t left = may[word]; left; left &= left - 1) {
			const struct format *format = format_registry[64 * word + (size_t)__builtin_ctzll(left)];
			struct format_match m = { .size = SIZE_UNKNOWN };
			if (!may_begin(format, at) || !accepts(format, at, &m))
				continue;
			if (!best || m.confidence > match->confidence) {
				best = format;
				*match = m;
			}
		}
	return best;
}
