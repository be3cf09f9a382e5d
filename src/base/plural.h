/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "1 file", "2 files". */
#ifndef ASSAY_BASE_PLURAL_H
#define ASSAY_BASE_PLURAL_H

/* `one` where n is 1, and `many` where it is not: the form that stands beside the number. */
static inline const char *plural(unsigned long long n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

#endif
