/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What shows that a dump of NAND flash has a certain geometry. Not for other formats. */
#ifndef ASSAY_FORMAT_NAND_PROOF_H
#define ASSAY_FORMAT_NAND_PROOF_H

#include "format/format.h"

struct nand_geometry {
	uint32_t page, spare;
};

enum nand_strength {
	NAND_NO,
	NAND_LIKELY,  /* two checksums fit at places that tell the ratio of data and spare bytes */
	NAND_CERTAIN, /* data that lie across pages have their checksum */
};

/* Copies out[0..n) from the data at `at`, without spare bytes; gives how many bytes were there. */
size_t nand_copy(struct span raw, const struct nand_geometry *g, uint64_t at, uint8_t *out, size_t n);

/* Whether something begins there that could prove a geometry, and does not read well as it is. */
bool nand_is_worth_it(struct span raw);

enum nand_strength nand_prove(struct span raw, const struct nand_geometry *g);

#endif
