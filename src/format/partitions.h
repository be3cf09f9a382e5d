/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What partition tables share: parts of a disk, told as regions in the order of the disk, with what lies between them. */
#ifndef ASSAY_FORMAT_PARTITIONS_H
#define ASSAY_FORMAT_PARTITIONS_H

#include "format/format.h"

#define PARTITIONS_MAX 1024u

struct partition {
	uint64_t start, size; /* bytes */
	struct text name;     /* TEXT_NONE: bytes of the tables themselves, which are no region */
};

struct partitions {
	struct partition v[PARTITIONS_MAX];
	size_t n;
};

/* Adds a part; what overlaps one that was added before is reported and left out. False when it was not added. */
bool partitions_add(struct partitions *p, struct walk *w, uint64_t start, uint64_t size, struct text name);

/* Shows all parts, and the space between them that nothing claims: boot loaders live there. */
void partitions_emit(const struct partitions *p, struct span disk, struct walk *w);

/* The MBR in a disk's first sector. */
struct mbr_entry {
	bool bootable;
	uint8_t type;
	uint64_t lba, sectors;
};

/* Reads the four entries of a (extended) boot record; false without the signature 55 AA. */
bool mbr_read(struct span sector, struct mbr_entry entries[4]);

/* What a partition of that type holds; NULL: not known. */
const char *mbr_type_name(uint8_t type);

#endif
