/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listings of the strings of a program, one a line, as strings(1) writes them: what is often all that was kept of one.
 *
 * They are read like the program, with a NUL where each line ends. What tells them from other texts: strings(1) leaves out
 * what is shorter than four characters, so there is no empty line and no lone bracket; and a program has texts for printf(3),
 * names of sections and versions of symbols; where so little was kept that there is none of them, it is at least no table and
 * no file of settings. What is no file among others, but the input itself, may have been kept in another way, with shorter lines.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/holes.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"

#define LINE_MIN 4u
/* Without a mark of a program only so many lines are taken for an excerpt of one. */
#define EXCERPT_LINES_MAX 64u
#define LISTING_MAX (16u << 20)
/* Literals with a NUL are looked for in no more bytes than these: the pass over the file did not see the NULs. */
#define SEARCH_MAX (256u << 10)
#define HITS_MAX 4096u
#define ELF_MAGIC "\x7f" "ELF"
#define MAGIC_BYTES 4u
#define HEADER_MAX 24u
/* So many lines may be some strings that look like comments or a page. */
#define FEW_LINES 5u

/* What follows a program's magic number: lines right behind it, or behind some bytes of its header, cut at a line's end, the
 * first of which tells the class ("ELF-64 Object File Format", File header: EI_CLASS). */
static struct span behind_magic(struct span bytes)
{
	if (!span_starts(bytes, ELF_MAGIC, MAGIC_BYTES))
		return bytes;
	size_t n = MAGIC_BYTES;
	bool header = n < bytes.n && (bytes.p[n] == 1 || bytes.p[n] == 2);
	while (header && n < bytes.n && n < HEADER_MAX && bytes.p[n] != '\n')
		n++;
	return span_from(bytes, header && n < bytes.n && bytes.p[n] != '\n' ? MAGIC_BYTES : n);
}

struct span component_without_magic(struct span bytes, struct arena *arena)
{
	bool few = bytes.n > MAGIC_BYTES && bytes.n <= COMPONENT_FEW_BYTES;
	if (!few || !span_starts(bytes, ELF_MAGIC, MAGIC_BYTES) || !is_printable(bytes.p[MAGIC_BYTES]))
		return bytes;
	uint8_t *copy = arena_alloc(arena, bytes.n, 1);
	if (!copy)
		return bytes;
	memset(copy, 0, MAGIC_BYTES);
	memcpy(copy + MAGIC_BYTES, bytes.p + MAGIC_BYTES, bytes.n - MAGIC_BYTES);
	return span_of(copy, bytes.n);
}

/* "2.9": what was kept of a program by hand may have it, too. */
static bool is_short_version(struct span s, size_t end, size_t length)
{
	return length == 3 && ascii_is_digit(s.p[end - 3]) && s.p[end - 2] == '.' && ascii_is_digit(s.p[end - 1]);
}

/* Printable lines of so many characters at least, and nothing else; the first may be behind a program's magic number. */
static bool has_lines_of_strings(struct span s, bool first, size_t line_min)
{
	size_t length = first ? line_min : 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			continue;
		if (c == '\n') {
			if (length < line_min && !is_short_version(s, i - (i > 0 && s.p[i - 1] == '\r'), length))
				return false;
			length = 0;
		} else if (is_printable(c)) {
			length++;
		} else {
			return false;
		}
	}
	return length == 0 || length >= line_min || is_short_version(s, s.n, length);
}

/* "%s", "%-8.3lu": printf(3), "Format of the format string". */
static bool is_conversion(struct span s)
{
	size_t n = 1;
	while (n < s.n && s.p[n] && strchr("-+ #0", s.p[n]))
		n++;
	while (n < s.n && (ascii_is_digit(s.p[n]) || s.p[n] == '.' || s.p[n] == '*'))
		n++;
	while (n < s.n && s.p[n] && strchr("hlzjL", s.p[n]))
		n++;
	return n < s.n && s.p[n] && strchr("sduxXcfgip", s.p[n]);
}

