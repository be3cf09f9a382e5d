/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes in scripts that invite misuse: values of a request that reach a shell, commands that switch off a check, open a
 * door or leave something writable. Shell, Lua, PHP, Python and Perl, with the templates that carry them (haserl, LuCI).
 *
 * Each language is read by its own lexical grammar, so that comments, texts and here-documents yield nothing; values are
 * followed through assignments, concatenation and the functions of the same file. What is a weakness: CWE-78, CWE-95,
 * CWE-295, CWE-494, CWE-732, CWE-798.
 */
#include "inspect/scripts.h"

#include "inspect/crontab.h"
#include "inspect/place.h"
#include "inspect/shell.h"
#include "inspect/startup.h"

#define FILE_MAX ((size_t)2 << 20)

bool scripts_among(struct text t, const char *const *words)
{
	for (size_t i = 0; t.n && words[i]; i++) {
		const char *w = words[i];
		size_t k = 0;
		while (k < t.n && w[k] && w[k] == t.p[k])
			k++;
		if (k == t.n && !w[k])
			return true;
	}
	return false;
}

struct origin origin_join(struct origin a, struct origin b)
{
	struct origin o = a.level >= b.level ? a : b;
	if (a.level == b.level) {
		o.guarded = a.guarded && b.guarded;
		o.indirect = a.indirect && b.indirect;
		o.no_path = a.no_path && b.no_path;
	}
	o.downloaded = a.downloaded || b.downloaded;
	if (o.downloaded && o.level == ORIGIN_FIXED)
		o.source = a.downloaded ? a.source : b.source;
	return o;
}

const char *origin_confidence(const struct origin *o)
{
	if (o->level != ORIGIN_REQUEST || o->guarded)
		return "possible";
	return o->indirect ? "likely" : "proven";
}

/* A statement without what surrounds it, and not too long. */
static struct text shown(struct text code)
{
	code = shell_trim(code);
	if (code.n > SCRIPTS_CODE)
		code.n = SCRIPTS_CODE;
	return code;
}

void scripts_emit(struct scripts_file *file, int64_t line, const char *kind, struct text code, struct text source,
				  const char *sink, const char *confidence)
{
	static const char *const names[] = { "", "shell", "lua", "php", "python", "perl" };
	if (file->library && !text_is(text_c(kind), "back-door"))
		confidence = "possible";
	const unsigned ring = sizeof file->last / sizeof file->last[0];
	if (file->quiet || file->watch)
		return;
	struct fact_weakness row = {
		.line = line,
		.language = text_c(names[file->language]),
		.kind = text_c(kind),
		.code = shown(code),
		.source = source,
		.sink = text_c(sink),
		.confidence = text_c(confidence),
	};
	for (unsigned i = 0; i < file->nrows && i < ring; i++)
		if (file->last[i].line == line && text_eq(file->last[i].kind, row.kind) && file->last[i].code.p == row.code.p)
			return;
	file->last[file->nrows % ring] = row;
	if (file->nrows++ == SCRIPTS_ROWS)
		emit_damage_at(file->sink, ERR_BUDGET, UINT64_MAX, "more than %u weaknesses in a script", SCRIPTS_ROWS);
	if (file->nrows <= SCRIPTS_ROWS)
		emit_weakness(file->sink, &row);
}

/* The program behind "#!", through env(1), without its folder. */
static struct text interpreter(struct text source, struct text *line)
{
	static const char *const shells[] = { "busybox", NULL };
	*line = TEXT_NONE;
	if (!text_starts(source, "#!"))
		return TEXT_NONE;
	source = text_of(source.p + 2, source.n - 2 < 256 ? source.n - 2 : 256);
	(void)shell_line(&source, line);
	struct text rest = *line, name = text_base(shell_field(&rest));
	if (text_is(name, "env") || scripts_among(name, shells)) {
		struct text next = shell_field(&rest);
		while (text_starts(next, "-") || memchr(next.p, '=', next.n))
			next = shell_field(&rest);
		return next;
	}
	return name;
}

static enum script_language by_interpreter(struct text name, struct text line)
{
	static const char *const shells[] = {
		"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh", "rc.common", "haserl", "openrc-run", "runscript", "init-d-script", NULL
	};
	if (scripts_among(name, shells))
		return text_is(name, "haserl") && text_has(line, "lua") ? LANGUAGE_LUA : LANGUAGE_SHELL;
	if (text_starts(name, "lua"))
		return LANGUAGE_LUA;
	if (text_starts(name, "php"))
		return LANGUAGE_PHP;
	if (text_starts(name, "python") || text_starts(name, "pypy"))
		return LANGUAGE_PYTHON;
	return text_starts(name, "perl") ? LANGUAGE_PERL : LANGUAGE_NONE;
}

static bool in_rc_folder(struct text path)
{
	return text_has(path, "/etc/init.d/") || text_has(path, "/etc/rc.d/") || text_ends(path, "/etc/rc.local") ||
		   text_ends(path, "/etc/profile") || text_has(path, "/etc_ro/rc");
}

