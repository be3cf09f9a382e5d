/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of firmware volumes and of their files' sections share. */
#ifndef ASSAY_FORMAT_UEFI_FV_H
#define ASSAY_FORMAT_UEFI_FV_H

#include "format/format.h"

#define GUID_SIZE 16u
#define UI_TEXT 65u

/* One file of a volume while its sections are emitted. */
struct uefi_file {
	struct walk *w;
	struct span volume;
	const char *path; /* "/GUID" */
	unsigned sections;
	bool stopped;
};

/* Emits the sections in volume[at .. end): what holds others that are stored plainly is opened at once. */
void uefi_emit_sections(struct uefi_file *f, uint64_t at, uint64_t end, unsigned depth);

/* Whether the bytes are sections of known types, one behind the other, and nothing else. */
bool uefi_is_sections(struct span bytes);

/* The name that a file's user interface section gives it, as far as it is ASCII: "" when it has none among its first
 * sections. */
void uefi_find_name(struct span volume, uint64_t at, uint64_t end, char name[UI_TEXT]);

#endif
