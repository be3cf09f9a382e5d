/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpio_writer.h"

#include <stdio.h>
#include <stdlib.h>

static void put(struct buf *out, const void *p, size_t n)
{
	if (buf_add(out, p, n))
		abort();
}

static void pad(struct buf *out)
{
	while (out->n % 4)
		put(out, "", 1);
}

void cpio_add(struct buf *out, struct span name, uint32_t mode, struct span bytes)
{
	static uint32_t inode = 100;
	char header[111];
	snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", inode++, mode, 0u, 0u, 1u,
	         0u, (uint32_t)bytes.n, 0u, 0u, 0u, 0u, (uint32_t)name.n + 1, 0u);
	put(out, header, 110);
	put(out, name.p, name.n);
	put(out, "", 1);
	pad(out);
	if (bytes.n)
		put(out, bytes.p, bytes.n);
	pad(out);
}

void cpio_add_file(struct buf *out, const char *name, const char *text)
{
	cpio_add(out, span_of(name, strlen(name)), 0100644, span_of(text, strlen(text)));
}

void cpio_end(struct buf *out)
{
	cpio_add(out, span_of("TRAILER!!!", 10), 0, SPAN_NONE);
	while (out->n % 512)
		put(out, "", 1);
}