static bool has_conversion(struct span s)
{
	while (s.n) {
		const uint8_t *percent = memchr(s.p, '%', s.n);
		if (!percent)
			return false;
		s = span_from(s, (uint64_t)(percent - s.p));
		if (is_conversion(s))
			return true;
		s = span_from(s, 1);
	}
	return false;
}

/* Lines that the linker and the compiler put into a program. */
static bool has_mark_of_program(struct span s)
{
	static const char *const marks[] = {
		"GLIBC_2.",       "GCC: (",         "\n.rodata\n",       "\n.text\n",
		"\n.dynamic\n",   ".gnu_debuglink", "__libc_start_main", "_ITM_deregisterTMCloneTable",
		"__cxa_finalize", "__gmon_start__", "/lib/ld-"
	};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (holes_memmem(s, marks[i], strlen(marks[i])))
			return true;
	return false;
}

/* "name = x", "archive(byte, plugin) = x", "Name[de]=x" */
static bool is_setting(struct text line)
{
	size_t n = 0;
	while (n < line.n && (ascii_is_letter((uint8_t)line.p[n]) || ascii_is_digit((uint8_t)line.p[n]) || strchr("_.- (),[]", line.p[n])))
		n++;
	bool compares = n + 1 < line.n && line.p[n + 1] == '='; /* "size == used", as assert(3) prints it */
	return line.p[0] == '#' || (n > 0 && n < line.n && line.p[n] == '=' && !compares);
}

/* A table has columns; so have some lines of a program's usage. */
static bool has_column(struct text line)
{
	size_t n = 0;
	while (n < line.n && (line.p[n] == '\t' || line.p[n] == ' '))
		n++;
	bool option = n > 0 && n < line.n && line.p[n] == '-';
	return !option && memchr(line.p + n, '\t', line.n - n) != NULL;
}

/* Whether the name of a file says nothing of what is in it, so that some strings may be: no settings of a system, no page. */
static bool is_unnamed(const struct subject *s)
{
	struct text base = text_base(s->path);
	bool plain = !base.n || !memchr(base.p, '.', base.n) || text_ends(base, ".txt") || text_ends(base, ".strings");
	return s->kind != ENTRY_FILE || (plain && !text_has(s->path, "etc/"));
}

/* Some lines without such marks: no settings, no table, nothing in braces or tags, no script. One line that its name does not
 * call so may look like any of them, and a few may be comments or a piece of a page. */
static bool is_excerpt(struct span s, bool unnamed)
{
	size_t lines = 0, settings = 0, comments = 0, columns = 0;
	if (span_has(s, 0, "#!", 2))
		return false;
	bool markup = s.p[0] && strchr("{[<", s.p[0]) && strchr("}]>", s.p[s.n - 1 - (s.p[s.n - 1] == '\n')]);
	for (uint64_t at = 0; at < s.n; lines++) {
		const uint8_t *end = memchr(s.p + at, '\n', s.n - at);
		uint64_t n = end ? (uint64_t)(end - s.p) - at : s.n - at;
		struct text line = text_from_span(span_sub(s, at, n));
		if (lines == EXCERPT_LINES_MAX)
			return false;
		columns += has_column(line);
		settings += line.n && is_setting(line);
		comments += line.n && (line.p[0] == '#' || line.p[0] == '-') && is_setting(line);
		at += n + 1;
	}
	if (unnamed && lines <= FEW_LINES) {
		settings -= comments;
		markup = markup && (s.p[0] != '<' || span_has(s, 0, "<?", 2));
	}
	return (unnamed && lines == 1) || (!markup && 2 * settings < lines && 2 * columns < lines);
}

static bool is_header(struct text line)
{
	return line.n > 2 && line.p[0] == '[' && ascii_is_letter((uint8_t)line.p[1]) && line.p[line.n - 1] == ']';
}

