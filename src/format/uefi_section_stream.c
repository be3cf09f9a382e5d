/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a compressed section of a firmware volume unpacks to: sections, without a header before them.
 *
 * Specification: UEFI Platform Initialization Specification, volume 3, section 2.2.4 "Firmware File Sections".
 */
#include <stdio.h>

#include "format/uefi_fv.h"

#define SIZE_MIN 32u

static bool stream_probe(struct span at, struct format_match *match)
{
	*match = (struct format_match){ .size = at.n, .confidence = 60 };
	return at.n >= SIZE_MIN && uefi_is_sections(at);
}

static struct error stream_walk(struct span bytes, struct walk *w)
{
	char name[UI_TEXT], path[UI_TEXT + 1];
	uefi_find_name(bytes, 0, bytes.n, name);
	snprintf(path, sizeof path, "/%s", *name ? name : "sections");
	struct entry directory = { ENTRY_INIT, .kind = ENTRY_DIRECTORY, .path = text_c(path) };
	struct uefi_file sections = { .w = w, .volume = bytes, .path = path };
	if (w->child(w, &directory))
		uefi_emit_sections(&sections, 0, bytes.n, 0);
	return error_none();
}

const struct format uefi_section_stream_format = {
	.name = "uefi_section_stream",
	.kind = FORMAT_CONTAINER,
	.title = "Sections of a file of a UEFI firmware volume",
	.spec = "UEFI Platform Initialization Specification, volume 3",
	.probe = stream_probe,
	.walk = stream_walk,
	.at_start = true,
};
