/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The resource fork of a file of Mac OS: numbered resources by a type of four letters.
 *
 * Specification: Inside Macintosh: More Macintosh Toolbox, 1-121 "Resource File Format".
 */
#ifndef ASSAY_FORMAT_MAC_RESOURCE_H
#define ASSAY_FORMAT_MAC_RESOURCE_H

#include "base/span.h"

struct mac_resource {
	uint16_t id;
	struct span name, data; /* data: what there is of it */
	uint32_t size;          /* what it says */
};

struct mac_resources {
	struct span fork, list; /* list: the references of one type */
	uint64_t data_at, names_at;
	uint32_t n, next;
};

/* Finds the resources of that type; false when there are none, or no resource fork. */
bool mac_resources_find(struct span fork, const char type[4], struct mac_resources *r);

/* The next one of them; false behind the last. */
bool mac_resources_next(struct mac_resources *r, struct mac_resource *one);

#endif