static enum script_language by_name(const struct subject *s, struct text source)
{
	static const struct {
		const char *end;
		enum script_language language;
	} ends[] = {
		{ ".sh", LANGUAGE_SHELL },  { ".lua", LANGUAGE_LUA },    { ".php", LANGUAGE_PHP },
		{ ".phtml", LANGUAGE_PHP }, { ".py", LANGUAGE_PYTHON },  { ".pl", LANGUAGE_PERL },
		{ ".pm", LANGUAGE_PERL },   { ".bash", LANGUAGE_SHELL }, { ".php5", LANGUAGE_PHP },
	};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(s->path, ends[i].end))
			return ends[i].language;
	if (text_starts(source, "<?php"))
		return LANGUAGE_PHP;
	if (text_ends(s->path, ".htm") && text_has(s->path, "/luci/"))
		return LANGUAGE_LUA;
	bool unit = startup_is_unit(s->path) && text_has(source, "sh -"); /* most have no shell: these are not read */
	return unit || in_rc_folder(s->path) || startup_is_crontab(s->path) ? LANGUAGE_SHELL : LANGUAGE_NONE;
}

static enum script_language language_of(const struct subject *s, struct text *line)
{
	struct text source = text_from_span(s->bytes), name = interpreter(source, line);
	enum script_language language = name.n ? by_interpreter(name, *line) : LANGUAGE_NONE;
	return name.n ? language : by_name(s, source);
}

static bool scripts_wants(const struct subject *s)
{
	struct text line;
	if (s->kind != ENTRY_FILE || s->bytes.n == 0 || s->bytes.n > FILE_MAX)
		return false;
	if (strcmp(s->format, "script") != 0 && strcmp(s->format, "text") != 0)
		return false;
	return !path_is_documentation(s->path) && !path_is_test(s->path) && !text_ends(s->path, ".dist") &&
		   language_of(s, &line) != LANGUAGE_NONE;
}

static bool is_web(struct text path)
{
	static const char *const folders[] = { "/www/",      "/cgi-bin/",     "/htdocs/",     "/webroot/",
										   "/webpages/", "/public_html/", "/luci/",       "/web/",
										   "/var/www",   "/html/",        "/home/httpd/", NULL };
	for (size_t i = 0; folders[i]; i++)
		if (text_has(path, folders[i]))
			return true;
	return text_ends(path, ".cgi") || text_ends(path, ".php") || text_ends(path, ".phtml");
}

/* Folders of what a language's own distribution or others' packages for it bring. */
static bool is_library(struct text path)
{
	static const char *const folders[] = { "/site-packages/", "/dist-packages/", "/perl/5",  "/perl5/",
										   "/lib/python",     "/third_party/",   "/vendor/", "/node_modules/",
										   "/_vendor/",       "/vendored/",      NULL };
	for (size_t i = 0; folders[i]; i++)
		if (text_has(path, folders[i]))
			return true;
	return false;
}

/* A template with code in <% %>: what stands outside, and comments (<%#), translations (<%:, <%_) and inclusions (<%+),
 * become white space, so that lines keep their numbers. */
static struct text code_of_template(struct arena *arena, struct text source)
{
	enum { OUTSIDE, CODE, OTHER } state = OUTSIDE;
	char *out = arena_alloc(arena, source.n, 1);
	char old = text_has(source, "<%") ? '%' : '?'; /* haserl 0.8 and before: <? ?> */
	if (!text_has(source, "<%") && !text_has(source, "<?"))
		return source;
	if (!out)
		return TEXT_NONE;
	for (size_t i = 0; i < source.n; i++) {
		char c = source.p[i], next = i + 1 < source.n ? source.p[i + 1] : '\0';
		out[i] = state == CODE || c == '\n' ? c : ' ';
		if (state == OUTSIDE && c == '<' && (next == '%' || next == old)) {
			char first = i + 2 < source.n ? source.p[i + 2] : '\0';
			state = first && strchr("#:_+", first) ? OTHER : CODE;
			out[++i] = ' ';
			if (state == CODE && (first == '=' || first == '-') && i + 1 < source.n)
				out[++i] = ' ';
		} else if (state != OUTSIDE && (c == '%' || c == old) && next == '>') {
			state = OUTSIDE;
			out[i] = ';';
			out[++i] = ' ';
		}
	}
	return text_of(out, source.n);
}

bool scripts_open(struct scripts_file *file, const struct subject *s, struct sink *sink, struct text *source)
{
	struct text line;
	*source = text_from_span(s->bytes);
	*file = (struct scripts_file){ .subject = s, .sink = sink, .language = language_of(s, &line) };
	file->web = is_web(s->path) || text_has(line, "haserl");
	file->haserl = text_has(line, "haserl") || text_ends(s->path, ".htm");
	file->library = is_library(s->path);
	if (file->haserl)
		*source = code_of_template(s->arena, *source);
	if (startup_is_crontab(s->path))
		*source = crontab_commands(s->path, *source, s->arena);
	if (startup_is_unit(s->path))
		*source = startup_unit_commands(*source, s->arena);
	return file->language != LANGUAGE_NONE && source->p;
}

static void scripts_run(const struct subject *s, struct sink *sink)
{
	struct scripts_file file;
	struct text source, line;
	bool opened = scripts_open(&file, s, sink, &source);
	(void)interpreter(text_from_span(s->bytes), &line);
	if (line.n && s->mode != FACT_NULL && (s->mode & 04000))
		scripts_emit(&file, 1, "set-uid-script", text_of((const char *)s->bytes.p, line.n + 2), TEXT_NONE, "shell",
					 "proven");
	if (opened && file.language == LANGUAGE_SHELL)
		scripts_shell(&file, source, 1);
	else if (opened)
		scripts_code(&file, source);
}

const struct inspector scripts_inspector = {
	.name = "scripts",
	.title = "shapes in scripts that invite misuse (shell, Lua, PHP, Python, Perl)",
	.spec = "IEEE Std 1003.1 XCU 2; the languages' reference manuals; CWE-78, 95, 295, 494, 732, 798",
	.wants = scripts_wants,
	.run = scripts_run,
};
