/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"

#include <stdlib.h>
#include <sys/mman.h>

/* From here on a buffer is mapped: mremap() grows it by moving pages, and untouched capacity costs nothing. */
#define BUF_MAP_FROM ((size_t)256 << 10)

/* From here on a mapped buffer has large pages in it, of 2 MiB on most machines. */
#define BUF_LARGE_FROM ((size_t)2 << 20)

static enum error_code grow_mapped(struct buf *b, size_t cap)
{
	cap = (cap + 4095) & ~(size_t)4095;
	void *p;
	if (b->mapped) {
		p = mremap(b->p, b->cap, cap, MREMAP_MAYMOVE);
	} else {
		p = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p != MAP_FAILED && b->n)
			memcpy(p, b->p, b->n);
	}
	if (p == MAP_FAILED)
		return ERR_MEMORY;
	if (!b->mapped)
		free(b->p);
	b->p = p;
	b->cap = cap;
	b->mapped = true;
	return ERR_NONE;
}

enum error_code buf_reserve(struct buf *b, size_t more)
{
	size_t need;
	if (__builtin_add_overflow(b->n, more, &need))
		return ERR_BUDGET;
	if ((b->limit && need > b->limit) || (b->spilled && need > b->cap))
		return b->spill ? b->spill->grow(b->spill, b, need) : ERR_BUDGET;
	if (need <= b->cap && b->p)
		return ERR_NONE;
	size_t cap = b->cap < 256 ? 256 : b->cap;
	while (cap < need)
		cap += cap / 2 + 1;
	if (b->limit && cap > b->limit)
		cap = b->limit;
	if (b->meter && cap > BUF_METERED)
		b->meter->grow(b->meter, cap - (b->cap > BUF_METERED ? b->cap : 0));
	if (cap >= BUF_MAP_FROM)
		return grow_mapped(b, cap);
	uint8_t *p = realloc(b->p, cap);
	if (!p)
		return ERR_MEMORY;
	b->p = p;
	b->cap = cap;
	return ERR_NONE;
}

void buf_expect(struct buf *b)
{
	if (b->mapped && !b->spilled && b->cap >= BUF_LARGE_FROM) /* all of it: mremap() moves no two mappings at once */
		(void)madvise(b->p, b->cap, MADV_HUGEPAGE);
}

enum error_code buf_add(struct buf *b, const void *bytes, size_t n)
{
	enum error_code code = buf_reserve(b, n);
	if (code || !n)
		return code;
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
	return ERR_NONE;
}

void buf_trim(struct buf *b)
{
	size_t cap = b->mapped ? (b->n + 4095) & ~(size_t)4095 : b->n;
	if (cap == 0) {
		buf_free(b);
		return;
	}
	if (cap == b->cap)
		return;
	if (b->spilled) {
		b->spill->release(b->spill, b, b->n);
		b->cap = b->n;
		return;
	}
	void *p;
	if (!b->mapped)
		p = realloc(b->p, cap);
	else if ((p = mremap(b->p, b->cap, cap, MREMAP_MAYMOVE)) == MAP_FAILED)
		p = NULL;
	if (!p)
		return;
	b->p = p;
	b->cap = cap;
}

void buf_free(struct buf *b)
{
	if (b->spilled)
		b->spill->release(b->spill, b, 0);
	else if (b->mapped)
		munmap(b->p, b->cap);
	else
		free(b->p);
	*b = (struct buf){ .limit = b->limit };
}
