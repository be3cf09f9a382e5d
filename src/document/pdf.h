/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poppler, loaded only when a PDF is to be read: forty libraries that no other start of the program should pay for. */
#ifndef ASSAY_DOCUMENT_PDF_H
#define ASSAY_DOCUMENT_PDF_H

#include "base/error.h"

struct pdf_library;

/* Loads poppler and lets it read what it wants from disk: to be called before confinement, after which it opens nothing.
 * NULL and *error when it is not installed. It stays loaded. */
const struct pdf_library *pdf_load(struct error *error) MUST_USE;

#endif
