/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of signatures share. */
#ifndef ASSAY_INSPECT_SIGNATURES_H
#define ASSAY_INSPECT_SIGNATURES_H

#include "inspect/inspect.h"

/* Whether the bytes begin a program as UEFI and Windows have them (PE/COFF). */
bool signatures_is_pe(struct span bytes);

/* Rows for the signatures of such a program; that it has none is told of programs for UEFI that have a file of their own. */
void signatures_pe(const struct subject *s, struct sink *sink);

/* Whether the blob is a text that OpenPGP signs in clear, or detached signatures of OpenPGP; rows for these. */
bool signatures_is_openpgp(const struct subject *s);
void signatures_openpgp(const struct subject *s, struct sink *sink);

/* What the file's name says that it is a signature of: its name, and its whole path; TEXT_NONE when it says nothing. */
struct text signatures_covered_file(struct text path);

/* A signature in a file of its own: by its name. */
bool signatures_is_detached_name(struct text path);

/* The bytes of the file beside this one that it signs. On failure SPAN_NONE, and why in a few words. */
struct span signatures_covered_bytes(const struct subject *s, const char **why);

/* A row for the signature of usign, signify or minisign that begins with its comment, and for what else it signs. */
void signatures_usign(const struct subject *s, struct sink *sink);

/* Hexadecimal, in the arena; TEXT_NONE for nothing. */
struct text signatures_hex(const struct subject *s, struct span bytes);

#endif
