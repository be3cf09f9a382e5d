/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of Java's archives, file by file; of Android's packages this is version 1. */
#ifndef ASSAY_FORMAT_JAR_H
#define ASSAY_FORMAT_JAR_H

#include "format/zip.h"

/* Reports each META-INF/NAME.SF of the archive whose central directory is between these offsets, with what the offsets in it
 * lack: whether the block beside it signs it, whether it has the digests of the manifest, and the manifest those of the files.
 * `schemes`: what zip_report_signatures() found; a signature file that says that it was more is invalid. */
void jar_report_signatures(struct walk *w, struct span bytes, uint64_t central, uint64_t central_end, int64_t shift,
						   unsigned schemes);

/* ---- manifests: jar_manifest.c ---- */

/* A section of a manifest, from its first line to the empty one behind it. */
struct jar_section {
	struct text name; /* TEXT_NONE: the main one */
	struct span whole;
};

/* All sections but the main one, by name; *main is that. False: out of memory, or more than JAR_SECTIONS_MAX. */
#define JAR_SECTIONS_MAX 65536u
bool jar_sections(struct arena *arena, struct span manifest, struct jar_section *main, struct jar_section **v,
				  size_t *n);
/* The section of that name among those that jar_sections() has sorted; NULL: there is none. */
const struct jar_section *jar_find(const struct jar_section *v, size_t n, struct text name);

/* The value of an attribute of a section, whole; TEXT_NONE: it has none. */
struct text jar_attribute(struct arena *arena, struct span section, const char *name);

/* Whether the section has a digest of the bytes under a name such as SHA-256-Digest and `suffix`. */
enum jar_digest { JAR_NONE, JAR_SAME, JAR_OTHER };
enum jar_digest jar_compare(struct arena *arena, const struct jar_section *s, const char *suffix, struct span bytes);

#endif
