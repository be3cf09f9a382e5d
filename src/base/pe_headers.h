/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers of PE programs: of Windows, of UEFI, and of kernels that are programs of EFI as well. */
#ifndef ASSAY_BASE_PE_HEADERS_H
#define ASSAY_BASE_PE_HEADERS_H

#include "base/error.h"
#include "base/span.h"

enum pe_directory { PE_RESOURCES = 2, PE_CERTIFICATES = 4, PE_DEBUG = 6 };

struct pe_headers {
	struct span bytes;
	uint64_t at;          /* of the signature */
	uint64_t optional;    /* of the optional header */
	uint64_t directories; /* of the first data directory */
	uint32_t directories_n;
	uint16_t machine, sections_n, subsystem;
	bool plus; /* PE32+ */
};

struct pe_extent {
	uint32_t at, size; /* an address in memory, but for the table of certificates: a place in the file */
};

/* False: no headers of PE, or not all there. */
bool pe_headers_read(struct span bytes, struct pe_headers *h) MUST_USE;

/* Whether it is for UEFI, not for Windows. */
bool pe_is_uefi(const struct pe_headers *h);

/* {0, 0} where there is none. */
struct pe_extent pe_directory(const struct pe_headers *h, enum pe_directory number);

/* Where a section stands in memory and in the file; false: its header is not there. */
struct pe_section {
	uint32_t address, at, size;
};
bool pe_section(const struct pe_headers *h, unsigned i, struct pe_section *s);

/* Where the bytes of an address in memory stand in the file; UINT64_MAX: nowhere. */
uint64_t pe_place(const struct pe_headers *h, uint32_t address);

/* Where the program ends: headers, sections, symbols and what debuggers read. May lie beyond the bytes. */
uint64_t pe_end(const struct pe_headers *h);

/* Whether a table is nothing but certificates. */
bool pe_is_certificates(struct span table);

/* Where the table of certificates ends when the headers of PE say that it follows what ends at `end`: a signed kernel is longer than
 * its own header tells. Else `end`. */
uint64_t pe_signed_end(struct span bytes, uint64_t end) MUST_USE;

#endif
