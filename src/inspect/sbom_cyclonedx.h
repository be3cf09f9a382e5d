/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A document of CycloneDX in JSON while it is read. */
#ifndef ASSAY_INSPECT_SBOM_CYCLONEDX_H
#define ASSAY_INSPECT_SBOM_CYCLONEDX_H

#include "inspect/sbom.h"

struct cyclonedx {
	struct sbom_reader *r;
	struct sbom_names names; /* components by bom-ref */
	struct text author, date;
	struct text serial; /* "urn:uuid:..." */
	bool may_refer; /* the word stands somewhere in the document */
	bool has_vulnerabilities;
	/* The scope that each component states itself, in the order in which their objects begin; filled where the word `excluded` is
	 * somewhere: it may stand behind what a component is put together of. */
	uint8_t *scopes;
	size_t nscopes, room, at;
};

/* sbom_cyclonedx_vulnerabilities.c: the value of the KEY `vulnerabilities`: a row of `declared_statement` for each component that an
 * analysis is about. Names, author, date and serial number must have been read. */
void cyclonedx_vulnerabilities_read(struct cyclonedx *x);

#endif
