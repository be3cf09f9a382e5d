/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the boot inspector. */
#ifndef ASSAY_INSPECT_BOOT_H
#define ASSAY_INSPECT_BOOT_H

#include "inspect/inspect.h"
#include "inspect/kernel.h"

/* A variable of a boot loader's environment, when it is one that matters; what starts the kernel is read, too. */
void boot_variable(struct text name, struct text value, int64_t offset, const char *origin, struct sink *sink);

/* A row of `boot_setting`. */
void boot_emit(struct sink *sink, int64_t offset, const char *loader, struct text key, struct text value,
			   const char *origin);

/* What kind of boot loader's file a path is; BOOT_FILE_NONE for others. */
enum boot_file {
	BOOT_FILE_NONE,
	BOOT_FILE_GRUB,
	BOOT_FILE_GRUB_DEFAULT,
	BOOT_FILE_EXTLINUX,
	BOOT_FILE_LOADER, /* loader/loader.conf */
	BOOT_FILE_ENTRY,  /* loader/entries */
	BOOT_FILE_FW_ENV,
	BOOT_FILE_RPI_CONFIG,
	BOOT_FILE_CMDLINE,
	BOOT_FILE_SCRIPT,     /* U-Boot's */
	BOOT_FILE_ENVIRONMENT /* uEnv.txt, and what the uboot_env format made of an environment */
};
enum boot_file boot_file_of(const struct subject *s);
void boot_file_read(enum boot_file kind, const struct subject *s, struct sink *sink);

/* What a container's header tells of how boot is verified. */
bool boot_container(const char *format);
void boot_container_read(const struct subject *s, struct sink *sink);

/* The lists of keys that UEFI's secure boot has in its variables. */
bool boot_uefi_is_list(const struct subject *s);
void boot_uefi_read(const struct subject *s, struct sink *sink);

#endif
