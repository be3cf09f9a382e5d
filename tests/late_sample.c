/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "late_sample.h"

#include <stdarg.h>
#include <stdio.h>

double late_sum(long a, double x, long b, double y, long c, double z, long d, double u, long e, double v, long f, double w, long g,
                double r, long h, double s, double t, double q)
{
	return (double)(a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + 10000000 * h) + x / 2 + y / 4 + z / 8 +
	       u / 16 + v / 32 + w / 64 + r / 128 + s / 256 + t / 512 + q / 1024;
}

struct late_pair late_swap(struct late_pair a, struct late_pair b)
{
	return (struct late_pair){ b.a, a.b };
}

struct late_large late_count(long from)
{
	return (struct late_large){ { from, from + 1, from + 2, from + 3, from + 4 } };
}

int late_print(char *out, size_t size, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int n = vsnprintf(out, size, format, list);
	va_end(list);
	return n;
}

int late_twice(int n)
{
	return 2 * n;
}
