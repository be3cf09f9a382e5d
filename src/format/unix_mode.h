/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the inodes of Unix say in numbers: the kind of a file in its mode (POSIX <sys/stat.h>, with the values that
 * every format took over), and a device. */
#ifndef ASSAY_FORMAT_UNIX_MODE_H
#define ASSAY_FORMAT_UNIX_MODE_H

#include "format/format.h"

/* False when the mode names no kind of file, which *kind then says to be a file. Bits above the 16 do not count. */
static inline bool entry_kind_read(uint32_t mode, enum entry_kind *kind)
{
	static const enum entry_kind kinds[16] = {
		[1] = ENTRY_FIFO, [2] = ENTRY_CHAR_DEVICE, [4] = ENTRY_DIRECTORY, [6] = ENTRY_BLOCK_DEVICE,
		[8] = ENTRY_FILE, [10] = ENTRY_SYMLINK,    [12] = ENTRY_SOCKET,
	};
	enum entry_kind found = kinds[mode >> 12 & 15];
	*kind = found == ENTRY_REGION ? ENTRY_FILE : found;
	return found != ENTRY_REGION;
}

/* The same where only the kind is wanted: ENTRY_FILE for a type that is none. */
static inline enum entry_kind entry_kind_of_mode(uint32_t mode)
{
	enum entry_kind kind;
	(void)entry_kind_read(mode, &kind);
	return kind;
}

/* Numbers of devices as Linux stores them, in 16 and in 32 bits. */
static inline int64_t device_old(uint32_t dev)
{
	return (int64_t)(dev >> 8 & 0xff) << 32 | (dev & 0xff);
}

/* A device number of Linux, in the form of the column `device`. */
static inline int64_t device_new(uint32_t dev)
{
	return (int64_t)(dev >> 8 & 0xfff) << 32 | ((dev & 0xff) | (dev >> 12 & 0xfff00));
}

#endif
