/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs a file as HFS+ and APFS keep it, after XNU's decmpfs.h. */
#ifndef ASSAY_TESTS_DECMPFS_WRITER_H
#define ASSAY_TESTS_DECMPFS_WRITER_H

#include "base/span.h"

#define DECMPFS_LISTED 0x100u /* with the type 10: behind a list of places, not in a resource */

/* Writes the attribute com.apple.decmpfs and gives its size; of types that have their bytes in the resource fork that, too. Room: twice
 * the file, and 8192 bytes. */
size_t decmpfs_write(unsigned type, struct span file, uint8_t *attribute, uint8_t *fork, size_t *fork_n);

#endif
