/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library whose functions take arguments in every way that there is. */
#ifndef LATE_SAMPLE_H
#define LATE_SAMPLE_H

#include <stddef.h>

struct late_pair {
	double a;
	long b;
};
struct late_large {
	long v[5];
};

/* Six in general registers, eight in vector registers, the others on the stack. */
double late_sum(long a, double x, long b, double y, long c, double z, long d, double u, long e, double v, long f, double w, long g,
                double r, long h, double s, double t, double q);
/* Fields in registers of both kinds; returned so. */
struct late_pair late_swap(struct late_pair a, struct late_pair b);
/* Returned in memory. */
struct late_large late_count(long from);
/* A variable number of doubles and integers in turns. */
int late_print(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As a value: its address is that of the stub. */
int late_twice(int n);

#endif
