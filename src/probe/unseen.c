/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of flash that no format claims may be a file system that is not known, or one whose superblock is lost. Patterns were looked
 * for in them; but nobody looked at their files, and that something is not there can not be told of them. What may be left out is
 * boot code, and what is too little. */
#include <stdlib.h>

#include "base/holes.h"
#include "inspect/elf_object.h"
#include "probe/entropy_map.h"
#include "probe/tree.h"

/* Tables of calibration, an identity, the rest of an environment are less. */
#define UNSEEN_MIN 8192u
/* Images of file systems have this at least; boot sectors and loaders, which are called images as well, less. */
#define IMAGE_MIN 65536u
#define LINE 64u
#define ELF_PARTS_MAX 65536u
#define BLOCK 4096u
/* Of code, one block in so many has what begins and ends functions; the others have strings, tables and longer functions. So many
 * blocks are looked at. */
#define CODE_SHARE 4u
#define CODE_LOOKS 256u
/* A program's tables, texts and data lie behind its code, and are up to about twice of it (of 320 boot programs the most is 2.06). What is
 * more in one piece was appended. */
#define DATA_MAX(code) ((code) * 9 / 4 + 4)
/* Kernel, device tree and boot code are fewer, or farther from each other. */
#define STREAMS_MIN 3u
/* Of a kernel: for each kind of its programs, in several builds. */
#define VDSOS_MAX 8u
/* Fewer a kernel may have for its own helpers (bpfilter_umh, bpf_preload_umd). */
#define PROGRAMS_MIN 3u
/* Where file systems begin files. */
#define SECTOR 512u

static uint64_t later(uint64_t end, uint64_t at, uint64_t size)
{
	return at > end || size > end - at ? at + size : end;
}

uint64_t unseen_elf_end(struct span bytes)
{
	struct elf_object o;
	struct elf_segment segment;
	struct elf_section section;
	struct error e = elf_open(bytes, &o);
	uint64_t end = error_is(&e) ? 0 : o.is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	const struct span tables[] = { o.segments.bytes, o.sections.bytes };
	for (size_t i = 0; end && i < 2; i++)
		if (tables[i].n)
			end = later(end, (uint64_t)(tables[i].p - bytes.p), tables[i].n);
	for (uint32_t i = 0; end && i < ELF_PARTS_MAX && elf_segment_at(&o, i, &segment); i++)
		if (segment.offset <= bytes.n && segment.file_size <= bytes.n - segment.offset)
			end = later(end, segment.offset, segment.file_size);
	for (uint32_t i = 0; end && i < ELF_PARTS_MAX && elf_section_at(&o, i, &section); i++)
		if (section.type != SHT_NOBITS && section.offset <= bytes.n && section.size <= bytes.n - section.offset)
			end = later(end, section.offset, section.size);
	return end;
}

/* ---- what lies between the parts of a program, and is none of them ---- */

struct extent {
	uint64_t at, end;
};

