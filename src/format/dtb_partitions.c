/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flash as a device tree divides it: children of a node that is compatible with "fixed-partitions" or is like it, or as older trees
 * have it, children of the chip itself: "partition@..." of any node, those of any name of what says that it is a flash.
 *
 * Specification: Linux Documentation/devicetree/bindings/mtd/partitions/fixed-partitions.yaml, partition.yaml, and mtd/partition.txt of
 * Linux 4.4; drivers/mtd/parsers/ofpart_core.c.
 */
#include "format/dtb_partitions.h"

/* What is known of a node on the way down to the one at hand. */
struct level {
	struct text name;
	bool fixed_partitions, flash, compatible;
	uint32_t address_cells, size_cells; /* of its children */
	struct span reg;
	struct text label;
	bool read_only;
	uint64_t at;
};

static bool is_fixed(struct text compatible)
{
	return text_is(compatible, "fixed-partitions") || text_is(compatible, "linksys,ns-partitions") ||
		   text_is(compatible, "brcm,bcm4908-partitions");
}

static bool is_flash(struct text compatible)
{
	return text_has(compatible, "cfi-flash") || text_has(compatible, "jedec-flash") || text_is(compatible, "jedec,spi-nor") ||
		   (text_has(compatible, "nand") && !text_has(compatible, "controller"));
}

/* Names, each ended by a zero, from the most special one on. */
static void take_compatible(struct level *l, struct span names)
{
	l->compatible = true;
	while (names.n) {
		struct text name = text_until_nul(names);
		l->fixed_partitions |= is_fixed(name);
		l->flash |= is_flash(name);
		names = span_from(names, name.n + 1);
	}
}

static void take_property(struct level *l, const struct fdt_token *t)
{
	if (text_is(t->name, "compatible"))
		take_compatible(l, t->value);
	else if (text_is(t->name, "#address-cells"))
		l->address_cells = span_u32be(t->value, 0);
	else if (text_is(t->name, "#size-cells"))
		l->size_cells = span_u32be(t->value, 0);
	else if (text_is(t->name, "reg"))
		l->reg = t->value;
	else if (text_is(t->name, "label"))
		l->label = fdt_string(t->value);
	else if (text_is(t->name, "read-only"))
		l->read_only = true;
}

/* One or two cells; FACT_NULL for what is no size. */
static int64_t read_cells(struct reader *r, uint32_t cells)
{
	uint64_t v = cells == 2 ? rd_u64(r) : cells == 1 ? rd_u32(r) : UINT64_MAX;
	return rd_ok(r) && v <= INT64_MAX ? (int64_t)v : FACT_NULL;
}

static void emit_level(const struct level *levels, unsigned depth, struct sink *sink)
{
	const struct level *l = &levels[depth], *parent = &levels[depth - 1];
	bool of_chip = parent->flash && !l->compatible;
	if (!l->reg.n || (!parent->fixed_partitions && !of_chip && !text_starts(l->name, "partition@")))
		return;
	const struct level *chip = parent->fixed_partitions && depth >= 2 ? &levels[depth - 2] : parent;
	struct reader r = reader_be(l->reg);
	int64_t start = read_cells(&r, parent->address_cells), size = read_cells(&r, parent->size_cells);
	if (start == FACT_NULL || size == FACT_NULL)
		return;
	emit_partition(sink, &(struct fact_partition){
							 .offset = (int64_t)l->at,
							 .device = chip->name,
							 .name = l->label.p ? l->label : l->name,
							 .start = start,
							 .size = size ? size : FACT_NULL, /* 0 stands for the rest, as MTDPART_SIZ_FULL */
							 .read_only = l->read_only,
							 .source = TEXT_LIT("device tree"),
						 });
}

void dtb_emit_partitions(const struct fdt *fdt, struct sink *sink)
{
	struct level levels[FDT_DEPTH_MAX + 2] = { { .name = TEXT_LIT("") } };
	struct fdt_cursor c = fdt_begin(fdt);
	struct fdt_token t;
	while (fdt_next(&c, &t)) {
		if (t.depth > FDT_DEPTH_MAX)
			continue;
		if (t.kind == FDT_BEGIN)
			levels[t.depth] = (struct level){ .name = t.name, .address_cells = 1, .size_cells = 1, .at = t.at };
		else if (t.kind == FDT_PROPERTY)
			take_property(&levels[t.depth], &t);
		else if (t.kind == FDT_CLOSE && t.depth >= 1)
			emit_level(levels, t.depth, sink);
	}
}
