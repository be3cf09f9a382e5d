/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How names, dates and identifiers are noted by more than one format. */
#ifndef ASSAY_FORMAT_NOTATION_H
#define ASSAY_FORMAT_NOTATION_H

#include "base/span.h"

/* UTF-16 as UTF-8; a surrogate without its partner is encoded like any other code point, so that no two names become
 * one. `out` holds 3 bytes a unit; gives the length. Stops before a unit of 0 when `terminated`. */
size_t utf16_to_utf8(struct span units, bool big, bool terminated, char *out);

/* Seconds since 1970 (UTC) of a DOS date and time, or FACT_NULL when they are none. */
int64_t dos_time(uint16_t date, uint16_t time);

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);

#define GUID_TEXT 37u

/* A GUID as in UEFI, appendix A; empty when the bytes are not there. */
void guid_text(struct span guid, char out[GUID_TEXT]);

#endif
