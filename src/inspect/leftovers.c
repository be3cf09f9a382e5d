/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leftovers: what development left in the product, by names and, where a format has a mark of its own, by its first bytes.
 *
 * A name alone says little where it is also that of something else: then the bytes must agree, or the place.
 */
#include "inspect/leftovers.h"

#include "inspect/capture.h"
#include "inspect/elf_object.h"
#include "inspect/inspect.h"
#include "inspect/place.h"

#define TEXT_LOOKED_AT 4096u

static bool begins(const struct subject *s, const char *bytes, size_t n)
{
	return span_starts(s->bytes, bytes, n);
}

static bool is_format(const struct subject *s, const char *format)
{
	return strcmp(s->format, format) == 0;
}

/* Documentation, and data whose names follow rules of their own. */
static bool is_elsewhere(struct text path)
{
	return path_is_documentation(path) || text_has(path, "/terminfo/") || text_has(path, "/zoneinfo/");
}

static bool in_program_directory(struct text path)
{
	struct text base = text_base(path), dir = text_of(path.p, path.n - base.n);
	return text_ends(dir, "bin/");
}

static void emit(struct sink *sink, const char *kind, struct text detail)
{
	emit_leftover(sink, &(struct fact_leftover){ .kind = text_c(kind), .detail = detail });
}

/* Programs are also called NAME-12, and TARGET-NAME where they build for another machine. */
static const struct leftover_rule *program_rule(struct text name)
{
	const struct leftover_rule *rule = leftover_program(name);
	if (rule)
		return rule;
	struct text stem = name;
	while (stem.n && ((stem.p[stem.n - 1] >= '0' && stem.p[stem.n - 1] <= '9') || stem.p[stem.n - 1] == '.'))
		stem.n--;
	if (stem.n && stem.n < name.n && stem.p[stem.n - 1] == '-')
		stem.n--;
	else
		stem = name;
	if (stem.n < name.n && (rule = leftover_program(stem)))
		return rule;
	bool triplet = memmem(stem.p, stem.n, "-linux-", 7) || memmem(stem.p, stem.n, "-elf-", 5);
	const char *dash = triplet ? memrchr(stem.p, '-', stem.n) : NULL;
	return dash ? leftover_program(text_of(dash + 1, (size_t)(stem.p + stem.n - dash - 1))) : NULL;
}

/* "_test", "-unittest" ... : the names that build systems give to programs of tests. */
static bool is_test_name(struct text name)
{
	static const char *const ends[] = { "_test",     "-test",     "_tests", "-tests",
										"_unittest", "-unittest", ".test",  "_unit_test" };
	static const char *const starts[] = { "test_", "test-", "unittest_" };
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(name, ends[i]))
			return true;
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
		if (text_starts(name, starts[i]))
			return true;
	return false;
}

static bool find_program(const struct subject *s, struct sink *sink)
{
	struct text name = text_base(s->path);
	bool runs = s->mode == FACT_NULL || (s->mode & 0111);
	if (!in_program_directory(s->path) || !runs || (!is_format(s, "elf") && !is_format(s, "script")))
		return false;
	const struct leftover_rule *rule = program_rule(name);
	if (!rule && !is_test_name(name))
		return false;
	if (rule)
		emit(sink, rule->kind,
			 text_c(arena_printf(s->arena, "%.*s: %s", (int)name.n, name.p ? name.p : "", rule->detail)));
	else
		emit(sink, "test program", TEXT_LIT("a program with the name of a test"));
	return true;
}

/* A name of a multi-call program. */
static void find_applet(const struct subject *s, struct sink *sink)
{
	struct text name = text_base(s->path), target = text_base(s->link_target);
	const struct leftover_rule *rule = leftover_program(name);
	bool multi = text_is(target, "busybox") || text_is(target, "toybox");
	if (rule && rule->place == LEFTOVER_APPLET && multi)
		emit(sink, rule->kind,
			 text_c(arena_printf(s->arena, "%.*s, of %.*s: %s", (int)name.n, name.p, (int)target.n, target.p,
								 rule->detail)));
}

static bool rule_fits(const struct subject *s, const struct leftover_rule *r)
{
	struct text name = text_base(s->path);
	size_t n = strlen(r->name);
	switch (r->place) {
	case LEFTOVER_NAME:
		if (!text_is(name, r->name))
			return false;
		break;
	case LEFTOVER_ENDING:
		if (!text_ends(name, r->name) || name.n == n)
			return false;
		break;
	case LEFTOVER_BELOW:
		return text_starts(s->path, r->name);
	case LEFTOVER_WITHIN:
		return text_ends(s->path, r->name);
	default:
		return false;
	}
	return !r->begins || begins(s, r->begins, r->begins_n);
}

static const struct leftover_rule *named_rule(const struct subject *s)
{
	const struct leftover_rule *r;
	for (size_t i = 0; (r = leftover_file_rule(i)); i++)
		if (rule_fits(s, r))
			return r;
	return NULL;
}

/* What only its first bytes tell. */
static const struct leftover_rule *content_rule(const struct subject *s)
{
	static const struct leftover_rule beside = { .kind = "desktop",
												 .detail = "what macOS keeps beside a file (AppleDouble)" };
	return begins(s, "\0\x05\x16\x07\0\x02\0\0", 8) ? &beside : NULL;
}

