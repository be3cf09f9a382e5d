/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UUIDs that follow from a name: RFC 9562, section 5.5 (version 5, SHA-1). The same name gives the same one everywhere. */
#ifndef ASSAY_BASE_UUID5_H
#define ASSAY_BASE_UUID5_H

#include "base/span.h"

/* The UUID of `name` below the namespace for URLs (6ba7b811-9dad-11d1-80b4-00c04fd430c8), in lower-case text. */
void uuid5_url(struct text name, char out[37]);

#endif
