/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The document probe: reads one document of a product and hands over what it says, as one blob. */
#ifndef ASSAY_PROBE_DOCUMENT_H
#define ASSAY_PROBE_DOCUMENT_H

#include "probe/probe.h"

struct document_probe;

/* Everything that has to be done before confinement: for a PDF, poppler is loaded. `role` as document_roles has it, or
 * NULL; `language` (ISO 639-1) where it is known, or NULL. NULL and *error when there is no memory; without poppler a PDF
 * is not read, and a row of `damage` says so. */
struct document_probe *document_probe_new(const struct probe_input *input, const char *role, const char *language,
                                          struct error *error) MUST_USE;

/* Reads it and sends one batch; false when nobody took it. */
bool probe_document(struct document_probe *probe, struct probe_status *status, struct probe_output *output);

#endif
