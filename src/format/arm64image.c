/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The uncompressed kernel image of arm64 and RISC-V: a 64-byte header, then the kernel itself.
 *
 * Specifications: Linux Documentation/arm64/booting.rst, Documentation/riscv/boot-image-header.rst; the sections of the
 * EFI stub as in the PE format.
 */
#include "base/fdt.h"
#include "base/pe_headers.h"
#include "format/format.h"

#define HEADER_SIZE 64u
#define MAGIC_AT 0x38u
#define TREE_MAX ((uint64_t)512 << 10)

struct image {
	bool riscv;
	uint64_t text_offset, image_size, flags;
	uint32_t pe_at;
};

static bool image_read(struct span bytes, struct image *i)
{
	i->riscv = span_has(bytes, MAGIC_AT, "RSC\x05", 4);
	struct reader r = reader_le(bytes);
	rd_skip(&r, 8);
	i->text_offset = rd_u64(&r);
	i->image_size = rd_u64(&r);
	i->flags = rd_u64(&r);
	rd_seek(&r, MAGIC_AT + 4);
	i->pe_at = rd_u32(&r);
	/* text_offset is below 2 MiB, a multiple of 4 KiB; five flags are defined; kernels since 3.17 know their size. */
	return rd_ok(&r) && (i->riscv || span_has(bytes, MAGIC_AT, "ARM\x64", 4)) && i->text_offset <= 2u << 20 &&
		   i->text_offset % 4096 == 0 && i->flags < 32 && i->image_size >= 4096 && i->image_size <= 512u << 20 &&
		   i->image_size % 8 == 0 && i->pe_at < 4096;
}

/* image_size counts memory, with what has no bytes in the file (.bss). The EFI stub's section table tells where the
 * file ends; 0 when there is none. */
static uint64_t stub_end(struct span bytes, const struct image *i)
{
	struct pe_headers h;
	uint64_t end = i->pe_at && pe_headers_read(bytes, &h) ? pe_end(&h) : 0;
	return end <= i->image_size ? end : 0;
}

/* Where a device tree begins that is appended to what is stored and leads beyond image_size, as U-Boot has it: there is no .bss
 * in the file. `size` when there is none.
 */
static uint64_t tree_across(struct span at, uint64_t size)
{
	uint64_t from = size > TREE_MAX ? size - TREE_MAX : HEADER_SIZE;
	for (uint64_t tree = (from + 3) / 4 * 4; tree + 4 <= size; tree += 4) {
		struct fdt fdt;
		if (!span_has(at, tree, "\xd0\x0d\xfe\xed", 4) || !fdt_open(span_from(at, tree), &fdt))
			continue;
		if (tree + fdt.total_size > size && tree + fdt.total_size <= at.n)
			return tree;
	}
	return size;
}

static bool image_probe(struct span at, struct format_match *match)
{
	struct image i;
	if (!image_read(at, &i))
		return false;
	uint64_t end = stub_end(at, &i);
	match->size = end ? pe_signed_end(at, end) : i.image_size < at.n ? tree_across(at, i.image_size) : at.n;
	match->confidence = 85;
	return true;
}

static struct error image_walk(struct span bytes, struct walk *w)
{
	struct image i;
	if (!image_read(bytes, &i))
		return error_at(ERR_CORRUPT, 0, "no kernel image header");
	emit_header_field(w->sink, MAGIC_AT, "arch", "%s", i.riscv ? "riscv" : "arm64");
	emit_header_field(w->sink, 8, "text_offset", "0x%llx", (unsigned long long)i.text_offset);
	emit_header_field(w->sink, 16, "image_size", "%llu", (unsigned long long)i.image_size);
	emit_header_field(w->sink, 24, "endian", "%s", i.flags & 1 ? "big" : "little");
	uint64_t end = stub_end(bytes, &i); /* a signature may follow */
	end = end > HEADER_SIZE && end < bytes.n ? end : bytes.n;
	struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = TEXT_LIT("kernel") };
	e.offset = HEADER_SIZE;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(bytes, HEADER_SIZE, end - HEADER_SIZE) };
	e.size = e.content.bytes.n;
	w->child(w, &e);
	return error_none();
}

static const struct format_magic image_magics[] = { MAGIC("ARM\x64", MAGIC_AT), MAGIC("RSC\x05", MAGIC_AT), MAGIC_END };

const struct format arm64image_format = {
	.name = "arm64image",
	.kind = FORMAT_KERNEL,
	.title = "arm64 or RISC-V Linux Image (uncompressed)",
	.spec = "Linux Documentation/arm64/booting.rst",
	.magics = image_magics,
	.probe = image_probe,
	.walk = image_walk,
};