/* A certificate or key whose name says that it is none for use. */
static bool is_test_certificate(const struct subject *s)
{
	struct text name = text_base(s->path);
	if (!begins(s, "-----BEGIN ", 11) && !begins(s, "Certificate:", 12))
		return false;
	static const char *const words[] = {
		"snakeoil", "test", "dummy", "example", "selfsigned", "self-signed", "sample"
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (memmem(name.p, name.n, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Object files that are loaded when they are needed, and no parts of programs: eBPF for the kernel, GRUB's runtime of EFI. */
static bool is_loaded_object(const struct elf_object *o, struct text path)
{
	return o->machine == EM_BPF || text_ends(path, "/i386-pc/efiemu32.o") || text_ends(path, "/i386-pc/efiemu64.o");
}

static const char *elf_leftover(const struct subject *s, const char **detail)
{
	struct elf_object o;
	struct error e = elf_open(s->bytes, &o);
	if (error_is(&e))
		return NULL;
	struct text name = text_base(s->path);
	if (o.type == ET_CORE) {
		*detail = "the memory of a program that crashed";
		return "core dump";
	}
	/* members of a static library lie at its root; the library itself is what was left */
	if (o.type == ET_REL && text_ends(name, ".o") && name.n + 1 < s->path.n && !is_loaded_object(&o, s->path)) {
		*detail = "an object file: a part of a program";
		return "build";
	}
	if (text_ends(name, ".debug")) {
		*detail = "debugging information of a program";
		return "build";
	}
	return NULL;
}

static bool is_debug_page(const struct subject *s)
{
	return text_ends(s->path, ".php") && s->bytes.n <= TEXT_LOOKED_AT && memmem(s->bytes.p, s->bytes.n, "phpinfo(", 8);
}

/* Source code that nothing on a product reads; headers and examples of development packages are kept with their package. */
static bool is_source(const struct subject *s)
{
	static const char *const ends[] = { ".c", ".cc", ".cpp", ".cxx" };
	if (!subject_is_text(s) || text_starts(s->path, "/usr/share/") || text_starts(s->path, "/usr/include/"))
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(s->path, ends[i]))
			return true;
	return false;
}

/* "#name#" of Emacs. */
static bool is_autosave(const struct subject *s)
{
	struct text name = text_base(s->path);
	return name.n > 2 && name.p[0] == '#' && name.p[name.n - 1] == '#';
}

static struct text with_lines(const struct subject *s, const char *detail)
{
	unsigned long lines = 0;
	for (size_t i = 0; i < s->bytes.n; i++)
		lines += s->bytes.p[i] == '\n';
	return text_c(arena_printf(s->arena, "%s: %lu line%s", detail, lines, lines == 1 ? "" : "s"));
}

static void find_file(const struct subject *s, struct sink *sink)
{
	const char *detail = NULL, *kind = is_format(s, "elf") ? elf_leftover(s, &detail) : NULL;
	if (kind) {
		emit(sink, kind, text_c(detail));
		return;
	}
	const char *capture = capture_kind(s->bytes);
	if (capture) {
		emit(sink, "capture", text_c(capture));
		return;
	}
	const struct leftover_rule *r = content_rule(s);
	r = r ? r : named_rule(s);
	if (r)
		emit(sink, r->kind, strcmp(r->kind, "history") == 0 ? with_lines(s, r->detail) : text_c(r->detail));
	else if (is_test_certificate(s))
		emit(sink, "test certificate", TEXT_LIT("a certificate or key whose name says that it is for tests"));
	else if (is_debug_page(s))
		emit(sink, "debug page", TEXT_LIT("a page that shows how PHP is set up"));
	else if (is_source(s))
		emit(sink, "build", TEXT_LIT("source code"));
	else if (is_autosave(s))
		emit(sink, "editor", TEXT_LIT("what Emacs keeps of a file that is being edited"));
}

/* What a packed file holds, or the input itself, has no name of its own to go by: a recording tells itself. */
static bool is_recording(const struct subject *s)
{
	return s->kind != ENTRY_SYMLINK && s->kind != ENTRY_DIRECTORY && capture_is_recording(s->bytes);
}

static bool leftovers_wants(const struct subject *s)
{
	if (s->kind == ENTRY_SYMLINK)
		return in_program_directory(s->path);
	if (s->bytes.n == 0 || is_elsewhere(s->path))
		return false;
	return s->kind == ENTRY_FILE || is_recording(s);
}

static void leftovers_run(const struct subject *s, struct sink *sink)
{
	if (s->kind == ENTRY_SYMLINK)
		find_applet(s, sink);
	else if (s->kind != ENTRY_FILE || !find_program(s, sink))
		find_file(s, sink);
}

const struct inspector leftovers_inspector = {
	.name = "leftovers",
	.title = "what development left: debug tools, back-ups, histories, repositories, captures, core dumps",
	.spec = "the manuals of the programs and formats named in leftovers_names.c",
	.wants = leftovers_wants,
	.run = leftovers_run,
};
