/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary files without a name: nobody else can open them, and they are gone with the last who has them. */
#ifndef ASSAY_BASE_UNNAMED_H
#define ASSAY_BASE_UNNAMED_H

#include <stdint.h>

/* A file without a name, in $TMPDIR or /var/tmp, open for reading and writing. Its descriptor, or -1 with errno. */
int unnamed_file(void);

/* How many bytes may be written to the file's disk: half of what is free there. 0 where its bytes would be memory (tmpfs),
 * or when that is not known. */
uint64_t unnamed_room(int fd);

#endif
