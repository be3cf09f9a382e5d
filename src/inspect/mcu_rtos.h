/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real-time operating systems whose images have no header: VxWorks by its symbol table or its kernel's name, eCos by its exception
 * handler. */
#ifndef ASSAY_INSPECT_MCU_RTOS_H
#define ASSAY_INSPECT_MCU_RTOS_H

#include "inspect/inspect.h"

/* Places that tell of one, by the patterns of the inspector. */
enum rtos_hit {
	RTOS_SYMBOL,  /* the name of a function that every VxWorks has, as a string */
	RTOS_WIND,    /* "WIND version " */
	RTOS_HANDLER, /* eCos */
};

/* What the hit shows, as a row of mcu with fields of a header; `told` is what was shown before, so that nothing is told twice. */
struct rtos_told {
	bool symbols, wind, handler, no_name; /* no_name: of VxWorks, in the whole blob */
};
void rtos_read(const struct subject *s, enum rtos_hit kind, const struct hit *hit, struct rtos_told *told, struct sink *sink);

#endif
