/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stable sort that needs nothing but the memory it is given: qsort(3) asks the system for its memory size, which a
 * confined worker may not. */
#ifndef ASSAY_BASE_SORT_H
#define ASSAY_BASE_SORT_H

#include <stddef.h>

/* Sorts n items of `size` bytes; `spare` has room for as many. The comparison is that of qsort(3); equal items keep their
 * order. */
void sort_stable(void *items, void *spare, size_t n, size_t size, int (*compare)(const void *, const void *));

#endif
