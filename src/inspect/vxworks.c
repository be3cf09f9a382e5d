/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VxWorks' symbol tables. An entry is
 *
 *     node of a hash chain    an address; 0, as the chains are made when the system starts
 *     name, value             addresses
 *     symRef                  an address; from VxWorks 6 on
 *     group                   16 bits; 0 for what is linked into the image
 *     type                    8 bits, and 8 of padding
 *
 * with addresses of 4 bytes, or of 8 (VxWorks 7, LP64). The image has no header: where it is loaded is told by the names. One of
 * the entries has the address of a known name; the base that this gives is right when the names of all others stand there, too.
 *
 * Specification: VxWorks h/symbol.h, symLib.h (5.4 to 7); the wrapper that makeSymTbl.tcl writes.
 */
#include "inspect/vxworks.h"

#define SYMBOLS_MIN 64u
#define SYMBOLS_MAX (1u << 20)
#define NAME_LIMIT 512u
#define WORDS_MAX 10u          /* of the longest entry */
#define LOOKS 24u              /* names that have to be there for a base */
#define STEPS_MAX (32u << 20)  /* bytes of names that are looked at */

struct layout {
	unsigned entry, width, type; /* bytes of an entry and of an address, and where the group stands */
};

static const struct layout layouts[] = { { 16, 4, 12 }, { 20, 4, 16 }, { 40, 8, 32 } };

/* Types of VxWorks 5 and 6 that tables of images have: absolute, text, data, BSS, common, and small data of PowerPC. */
static bool is_type(uint8_t type)
{
	return (type >= 2 && type <= 9) || type == 0x10 || type == 0x11 || type == 0x12 || type == 0x13 || type == 0x20 || type == 0x21 ||
		   type == 0x40 || type == 0x41 || type == 0x80 || type == 0x81;
}

static uint64_t address_at(struct span image, uint64_t at, unsigned width, bool big)
{
	struct reader r = reader_of(span_sub(image, at, width), big);
	return rd_uint(&r, width);
}

static bool is_entry(struct span image, uint64_t at, const struct layout *l)
{
	if (at + l->entry > image.n)
		return false;
	const uint8_t *p = image.p + at;
	return is_type(p[l->type + 2]) && p[l->type] == 0 && p[l->type + 1] == 0 && p[l->type + 3] == 0 &&
		   span_is_zero(span_of(p, l->width)) && !span_is_zero(span_of(p + l->width, l->width));
}

static bool in_name(uint8_t c)
{
	return c > 0x20 && c < 0x7f;
}

/* A string by itself: what is before it ends another. Counts the bytes that were looked at. */
static struct text name_at(struct span image, uint64_t at, uint64_t *steps)
{
	struct span s = span_clip(image, at, NAME_LIMIT);
	size_t n = 0;
	if (at && at <= image.n && image.p[at - 1])
		return TEXT_NONE;
	while (n < s.n && in_name(s.p[n]))
		n++;
	*steps += n + 1;
	return n && n < s.n && s.p[n] == 0 ? text_of((const char *)s.p, n) : TEXT_NONE;
}

static uint64_t name_place(struct span image, const struct vxworks_table *t, uint32_t i)
{
	uint64_t place = address_at(image, t->at + (uint64_t)i * t->entry + t->width, t->width, t->big) - t->base;
	return t->width == 4 ? place & UINT32_MAX : place;
}

/* Whether names stand where entries from all over the table lead, from this base. */
static bool base_holds(struct span image, const struct vxworks_table *t, uint64_t *steps)
{
	for (uint32_t i = 0; i < LOOKS; i++) {
		uint32_t which = (uint32_t)((uint64_t)i * (t->symbols - 1) / (LOOKS - 1));
		if (!name_at(image, name_place(image, t, which), steps).n)
			return false;
	}
	return true;
}

static bool find_base(struct span image, uint64_t name, struct vxworks_table *t, uint64_t *steps)
{
	for (unsigned order = 0; order < 2; order++) {
		t->big = order == 0;
		for (uint32_t i = 0; i < t->symbols && *steps < STEPS_MAX; i++) {
			t->base = 0;
			t->base = name_place(image, t, i) - name;
			*steps += 1;
			if (base_holds(image, t, steps))
				return true;
		}
	}
	return false;
}

static uint32_t run_of_entries(struct span image, uint64_t at, const struct layout *l)
{
	uint32_t n = 0;
	while (n < SYMBOLS_MAX && is_entry(image, at + (uint64_t)n * l->entry, l))
		n++;
	return n;
}

/* Each entry is looked at once: those of a run that was too short, or whose names are elsewhere, begin no other one. */
static bool find_of_layout(struct span image, uint64_t name, const struct layout *l, struct vxworks_table *t, uint64_t *steps)
{
	uint64_t seen[WORDS_MAX] = { 0 };
	for (uint64_t at = 0; at + l->entry <= image.n; at += 4) {
		uint64_t *end = &seen[at / 4 % (l->entry / 4)];
		if (at < *end || !is_entry(image, at, l))
			continue;
		uint32_t n = run_of_entries(image, at, l);
		*end = at + (uint64_t)n * l->entry;
		*t = (struct vxworks_table){ .at = at, .symbols = n, .entry = l->entry, .width = l->width };
		if (n >= SYMBOLS_MIN && find_base(image, name, t, steps))
			return true;
	}
	return false;
}

bool vxworks_find(struct span image, uint64_t name, struct vxworks_table *t, bool *over)
{
	uint64_t steps = 0;
	for (size_t k = 0; k < sizeof layouts / sizeof layouts[0]; k++)
		if (find_of_layout(image, name, &layouts[k], t, &steps))
			return true;
	*over = steps >= STEPS_MAX;
	return false;
}

struct vxworks_symbol vxworks_symbol_at(struct span image, const struct vxworks_table *t, uint32_t i)
{
	uint64_t at = t->at + (uint64_t)i * t->entry, steps = 0;
	uint8_t type = image.p[at + t->entry - (t->width == 8 ? 8 : 4) + 2];
	return (struct vxworks_symbol){
		.name = name_at(image, name_place(image, t, i), &steps),
		.value = address_at(image, at + 2 * t->width, t->width, t->big),
		.function = type == 4 || type == 5,
	};
}
