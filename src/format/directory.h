/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of this machine as one run of bytes: how it reaches the worker, which can open nothing itself.
 *
 * The parent reads the folder without following a link and writes DIRECTORY_MAGIC, then a record for each entry, parents
 * before their children: the fields below in order, little-endian, then the path, the target and the content, then zeros up
 * to the next multiple of DIRECTORY_ALIGN bytes. It may be as hostile as any other input, since it may hold the same bytes.
 */
#ifndef ASSAY_FORMAT_DIRECTORY_H
#define ASSAY_FORMAT_DIRECTORY_H

#define DIRECTORY_MAGIC "assay directory\0"
#define DIRECTORY_MAGIC_SIZE 16u
#define DIRECTORY_ALIGN 8u

/* uint32: kind (an enum entry_kind or one of those below), mode, uid, gid, bytes of path, bytes of target;
 * int64: mtime; uint64: device (major << 32 | minor), bytes of content. 48 bytes in all. */

enum directory_kind {
	DIRECTORY_HARD_LINK = 100, /* its target is the path of the first name */
	DIRECTORY_UNREAD_FILE,     /* a file that could not be read: its target is the sentence that says why */
	DIRECTORY_UNREAD,          /* likewise what lies below a folder: no entry of its own */
};

#endif