/* A section's header and settings, as in a desktop entry or a unit of systemd: what looks like a conversion in one of them
 * ("Exec=editor %u") is an argument. */
static bool is_of_sections(struct span s)
{
	size_t lines = 0, settings = 0;
	for (uint64_t at = 0; at < s.n; lines++) {
		const uint8_t *end = memchr(s.p + at, '\n', s.n - at);
		uint64_t n = end ? (uint64_t)(end - s.p) - at : s.n - at;
		struct text line = text_from_span(span_sub(s, at, n));
		if (lines == 0 && !is_header(line))
			return false;
		settings += is_header(line) || (line.n && is_setting(line));
		at += n + 1;
	}
	return lines > 1 && 2 * settings >= lines;
}

/* By its name it is a text for people, which speaks of programs: README, NOTICE, LICENSE.busybox, changes.html. */
static bool is_for_people(struct text path)
{
	static const char *const words[] = { "readme", "license", "licence", "licenses", "licences", "copying", "copyright",
										 "notice", "notices", "changelog", "changes", "news", "authors" };
	static const char *const endings[] = { ".md", ".markdown", ".rst", ".adoc", ".html", ".htm" };
	struct text name = text_base(path);
	size_t n = 0;
	while (n < name.n && !strchr(".-_ ", name.p[n]))
		n++;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == n && strncasecmp(name.p, words[i], n) == 0)
			return true;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (text_ends(name, endings[i]))
			return true;
	return false;
}

bool component_is_listing(const struct subject *subject)
{
	struct span bytes = subject->bytes, s = behind_magic(bytes);
	bool in_file = subject->kind == ENTRY_FILE;
	bool magic = s.n < bytes.n;
	if (s.n == 0 || bytes.n > LISTING_MAX || !has_lines_of_strings(s, magic, in_file ? LINE_MIN : 0))
		return false;
	if (in_file && !magic && (is_for_people(subject->path) || is_of_sections(s)))
		return false;
	return magic || has_conversion(s) || has_mark_of_program(s) || is_excerpt(s, is_unnamed(subject));
}

struct span component_listing(struct span bytes, struct arena *arena)
{
	uint8_t *copy = arena_alloc(arena, bytes.n, 1);
	if (!copy)
		return SPAN_NONE;
	size_t magic = bytes.n - behind_magic(bytes).n; /* no part of the first string */
	for (size_t i = 0; i < bytes.n; i++)
		copy[i] = i < magic || bytes.p[i] == '\n' || bytes.p[i] == '\r' ? 0 : bytes.p[i];
	return span_of(copy, bytes.n);
}

static int by_place(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->pattern < y->pattern ? -1 : x->pattern > y->pattern;
}

static void find_all(struct span listing, uint32_t pattern, struct hit *hits, size_t *n)
{
	const struct pattern *p = &component_patterns[pattern];
	for (struct span s = listing; *n < HITS_MAX;) {
		const uint8_t *found = s.n ? holes_memmem(s, p->bytes, p->n) : NULL;
		if (!found)
			return;
		uint64_t from = (uint64_t)(found - listing.p);
		hits[(*n)++] = (struct hit){ pattern, from, from + p->n };
		s = span_from(listing, from + 1);
	}
}

const struct hit *component_listing_hits(struct span listing, const struct hit *seen, size_t nseen, struct arena *arena,
										 size_t *n)
{
	*n = nseen;
	struct hit *hits = listing.n <= SEARCH_MAX && nseen < HITS_MAX ? ARENA_ARRAY(arena, struct hit, HITS_MAX) : NULL;
	if (!hits)
		return seen;
	if (nseen)
		memcpy(hits, seen, nseen * sizeof *hits);
	for (size_t i = 0; i < component_nwith_nul; i++)
		find_all(listing, component_with_nul[i], hits, n);
	qsort(hits, *n, sizeof *hits, by_place);
	return hits;
}
