/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mach-O: programs, libraries and kernels of macOS and iOS.
 *
 * Specification: Apple "OS X ABI Mach-O File Format Reference"; XNU EXTERNAL_HEADERS/mach-o/loader.h, osfmk/mach/machine.h.
 */
#ifndef ASSAY_FORMAT_MACHO_H
#define ASSAY_FORMAT_MACHO_H

#include "base/span.h"

struct macho {
	bool big, is64;
	uint32_t cpu, subtype, type, commands, commands_size;
};

/* Whether a file begins there: its header, and the list of its load commands as far as that is there. */
bool macho_read(struct span at, struct macho *m);

/* Where the last thing in the bytes ends that its load commands tell of; 0 when it is none. */
uint64_t macho_end(struct span bytes);

/* "arm64", "x86_64" and so on; NULL when such a processor is not known. */
const char *macho_cpu(uint32_t cpu, uint32_t subtype);

#endif
