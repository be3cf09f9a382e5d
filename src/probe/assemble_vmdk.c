/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of VMware in several files, as their descriptor lists them. */
#include "format/vmdk.h"
#include "probe/assemble.h"

#define SECTOR 512u

/* The files of the list together; 0: there is no list, or it tells of more than anything can be. */
static uint64_t vmdk_size(struct text descriptor)
{
	struct vmdk_extent e;
	uint64_t sectors = 0;
	for (size_t at = 0; vmdk_descriptor_extent(descriptor, &at, &e);)
		if (__builtin_add_overflow(sectors, e.sectors, &sectors) || sectors > UINT64_MAX >> 16)
			return 0;
	return sectors * SECTOR;
}

static struct piece *piece_of_name(struct piece_set *set, struct text name)
{
	for (size_t i = 1; i < set->n; i++)
		if (text_eq(text_base(set->v[i].task->entry.path), name))
			return &set->v[i];
	return NULL;
}

static struct error lay_flat(const struct vmdk_extent *x, struct span bytes, uint8_t *out)
{
	uint64_t n = x->sectors * SECTOR;
	struct span part = x->first <= UINT64_MAX / SECTOR ? span_clip(bytes, x->first * SECTOR, n) : SPAN_NONE;
	if (part.n)
		memcpy(out, part.p, part.n);
	memset(out + part.n, 0, (size_t)(n - part.n));
	return part.n < n ? error_at(ERR_TRUNCATED, bytes.n, "it has to have %llu bytes", (unsigned long long)n) : error_none();
}

/* Lays one extent. What of a file is not in the whole has to be looked at there. */
static struct error lay_extent(struct piece_set *set, const struct vmdk_extent *x, uint8_t *out)
{
	uint64_t n = x->sectors * SECTOR, size = n;
	struct piece *p = piece_of_name(set, x->file);
	struct error e = error_none();
	if (text_is(x->kind, "FLAT") || text_is(x->kind, "VMFS")) {
		e = p ? lay_flat(x, p->bytes, out) : e;
		set->sure &= p && x->first == 0 && p->bytes.n <= n;
	} else if (text_is(x->kind, "SPARSE") || text_is(x->kind, "VMFSSPARSE")) {
		bool rest = false;
		e = p ? vmdk_extent_copy(p->bytes, out, n, &size, &rest) : e;
		set->sure &= size == n && !rest;
	} else {
		memset(out, 0, (size_t)n);
		return text_is(x->kind, "ZERO") ? error_none() : error_at(ERR_UNSUPPORTED, 0, "extents of this kind are not known");
	}
	if (p) {
		p->at = 1; /* it is in the list */
		return e;
	}
	memset(out, 0, (size_t)n);
	return error_at(ERR_TRUNCATED, 0, "it is missing");
}

static void lay_extents(struct lane *l, struct piece_set *set, struct text descriptor)
{
	struct vmdk_extent x;
	uint8_t *out = l->content.p;
	for (size_t i = 1; i < set->n; i++)
		set->v[i].at = 0;
	for (size_t at = 0; vmdk_descriptor_extent(descriptor, &at, &x); out += x.sectors * SECTOR) {
		struct error e = lay_extent(set, &x, out);
		set->sure &= !error_is(&e);
		if (error_is(&e))
			emit_damage_at(&l->finding.sink, e.code, UINT64_MAX, "its extent %.*s, byte %llu: %s", (int)(x.file.n < 80 ? x.file.n : 80),
						   x.file.n ? x.file.p : "", (unsigned long long)e.offset, e.text);
		spill_forget(l->probe, span_of(l->content.p, (size_t)(out - l->content.p) + (size_t)(x.sectors * SECTOR)));
		lane_renew(l);
	}
	for (size_t i = 1; i < set->n; i++)
		set->sure &= set->v[i].at != 0;
}

struct span assemble_vmdk(struct lane *l, struct piece_set *set, struct buf *beside)
{
	l->content.n = 0;
	set->sure = assemble_gather(l, set, beside);
	struct text descriptor = vmdk_descriptor_text(set->v[0].bytes), parent = vmdk_descriptor_value(descriptor, "parentCID");
	uint64_t size = vmdk_size(descriptor);
	set->none = !size;
	if (!size || !assemble_make_room(l, size, beside)) {
		set->sure = false;
		return SPAN_NONE;
	}
	if (parent.n && !text_is(parent, "ffffffff"))
		emit_damage_at(&l->finding.sink, ERR_UNSUPPORTED, UINT64_MAX, "what is not in these files is in those of another disk");
	lay_extents(l, set, descriptor);
	set->sure &= vmdk_descriptor_is_all(set->v[0].bytes);
	l->content.n = (size_t)size;
	return assemble_finish(l);
}
