/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/redact.h"

#define LONG_ENOUGH 16u
#define LONG 24u

static bool is_middle(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the first `n` characters. */
static size_t head_of(struct text t, size_t n)
{
	size_t i = 0;
	for (; n > 0 && i < t.n; n--)
		for (i++; i < t.n && is_middle(t.p[i]); i++)
			;
	return i;
}

/* Bytes of the last `n` characters. */
static size_t tail_of(struct text t, size_t n)
{
	size_t i = t.n;
	for (; n > 0 && i > 0; n--)
		for (i--; i > 0 && is_middle(t.p[i]); i--)
			;
	return t.n - i;
}

static size_t characters(struct text t)
{
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		n += !is_middle(t.p[i]);
	return n;
}

size_t redact(struct text value, char out[REDACTED_MAX])
{
	size_t n = characters(value), head = 0, tail = 0;
	if (value.n == 0) {
		out[0] = '\0';
		return 0;
	}
	if (n >= LONG_ENOUGH) {
		head = head_of(value, 4);
		tail = tail_of(value, n >= LONG ? 4 : 2);
	}
	if (head > 16 || tail > 16) /* no UTF-8 */
		head = tail = 0;
	memcpy(out, value.p, head);
	memcpy(out + head, "****", 4);
	memcpy(out + head + 4, value.p + value.n - tail, tail);
	out[head + 4 + tail] = '\0';
	return head + 4 + tail;
}