static int by_place(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static void add_extent(struct extent *v, size_t *n, struct span bytes, uint64_t at, uint64_t size)
{
	if (size && at <= bytes.n && size <= bytes.n - at)
		v[(*n)++] = (struct extent){ at, at + size };
}

/* The parts of an ELF file by place; 0: there are none, or no memory for them. */
static size_t elf_extents(struct span bytes, struct arena *arena, struct extent **out)
{
	struct elf_object o;
	struct elf_segment segment;
	struct elf_section section;
	struct error e = elf_open(bytes, &o);
	size_t n = 0;
	uint32_t segments = 0, sections = 0;
	while (!error_is(&e) && segments < ELF_PARTS_MAX && elf_segment_at(&o, segments, &segment))
		segments++;
	while (!error_is(&e) && sections < ELF_PARTS_MAX && elf_section_at(&o, sections, &section))
		sections++;
	struct extent *v = segments + sections ? ARENA_ARRAY(arena, struct extent, (size_t)segments + sections + 3) : NULL;
	if (!v)
		return 0;
	add_extent(v, &n, bytes, 0, o.is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	const struct span tables[] = { o.segments.bytes, o.sections.bytes };
	for (size_t i = 0; i < 2; i++)
		if (tables[i].n)
			add_extent(v, &n, bytes, (uint64_t)(tables[i].p - bytes.p), tables[i].n);
	for (uint32_t i = 0; i < segments && elf_segment_at(&o, i, &segment); i++)
		add_extent(v, &n, bytes, segment.offset, segment.file_size);
	for (uint32_t i = 0; i < sections && elf_section_at(&o, i, &section); i++)
		add_extent(v, &n, bytes, section.offset, section.type == SHT_NOBITS ? 0 : section.size);
	qsort(v, n, sizeof *v, by_place);
	*out = v;
	return n;
}

bool unseen_is_program(const char *format)
{
	static const char *const programs[] = { "ameba_z2_ota", "arm64image",   "beken_flash",  "bouffalo_boot", "bzimage",    "cortex_m",
											"cyacd",        "dialog_suota", "ebl",          "esp8266_v2",    "esp_image",  "gbl",
											"matter_ota",   "mcuboot",      "nordic_init",  "nxp_jn516x",    "nxp_jn518x", "particle",
											"realtek_ameba", "telink",      "ti_oad",       "tuya_ug",       "winner_micro",
											"xradio_image", "zigbee_ota",   "zimage" };
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (strcmp(format, programs[i]) == 0)
			return true;
	return false;
}

static bool is_elf(struct span s)
{
	if (s.n < 20 || !span_starts(s, "\x7f" "ELF", 4))
		return false;
	unsigned low = s.p[5] == 1 ? s.p[16] : s.p[17], high = s.p[5] == 1 ? s.p[17] : s.p[16];
	return s.p[4] - 1u < 2 && s.p[5] - 1u < 2 && s.p[6] == 1 && high == 0 && low - 2u < 2; /* ET_EXEC, ET_DYN: modules are in boot loaders, too */
}

/* A script, or the first line of a table of accounts. */
static bool is_text_file(struct span s)
{
	return span_starts(s, "#!/bin/", 7) || span_starts(s, "#!/usr/bin/", 11) || span_starts(s, "root:x:0:0:", 11) ||
		   span_starts(s, "root::0:0:", 10) || span_starts(s, "root:$", 6);
}

/* What a kernel gives to its programs (vdso(7)) lies in it as a shared object, and is no file. Its name is among its first strings. */
static bool is_vdso(struct span s)
{
	struct span first = span_clip(s, 0, BLOCK);
	return memmem(first.p, first.n, "linux-vdso", 10) || memmem(first.p, first.n, "linux-gate", 10);
}

/* What only files begin with: a program, a script, accounts. Where in the bytes is not asked, as these may begin anywhere. */
static bool has_file(struct span s)
{
	unsigned vdsos = 0;
	for (uint64_t begin = 0, end; (begin = holes_next(s, begin, &end)) < s.n; begin = end)
		for (uint64_t at = begin; at < end && at + 20 <= s.n; at++) {
			uint8_t c = s.p[at];
			if (c == 0x7f && is_elf(span_from(s, at)) && (++vdsos > VDSOS_MAX || !is_vdso(span_from(s, at))))
				return true;
			if ((c == '#' || c == 'r') && is_text_file(span_from(s, at)))
				return true;
		}
	return false;
}

static bool has_programs(struct span s)
{
	unsigned programs = 0;
	for (uint64_t begin = 0, end; (begin = holes_next(s, begin, &end)) < s.n; begin = end)
		for (uint64_t at = begin; at < end && programs < PROGRAMS_MIN; at++) {
			const uint8_t *magic = memchr(s.p + at, 0x7f, end - at);
			at = magic ? (uint64_t)(magic - s.p) : end;
			programs += magic && is_elf(span_from(s, at)) && !is_vdso(span_from(s, at));
		}
	return programs >= PROGRAMS_MIN;
}

static bool has_more_than(struct span s, uint64_t least)
{
	uint64_t n = 0, end = 0;
	for (uint64_t at = 0; at < s.n && n < least; at += LINE) {
		at = at < end ? at : holes_next(s, at, &end);
		struct span line = span_clip(s, at, LINE);
		n += entropy_is_padding(line) ? 0 : line.n;
	}
	return n >= least;
}

bool unseen_is_code(struct span s, uint64_t place)
{
	s = span_from(s, -place & 3); /* where instructions are aligned */
	uint64_t blocks = s.n / BLOCK, step = blocks / CODE_LOOKS + 1, looked = 0, code = 0, run = 0, longest = 0;
	if (!blocks)
		return s.n >= BLOCK / 4 && entropy_is_code(s);
	for (uint64_t i = 0; i < blocks; i += step) {
		struct span block = span_sub(s, i * BLOCK, BLOCK);
		bool is_padding = entropy_is_padding(block), is_code = !is_padding && entropy_is_code(block);
		looked += !is_padding;
		code += is_code;
		run = is_code ? 0 : run + !is_padding;
		longest = run > longest ? run : longest;
	}
	return code && code * CODE_SHARE >= looked && longest <= DATA_MAX(code);
}

/* Data in so many bytes, or a few that are packed: tables of ciphers are in code. */
static bool has_data(struct span s)
{
	uint64_t dense, longest;
	(void)entropy_texture(s, &dense, &longest);
	return longest >= BLOCK || has_more_than(s, UNSEEN_MIN);
}

static void tell_files(struct finding *f, struct span s)
{
	emit_damage_at(&f->sink, ERR_UNSUPPORTED, 0, "files lie in these %llu bytes, of a file system that is not known or is broken",
	               (unsigned long long)s.n);
}

void unseen_report_programs(struct finding *f, struct span program)
{
	if (has_programs(program))
		tell_files(f, program);
}

void unseen_report(struct finding *f, struct span s, uint64_t place, bool unpacked)
{
	if (has_file(s))
		tell_files(f, s);
	else if (!unpacked && has_data(s) && !unseen_is_code(s, place))
		emit_damage_at(&f->sink, ERR_UNSUPPORTED, 0, "%llu bytes of no known format: files that may lie in them were not looked at",
		               (unsigned long long)s.n);
}

/* How much of [from, to) is in no region, and may be files. */
static uint64_t unclaimed(struct span bytes, uint64_t from, uint64_t to, const struct regions *regions, size_t *next, bool unpacked)
{
	uint64_t n = 0;
	while (to - from >= UNSEEN_MIN) {
		while (*next < regions->n && regions->v[*next].offset + regions->v[*next].size <= from)
			++*next;
		const struct region *r = *next < regions->n && regions->v[*next].offset < to ? &regions->v[*next] : NULL;
		uint64_t until = !r ? to : r->offset > from ? r->offset : from;
		struct span s = span_sub(bytes, from, until - from);
		n += s.n >= UNSEEN_MIN && (has_file(s) || (!unpacked && has_data(s) && !unseen_is_code(s, from))) ? s.n : 0;
		from = !r ? to : later(until, r->offset, r->size);
		from = from < to ? from : to;
	}
	return n;
}

void unseen_report_holes(struct finding *f, struct arena *arena, struct span bytes, const struct regions *regions, bool unpacked)
{
	struct extent *v = NULL;
	size_t n = elf_extents(bytes, arena, &v), next = 0;
	uint64_t end = 0, first = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t more = v[i].at > end ? unclaimed(bytes, end, v[i].at, regions, &next, unpacked) : 0;
		first = sum ? first : end;
		sum += more;
		end = v[i].end > end ? v[i].end : end;
	}
	if (sum)
		emit_damage_at(&f->sink, ERR_UNSUPPORTED, first, "%llu bytes lie between the parts of a program and are none of them: files that may be in "
					   "them were not looked at", (unsigned long long)sum);
}

/* What updates call the image of a file system. */
static bool is_called_image(struct text path)
{
	static const char *const suffixes[] = { ".img",  ".ubi",    ".ubifs",  ".squashfs", ".sqsh", ".sqfs",  ".ext2",  ".ext3",   ".ext4",
											".erofs", ".f2fs", ".jffs2", ".cramfs",   ".romfs", ".yaffs", ".yaffs2", ".rootfs" };
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
		if (text_ends(path, suffixes[i]))
			return true;
	return false;
}

void unseen_report_file(struct finding *f, struct text path, struct span s)
{
	bool program = false, text = false;
	uint64_t end = 0;
	for (uint64_t at = SECTOR; at + 16 <= s.n && !(program && text); at += SECTOR) {
		if (at >= end)
			at = later(at, holes_next(s, at, &end) / SECTOR * SECTOR, 0);
		if (at + 16 > s.n)
			break;
		program |= s.p[at] == 0x7f && is_elf(span_from(s, at));
		text |= is_text_file(span_from(s, at));
	}
	if (is_called_image(path) && s.n >= IMAGE_MIN && has_data(s) && !unseen_is_code(s, 0))
		emit_damage_at(&f->sink, ERR_UNSUPPORTED, 0, "it is called an image, and is of no known format: what it holds was not looked at");
	else if (program && text)
		emit_damage_at(&f->sink, ERR_UNSUPPORTED, 0, "files lie in this one, of a file system that is not known or is broken");
}

/* The blocks of a file system that packs them as whole streams. A few bytes among the data of a program are none: kernels prove
 * their decompressors on some that stand side by side (Linux crypto/testmgr.h). */
void unseen_report_streams(struct finding *f, const struct regions *regions, uint64_t program_end)
{
	unsigned n = 0;
	uint64_t end = 0;
	for (size_t i = 0; i < regions->n && n < STREAMS_MIN; i++) {
		const struct region *r = &regions->v[i];
		bool is_stream = r->format->unpack != NULL;
		if (r->offset < program_end && r->size < SECTOR)
			continue;
		n = !is_stream ? 0 : n && r->offset - end < BLOCK ? n + 1 : 1;
		end = r->offset + r->size;
		if (n == STREAMS_MIN)
			emit_damage_at(&f->sink, ERR_UNSUPPORTED, r->offset,
			               "packed streams stand one behind another, as in a file system that is not known or is broken");
	}
}
