/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "product/product.h"

void product_emit(const struct product *p, struct sink *sink)
{
	for (size_t i = 0; i < p->nvalues; i++) {
		const struct product_value *v = &p->values[i];
		emit_declaration(sink, &(struct fact_declaration){
								   .line = v->line,
								   .section = text_c(v->section),
								   .item = v->item ? (int64_t)v->item : FACT_NULL,
								   .key = text_c(v->key),
								   .value = text_c(v->value),
							   });
	}
}
