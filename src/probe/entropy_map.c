/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map of a blob: stretches by the kind of their bytes. A cell is looked at by samples and gets a kind; cells of one kind
 * are a stretch; of what is dense a stretch is measured as a whole. */
#include "probe/entropy_map.h"

#include <stdio.h>

#include "base/holes.h"
#include "probe/tree.h"

#define BLOCK 4096u
#define CELLS_MAX 1024u
#define SAMPLES_MAX 4u
/* Bytes that do not tell a kind of their own are taken with what is around them. */
#define SHORT_BYTES (32u << 10)
#define NEARLY_DENSE_BITS 7.0f
#define DENSE_PART_MAX (256u << 10)
#define REPEATS_LOOK_MIN 8192u
#define REPEATS_LOOK_MAX ((uint64_t)16 << 20) /* in all runs of one blob */

enum kind { KIND_PADDING, KIND_SPARSE, KIND_TEXT, KIND_CODE, KIND_DATA, KIND_DENSE, KIND_ECB };
static const char *const kind_names[] = { "padding", "sparse", "text", "code", "data", "dense", "ecb" };

struct cell {
	uint8_t kind, machine;
	uint8_t fill; /* of padding: its byte */
	float bits;
};

struct map {
	struct span bytes;
	struct cell *cells;
	uint64_t cell; /* bytes of one */
	size_t n;
	struct repeats repeats;
};

/* Instructions that compilers end functions with, and begin them. Both must be there, aligned, more often than chance has
 * them: 4 KiB of noise hold one of 32 bits once in four million. */
struct machine {
	const char *name;
	bool big;
	unsigned width;
	uint32_t end, end_mask, begin, begin_mask;
};
static const struct machine machines[] = {
	{ "", false, 4, 0, 0, 0, 0 },
	{ "ARM", false, 4, 0xe8bd8000, 0xffff8000, 0xe92d4000, 0xffff4000 },     /* pop {..pc}, push {..lr} */
	/* With frames, as kernels before 4.x have them: ldm sp, {..fp, sp, pc}; push {..fp, ip, lr, pc}. */
	{ "ARM", false, 4, 0xe89da800, 0xffffa800, 0xe92dd800, 0xffffd800 },
	{ "ARM Thumb", false, 2, 0xbd00, 0xff00, 0xb500, 0xff00 },               /* the same */
	{ "AArch64", false, 4, 0xd65f03c0, 0xffffffff, 0xa9807bfd, 0xffc07fff }, /* ret; stp x29, x30, [sp, #-n]! */
	{ "MIPS, little-endian", false, 4, 0x03e00008, 0xffffffff, 0x27bd8000, 0xffff8000 }, /* jr ra; addiu sp, sp, -n */
	{ "MIPS, big-endian", true, 4, 0x03e00008, 0xffffffff, 0x27bd8000, 0xffff8000 },
	{ "PowerPC", true, 4, 0x4e800020, 0xffffffff, 0x94218000, 0xffff8000 }, /* blr; stwu r1, -n(r1) */
	{ "PowerPC", true, 4, 0x4e800020, 0xffffffff, 0xf8218001, 0xffff8003 }, /* of 64 bits: stdu r1, -n(r1) */
	{ "PowerPC", false, 4, 0x4e800020, 0xffffffff, 0xf8218001, 0xffff8003 },
	{ "RISC-V", false, 2, 0x8082, 0xffff, 0x1101, 0x9f83 },                 /* c.jr ra; c.addi or c.addi16sp sp, -n */
	{ "AVR", false, 2, 0x9508, 0xffff, 0x920f, 0xfe0f },                    /* ret; push */
	{ "OpenRISC", true, 4, 0x44004800, 0xffffffff, 0x9c218000, 0xffff8000 }, /* l.jr r9; l.addi r1, r1, -n */
	/* As loaders store it whose own memory is little-endian: the AR100 of Allwinner's chips reads words swapped. */
	{ "OpenRISC", false, 4, 0x44004800, 0xffffffff, 0x9c218000, 0xffff8000 },
	{ "Xtensa", false, 1, 0, 0, 0, 0 },                                     /* see is_xtensa() */
	{ "x86", false, 1, 0, 0, 0, 0 },                                        /* see is_x86() */
};
enum { ARM = 1, ARM_FRAMES = 2, MACHINES = sizeof machines / sizeof machines[0], XTENSA = MACHINES - 2, X86 = MACHINES - 1 };

