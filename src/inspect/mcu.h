/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of microcontrollers' SDKs and identifiers. */
#ifndef ASSAY_INSPECT_MCU_H
#define ASSAY_INSPECT_MCU_H

#include "inspect/inspect.h"

/* The SDKs and operating systems that an image names, with their versions, separated by ", ". */
struct text mcu_sdk(const struct subject *s);

/* "S132 7.0.1" and the family of chips that it is for, by its firmware id; NULL when it is not known. */
const char *mcu_softdevice(uint16_t id, const char **chip);

/* The microcontrollers of a family of UF2 in the words of `mcu`; NULL: not known. */
const char *mcu_uf2_family(uint32_t id);

#endif
