/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What StuffIt's archives of both kinds have in common: files with a data fork and a resource fork, each packed by itself.
 *
 * Facts: XADMaster, XADStuffItParser.m, XADStuffIt5Parser.m.
 */
#ifndef ASSAY_FORMAT_STUFFIT_H
#define ASSAY_FORMAT_STUFFIT_H

#include "format/format.h"
#include "format/path.h"

#define STUFFIT_CRC 0xa001u /* the polynomial of all its sums */
#define STUFFIT_METHOD 15u
#define STUFFIT_ENTRIES_MAX 100000u

struct stuffit_fork {
	uint64_t at;
	uint32_t size, packed;
	uint16_t crc;
	unsigned method;
	bool encrypted;
};

struct stuffit {
	struct span bytes;
	struct walk *w;
	struct path_buffer buffer;
};

/* The path of a name in a folder, in the walk's arena. TEXT_NONE: it is too long, or there is no memory. */
struct text stuffit_path(struct stuffit *s, struct text folder, struct text name);

/* Seconds since 1904 as seconds since 1970; 0, which stands for no time, is FACT_NULL. */
int64_t stuffit_time(uint32_t t);

/* Both forks of a file; that of resources beside it. False: stop. */
bool stuffit_emit_file(struct stuffit *s, struct text path, int64_t mtime, const struct stuffit_fork *resource, const struct stuffit_fork *data);
bool stuffit_emit_folder(struct stuffit *s, struct text path, int64_t mtime);

#endif