/* retw.n (1d f0) and entry a1, n (36 .1 ..), or without register windows ret.n (0d f0) and addi a1, a1, -n (12 c1 ..), at
 * any place. Big-endian cores (Atheros' radios) have the nibbles the other way around: d1 0f and 6c 10 .. */
static bool is_xtensa(struct span s)
{
	unsigned ends = 0, begins = 0, big_ends = 0, big_begins = 0;
	for (size_t i = 0; i + 3 <= s.n; i++) { /* without branches, so that the compiler may take many at once */
		uint8_t a = s.p[i], b = s.p[i + 1], c = s.p[i + 2];
		ends += ((a == 0x1d) | (a == 0x0d)) & (b == 0xf0);
		begins += (a == 0x36) & ((b & 15) == 1) & (c < 4);
		begins += (a == 0x12) & (b == 0xc1) & (c >= 0x80);
		big_ends += (a == 0xd1) & (b == 0x0f);
		big_begins += (a == 0x6c) & (b == 0x10) & (c < 0x40);
	}
	return (ends >= 4 && begins >= 4) || (big_ends >= 4 && big_begins >= 4);
}

/* ret behind leave or pop, of 16-bit segments retl or what SeaBIOS has for it (retw $2), and push %(e|r)bp; mov %(e|r)sp or the rex prefixes
 * of 64-bit code, or registers that are saved. */
struct x86_signs {
	unsigned ends, moves, saves;
};

/* What 32-bit code without frames begins functions with is push %edi; push %esi; push %ebx; with the prefix of a 16-bit segment (gcc -m16)
 * push %esi; push %ebx. Those that save less: push %ebx; sub $n, %esp. Without branches, so that the compiler may take many places at once. */
static inline void x86_count(struct x86_signs *x, uint8_t a, uint8_t b, uint8_t c, bool fourth, uint8_t d)
{
	x->ends += (b == 0xc3) & ((a == 0xc9) | ((uint8_t)(a - 0x5b) <= 4));
	x->ends += ((a == 0x66) & (b == 0xc3)) | ((a == 0xc2) & (b == 2) & (c == 0));
	x->moves += ((a & 0xf8) == 0x48) & ((b == 0x89) | (b == 0x8b) | (b == 0x8d));
	x->moves += (a == 0x55) & ((b == 0x89) | (b == 0x8b));
	x->saves += fourth & (((a == 0x57) & (b == 0x56) & (c == 0x53)) | ((a == 0x66) & (b == 0x56) & (c == 0x66) & (d == 0x53)) |
	                      ((a == 0x53) & (b == 0x83) & (c == 0xec)));
}

static bool is_x86(struct span s)
{
	struct x86_signs x = { 0 };
	size_t i = 0;
	for (; i + 4 <= s.n; i++)
		x86_count(&x, s.p[i], s.p[i + 1], s.p[i + 2], true, s.p[i + 3]);
	if (i + 3 <= s.n)
		x86_count(&x, s.p[i], s.p[i + 1], s.p[i + 2], false, 0);
	return x.ends >= 4 && (x.moves >= 24 || x.saves >= 4);
}

/* A block as words of 32 and of 16 bits, little-endian. */
struct words {
	uint32_t w32[BLOCK / 4];
	uint16_t w16[BLOCK / 2];
	size_t n32, n16;
};

