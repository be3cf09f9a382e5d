/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LATE_CALLS_H
#define LATE_CALLS_H

#include <stdbool.h>
#include <stddef.h>

/* Each calls a function of the library, and says whether it got what it was given. */
bool call_sum(void);
bool call_swap(void);
bool call_count(void);
bool call_print(char *out, size_t size);
int call_through(int n);

#endif
