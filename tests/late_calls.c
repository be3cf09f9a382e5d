/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What test_late.c calls, in a static library as the code of the program is: the stubs are written for it. */
#include "late_calls.h"

#include "late_sample.h"

bool call_sum(void)
{
	return late_sum(1, 1, 2, 1, 3, 1, 4, 1, 5, 1, 6, 1, 7, 1, 8, 1, 1, 1) == 87654321 + 1023.0 / 1024;
}

bool call_swap(void)
{
	struct late_pair p = late_swap((struct late_pair){ 1.5, 2 }, (struct late_pair){ 3.5, 4 });
	return p.a == 3.5 && p.b == 2;
}

bool call_count(void)
{
	struct late_large l = late_count(7);
	return l.v[0] == 7 && l.v[4] == 11;
}

bool call_print(char *out, size_t size)
{
	return late_print(out, size, "%d %.1f %s %.1f %d %d %d %.1f %d %.1f %.1f %.1f %.1f %.1f %.1f", 1, 2.5, "three", 4.5, 5, 6, 7, 8.5, 9,
	                  10.5, 11.5, 12.5, 13.5, 14.5, 15.5) > 0;
}

int call_through(int n)
{
	int (*volatile twice)(int) = late_twice;
	return twice(n);
}