static void read_words(struct span s, struct words *w)
{
	s = span_clip(s, 0, BLOCK);
	w->n32 = s.n / 4;
	w->n16 = s.n / 2;
	for (size_t i = 0; i < w->n16; i++)
		w->w16[i] = (uint16_t)(s.p[2 * i] | s.p[2 * i + 1] << 8);
	for (size_t i = 0; i < w->n32; i++) /* n16 is 2 * n32 or more. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
		w->w32[i] = w->w16[2 * i] | (uint32_t)w->w16[2 * i + 1] << 16;
}

static uint32_t swapped(uint32_t v)
{
	return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

static bool is_machine32(const struct machine *m, const struct words *w)
{
	uint32_t end = m->big ? swapped(m->end) : m->end, end_mask = m->big ? swapped(m->end_mask) : m->end_mask;
	uint32_t begin = m->big ? swapped(m->begin) : m->begin, begin_mask = m->big ? swapped(m->begin_mask) : m->begin_mask;
	unsigned ends = 0, begins = 0;
	for (size_t i = 0; i < w->n32; i++) {
		ends += (w->w32[i] & end_mask) == end;
		begins += (w->w32[i] & begin_mask) == begin;
	}
	return ends >= 3 && begins >= 3;
}

/* Half words are 16 and more by chance where a byte is frequent. */
static bool is_machine16(const struct machine *m, const struct words *w)
{
	unsigned ends = 0, begins = 0;
	for (size_t i = 0; i < w->n16; i++) {
		ends += (w->w16[i] & m->end_mask) == m->end;
		begins += (w->w16[i] & m->begin_mask) == m->begin;
	}
	return ends >= 12 && begins >= 12;
}

static uint8_t machine_of(struct span s)
{
	struct words w;
	if (s.n < BLOCK / 4)
		return 0;
	read_words(s, &w);
	for (unsigned i = 1; i < XTENSA; i++)
		if (machines[i].width == 4 ? is_machine32(&machines[i], &w) : is_machine16(&machines[i], &w))
			return i == ARM_FRAMES ? ARM : (uint8_t)i;
	return is_xtensa(s) ? XTENSA : is_x86(s) ? X86 : 0;
}

/* The length of the character of two to four bytes in UTF-8 (RFC 3629) that stands there; 0: none does. */
static size_t utf8_length(struct span s)
{
	size_t n = s.p[0] < 0xc2 || s.p[0] > 0xf4 ? 0 : s.p[0] < 0xe0 ? 2 : s.p[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++)
		if (i >= s.n || (s.p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Text is printable to eight tenths, and with the NULs of strings nearly all of it. */
static bool is_text_count(size_t printable, size_t nuls, size_t n)
{
	return printable * 10 >= n * 8 && (printable + nuls) * 100 >= n * 97;
}

/* Whether so few bytes are NUL or another control character that the others may all be text: of most programs they are not. */
static bool may_be_text(struct span s)
{
	size_t nuls = 0, controls = 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		nuls += c == 0;
		controls += ((c < 0x20) & (c != 0) & (c != '\n') & (c != '\t') & (c != '\r')) | (c == 0x7f);
	}
	return is_text_count(s.n - nuls - controls, nuls, s.n);
}

/* Printable ASCII, tabs, line ends, letters of other scripts (which would pass for Thumb: d0 b5 and d0 bd are two of the most frequent of
 * Cyrillic); and in strings their NUL. */
static bool is_text_block(struct span s)
{
	size_t printable = 0, nuls = 0;
	if (!may_be_text(s))
		return false;
	for (size_t i = 0, n; i < s.n; i += n) {
		bool ascii = (s.p[i] >= 0x20 && s.p[i] < 0x7f) || s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\r';
		n = s.p[i] < 0x80 ? 0 : utf8_length(span_from(s, i));
		printable += n + ascii;
		nuls += s.p[i] == 0;
		n += n == 0;
	}
	return is_text_count(printable, nuls, s.n);
}

/* Nearly all of it is one byte. */
static bool is_sparse(struct span s)
{
	size_t zeros = 0, ones = 0;
	for (size_t i = 0; i < s.n; i++) {
		zeros += s.p[i] == 0x00;
		ones += s.p[i] == 0xff;
	}
	return zeros * 4 >= s.n * 3 || ones * 4 >= s.n * 3;
}

/* skew: from the first byte to the first aligned one. */
static enum kind kind_of_block(struct span block, unsigned skew, double *bits, uint8_t *machine)
{
	*bits = 0;
	*machine = 0;
	if (entropy_is_padding(block))
		return KIND_PADDING;
	*bits = entropy_bits(block);
	if (entropy_is_dense(block, *bits))
		return KIND_DENSE;
	if (is_sparse(block))
		return KIND_SPARSE;
	if (is_text_block(block))
		return KIND_TEXT;
	*machine = *bits < 7.6 ? machine_of(span_clip(block, skew, block.n)) : 0;
	return *machine ? KIND_CODE : KIND_DATA;
}

bool entropy_is_code(struct span block)
{
	double bits;
	uint8_t machine;
	return kind_of_block(block, 0, &bits, &machine) == KIND_CODE;
}

/* Block i of the n that are taken as samples: of what is stored, where there are holes. */
static struct span sample(struct span bytes, uint64_t stored, uint64_t i, uint64_t n)
{
	uint64_t blocks = (stored + BLOCK - 1) / BLOCK, skip = blocks * i / n * BLOCK, end;
	uint64_t at = holes_next(bytes, 0, &end);
	while (at < bytes.n && skip >= end - at) {
		skip -= end - at;
		at = holes_next(bytes, end, &end);
	}
	return span_clip(bytes, stored < bytes.n ? (at + skip) / BLOCK * BLOCK : skip, BLOCK);
}

/* The kind that most samples have; padding only where all are. */
static struct cell look_at_cell(struct span bytes, unsigned skew)
{
	uint64_t stored = holes_stored(bytes);
	if (!stored)
		return (struct cell){ .kind = KIND_PADDING };
	unsigned votes[KIND_ECB] = { 0 }, of_machine[MACHINES] = { 0 };
	struct cell c = { .fill = bytes.p[0] };
	uint64_t blocks = (stored + BLOCK - 1) / BLOCK, n = blocks < SAMPLES_MAX ? blocks : SAMPLES_MAX, looked = 0;
	double sum = 0;
	for (uint64_t i = 0; i < n; i++) {
		struct span block = sample(bytes, stored, i, n);
		double bits;
		uint8_t machine;
		enum kind kind = kind_of_block(block, skew, &bits, &machine);
		if (block.n < BLOCK / 4 && n > 1)
			continue; /* too short to be told */
		votes[kind]++;
		of_machine[machine]++;
		looked += kind != KIND_PADDING;
		sum += kind != KIND_PADDING ? bits : 0;
	}
	unsigned best = KIND_PADDING;
	for (unsigned k = KIND_SPARSE; k < KIND_ECB; k++)
		if (votes[k] && (best == KIND_PADDING || votes[k] >= votes[best]))
			best = k;
	c.kind = (uint8_t)best;
	c.bits = looked ? (float)(sum / (double)looked) : 0;
	for (unsigned m = 1; best == KIND_CODE && m < MACHINES; m++)
		if (of_machine[m] > of_machine[c.machine] || c.machine == 0)
			c.machine = of_machine[m] ? (uint8_t)m : c.machine;
	return c;
}

static struct span stretch(const struct map *m, size_t from, size_t to)
{
	return span_clip(m->bytes, from * m->cell, (to - from) * m->cell);
}

static bool same_kind(const struct cell *a, const struct cell *b)
{
	return a->kind == b->kind && (a->kind != KIND_PADDING || a->fill == b->fill) &&
		   (a->kind != KIND_CODE || a->machine == b->machine);
}

static bool is_plain(const struct cell *c)
{
	return c->kind != KIND_PADDING && c->kind < KIND_DENSE;
}

/* A run of coarse cells that is dense by half at most. */
static bool is_faint(const struct map *m, size_t from, size_t to)
{
	double sum = 0;
	for (size_t i = from; i < to; i++)
		sum += (double)m->cells[i].bits;
	return (to - from) * m->cell <= DENSE_PART_MAX && sum < NEARLY_DENSE_BITS * (double)(to - from);
}

/* Text, code, data and what is nearly empty alternate in a program by a few kilobytes: a short run is taken with the one
 * before it. So is a short dense one that is not uniform (tables of ciphers, pictures), and what is nearly as dense between
 * dense runs. What is padding stays. */
static void smooth_run(struct map *m, size_t from, size_t to)
{
	const struct cell *before = from ? &m->cells[from - 1] : NULL, *after = to < m->n ? &m->cells[to] : NULL;
	bool plain = is_plain(&m->cells[from]), is_short = (to - from) * m->cell < SHORT_BYTES || to - from == 1;
	is_short = is_short || (!plain && is_faint(m, from, to));
	struct dense_statistics d;
	double z;
	if (!before || !is_short || before->kind == KIND_PADDING ||
		(plain && before->kind == KIND_DENSE &&
		 (!after || after->kind != KIND_DENSE || m->cells[from].bits < NEARLY_DENSE_BITS)))
		return;
	if (!plain && (m->cells[from].kind != KIND_DENSE || !is_plain(before) || (after && !is_plain(after)) ||
				   !dense_measure(stretch(m, from, to), &d) || !dense_deviation(&d, &z)))
		return;
	for (size_t k = from; k < to; k++) {
		m->cells[k].kind = before->kind;
		m->cells[k].machine = before->machine;
	}
}

static size_t run_end(const struct map *m, size_t from)
{
	size_t end = from + 1;
	while (end < m->n && same_kind(&m->cells[from], &m->cells[end]))
		end++;
	return end;
}

static void smooth(struct map *m)
{
	for (size_t i = 0, end; i < m->n; i = end) {
		end = run_end(m, i);
		smooth_run(m, i, end);
	}
}

/* Looks for a cipher's repeats in a run of cells that are not plain, and gives the cells that show them their kind. */
static void find_repeats(struct map *m)
{
	uint64_t looked = 0;
	for (size_t i = 0, end; i < m->n && !m->repeats.block && looked < REPEATS_LOOK_MAX; i = end) {
		size_t dense = 0;
		for (end = i; end < m->n && m->cells[end].kind >= KIND_DATA; end++)
			dense += m->cells[end].kind == KIND_DENSE;
		if (dense * m->cell >= REPEATS_LOOK_MIN) {
			struct arena *arena = arena_new(0); /* one run at a time */
			struct span run = stretch(m, i, end);
			if (arena)
				repeats_find(run, arena, &m->repeats);
			arena_free(arena);
			looked += run.n < REPEATS_RUN_MAX ? run.n : REPEATS_RUN_MAX;
			for (size_t k = i; m->repeats.block && k < end; k++)
				if (m->cells[k].kind == KIND_DENSE || repeats_share(stretch(m, k, k + 1), &m->repeats) >= 10)
					m->cells[k].kind = KIND_ECB;
		}
		end += end == i;
	}
}

/* Cells are coarser than what lies in them: of a short stretch the longest part whose blocks are dense is what can be
 * measured. A table of checksums with text behind it is as uniform as before. */
static struct span dense_part(struct span s)
{
	struct span longest = SPAN_NONE;
	for (size_t i = 0, from = 0; i < s.n && s.n <= DENSE_PART_MAX; i += BLOCK) {
		struct span block = span_clip(s, i, BLOCK);
		if (!entropy_is_dense(block, entropy_bits(block)))
			from = i + BLOCK;
		else if (i + block.n - from > longest.n)
			longest = span_sub(s, from, i + block.n - from);
	}
	return longest.n >= BLOCK ? longest : s;
}

static const char *describe_dense(struct span s, char *text, size_t size)
{
	struct dense_statistics d;
	double z = 0;
	if (!dense_measure(s, &d)) {
		snprintf(text, size, "too few bytes to tell");
		return "dense";
	}
	const char *what = dense_deviation(&d, &z);
	if (what)
		snprintf(text, size, "%s deviate from uniform by %.1f standard deviations over %llu bytes", what, z,
				 (unsigned long long)d.looked);
	else
		snprintf(text, size,
				 "uniform over %llu bytes (at most %.1f standard deviations): encrypted, or coded as LZMA and XZ do",
				 (unsigned long long)d.looked, z < 0 ? -z : z);
	return what ? "compressed" : "dense";
}

static void emit_stretch(const struct map *m, size_t from, size_t to, struct sink *sink)
{
	const struct cell *c = &m->cells[from];
	struct span s = stretch(m, from, to);
	char text[160] = "";
	const char *kind = kind_names[c->kind];
	double sum = 0;
	for (size_t i = from; i < to; i++)
		sum += (double)m->cells[i].bits;
	if (c->kind == KIND_DENSE)
		kind = describe_dense(dense_part(s), text, sizeof text);
	else if (c->kind == KIND_ECB)
		snprintf(text, sizeof text,
				 "%u of %u blocks of %u bytes come again, one of them %u times; between them bytes as even as noise",
				 m->repeats.repeated, m->repeats.blocks, m->repeats.block, m->repeats.most);
	else if (c->kind == KIND_PADDING)
		snprintf(text, sizeof text, "0x%02x", c->fill);
	else if (c->kind == KIND_CODE)
		snprintf(text, sizeof text, "%s: instructions that begin and end functions", machines[c->machine].name);
	struct fact_entropy row = {
		.offset = (int64_t)(from * m->cell),
		.size = (int64_t)s.n,
		.kind = text_c(kind),
		.millibits = (int64_t)(sum / (double)(to - from) * 1000 + 0.5),
		.detail = text[0] ? text_c(text) : TEXT_NONE,
	};
	emit_entropy(sink, &row);
}

void entropy_map(struct span bytes, uint64_t place, struct arena *arena, struct sink *sink)
{
	struct map m = { .bytes = bytes };
	if (bytes.n == 0)
		return;
	m.cell = ((uint64_t)bytes.n / CELLS_MAX + BLOCK) / BLOCK * BLOCK;
	m.n = (size_t)((bytes.n + m.cell - 1) / m.cell);
	m.cells = ARENA_ARRAY(arena, struct cell, m.n);
	if (!m.cells)
		return;
	for (size_t i = 0; i < m.n; i++)
		m.cells[i] = look_at_cell(stretch(&m, i, i + 1), (unsigned)(-place & 3));
	smooth(&m);
	find_repeats(&m);
	for (size_t i = 0, end; i < m.n; i = end) {
		end = run_end(&m, i);
		emit_stretch(&m, i, end, sink);
	}
}
