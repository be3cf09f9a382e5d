/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/proof.h"

#include "format/ext_image.h"

extern const struct format ext_format;

/* ext has a short magic, and copies of its superblock, by which it is located. Its first superblock proves itself; what comes
 * close to one, as where words of 32 bits are taken for such of 16, has no sum and no revision. */
static bool is_ext(struct span at, struct format_match *match)
{
	struct ext_super s;
	if (!ext_super_read(at, 1024, &s) || !s.checksum_ok || s.revision > 1)
		return false;
	match->size = s.blocks * s.block_size;
	return true;
}

const struct format *proof_begins(struct span at, struct format_match *match)
{
	for (size_t i = 0; format_registry[i]; i++) {
		const struct format *f = format_registry[i];
		const struct format_magic *m = f->magics;
		*match = (struct format_match){ .size = SIZE_UNKNOWN };
		if (f->kind == FORMAT_ENCODING || f->locate || !m)
			continue;
		while (m->bytes && (m->n < PROOF_MAGIC || !span_has(at, m->offset, m->bytes, m->n)))
			m++;
		if (m->bytes && f->probe(at, match) && match->confidence >= PROOF_CONFIDENCE)
			return f;
	}
	*match = (struct format_match){ .size = SIZE_UNKNOWN };
	return is_ext(at, match) ? &ext_format : NULL;
}
