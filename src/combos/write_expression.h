/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constraints in words again. */
#ifndef ASSAY_COMBOS_WRITE_EXPRESSION_H
#define ASSAY_COMBOS_WRITE_EXPRESSION_H

#include "combos/description.h"

struct writer {
	FILE *out;
	const struct combos_description *d;
	enum combos_format format; /* whose words: COMBOS_FORMAT_PICT, or those that ACTS and CTWedge have in common */
	char **names;              /* of the parameters, as the format can say them */
	bool failed;
	uint32_t nwritten;         /* terms */
	/* After writer_prepare(): */
	uint32_t *first;     /* of each parameter its first symbol */
	bool *whole, *truth; /* parameters that have whole numbers, or true and false */
	struct operand *operands;
	struct domain domain;
	int32_t *values;
};

/* Makes the names that the format wants. False when out of memory; writer_free() in any case. */
bool writer_prepare(struct writer *w) MUST_USE;
void writer_free(struct writer *w);

/* Writes one constraint of the model, by its number. */
void write_constraint(struct writer *w, uint32_t constraint);

#endif
