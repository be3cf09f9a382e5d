/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of compound files and that of Windows Installer's packages share. */
#ifndef ASSAY_FORMAT_CFB_H
#define ASSAY_FORMAT_CFB_H

#include "format/format.h"

enum cfb_type { CFB_NONE, CFB_STORAGE = 1, CFB_STREAM = 2, CFB_ROOT = 5 };

struct cfb_entry {
	struct text name; /* UTF-8 */
	struct span raw;  /* UTF-16 */
	uint8_t type;
	bool reached; /* from the root */
	uint32_t left, right, child, first, parent;
	uint64_t size, at; /* at: of the entry itself */
	struct span bytes; /* of a stream, as far as it is there */
	struct error error;
};

/* Emits what the streams of a Windows Installer package hold: files of cabinets by the names of its tables, the other streams by their
 * own. False: the compound file is none, and nothing was emitted. */
bool msi_emit(struct cfb_entry *entries, size_t n, struct walk *w, struct error *error);

/* A stream as a file of that path. False: stop walking. */
bool cfb_emit_stream(const struct cfb_entry *e, struct text path, struct walk *w);

#endif
