/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of a kernel where they are text: the configuration of its build, sysctl files, boot parameters.
 *
 * Specification: Linux scripts/kconfig/confdata.c; sysctl.conf(5), sysctl.d(5); Linux
 * Documentation/admin-guide/kernel-parameters.rst.
 */
#include "inspect/kernel.h"

#include <stdlib.h>

#include "base/vuln_parts.h"

#define CONFIG_HEAD 512u
#define SYSCTL_MAX ((size_t)1 << 20)
#define LINE_MAX 8192u
#define SCRIPT_ROWS_MAX 256u
#define SCRIPT_HITS_MAX 4096u
#define WORDS_MAX 1024u

#define BLANKS " \t\r\v\f"

static bool is_blank(char c)
{
	return c && strchr(BLANKS, c);
}

static void emit_knob(struct sink *sink, const struct kernel_knob *k, int64_t line, struct text name, struct text value,
					  const char *origin)
{
	emit_kernel_option(sink, &(struct fact_kernel_option){
								 .line = line,
								 .name = name,
								 .value = value,
								 .origin = text_c(origin),
								 .recommended = text_c(k->recommended),
								 .recommended_by = text_c(k->by),
								 .topic = text_c(k->topic),
							 });
}

/* Its title says what it configures: BusyBox, U-Boot and others write files that are alike. */
bool kernel_config_is(struct span text)
{
	struct span head = span_clip(text, 0, CONFIG_HEAD);
	return span_starts(head, "#", 1) &&
		   (memmem(head.p, head.n, "Kernel Configuration", 20) || memmem(head.p, head.n, "Linux kernel version: ", 22));
}

/* Quotes go; what is escaped stays as it is. */
static struct text unquoted(struct text t)
{
	if (t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"')
		return text_of(t.p + 1, t.n - 2);
	return t;
}

static bool read_option(struct text line, struct text *name, struct text *value)
{
	static const char not_set[] = " is not set";
	line = text_trim(line, BLANKS);
	if (text_starts(line, "# CONFIG_") && text_ends(line, not_set)) {
		*name = text_of(line.p + 2, line.n - 2 - (sizeof not_set - 1));
		*value = TEXT_LIT("n");
		return true;
	}
	const char *equals = text_starts(line, "CONFIG_") ? memchr(line.p, '=', line.n) : NULL;
	if (!equals)
		return false;
	*name = text_of(line.p, (size_t)(equals - line.p));
	*value = unquoted(text_of(equals + 1, line.n - name->n - 1));
	return true;
}

static int by_name(const void *key, const void *item)
{
	const struct text *name = key;
	const char *other = *(const char *const *)item;
	size_t n = strlen(other);
	int c = memcmp(name->p, other, name->n < n ? name->n : n);
	return c ? c : (name->n > n) - (name->n < n);
}

/* Options that nobody recommends a value of, but that tell which parts of the kernel are there at all. */
static const struct kernel_knob *part_knob(struct text name)
{
	static const struct kernel_knob part = { "", "", "", "parts" };
	return bsearch(&name, kernel_path_options, kernel_path_options_n, sizeof kernel_path_options[0], by_name) ? &part : NULL;
}

void kernel_config_read(struct span text, struct sink *sink)
{
	struct text rest = text_from_span(text), line, name, value;
	for (int64_t number = 1; text_take_line(&rest, &line); number++) {
		if (line.n > LINE_MAX || !read_option(line, &name, &value))
			continue;
		const struct kernel_knob *k = kernel_knob(kernel_options, text_of(name.p + 7, name.n - 7));
		if (!k)
			k = part_knob(text_of(name.p + 7, name.n - 7));
		if (!k)
			continue;
		emit_knob(sink, k, number, name, value, "config");
		if (text_is(name, "CONFIG_CMDLINE"))
			kernel_command_line(value, number, sink);
	}
}

bool kernel_sysctl_is(struct text path)
{
	struct text name = text_base(path), directory = text_of(path.p, path.n - name.n);
	if (text_starts(path, "/usr/share/"))
		return false;
	return text_ends(path, "/etc/sysctl.conf") || (text_ends(directory, "/sysctl.d/") && text_ends(name, ".conf"));
}

/* With dots between its parts: where the first separator is a slash, dots and slashes have changed places. */
static struct text dotted(struct text key, char *out, size_t size)
{
	size_t first = 0;
	while (first < key.n && key.p[first] != '.' && key.p[first] != '/')
		first++;
	bool slashes = first < key.n && key.p[first] == '/';
	if (key.n > size)
		return TEXT_NONE;
	for (size_t i = 0; i < key.n; i++)
		out[i] = slashes && key.p[i] == '/' ? '.' : slashes && key.p[i] == '.' ? '/' : key.p[i];
	return text_of(out, key.n);
}

static void emit_sysctl(struct text key, struct text value, int64_t line, const char *origin, struct sink *sink)
{
	char name[256];
	struct text n = dotted(text_trim(key, BLANKS), name, sizeof name);
	const struct kernel_knob *k = n.n ? kernel_knob(kernel_sysctls, n) : NULL;
	if (k)
		emit_knob(sink, k, line, n, text_trim(value, BLANKS), origin);
}

void kernel_sysctl_read(struct span text, struct sink *sink)
{
	struct text rest = text_from_span(span_clip(text, 0, SYSCTL_MAX)), line;
	if (text.n > SYSCTL_MAX)
		emit_damage_at(sink, ERR_BUDGET, SYSCTL_MAX, "only the beginning of the file of sysctls was read");
	for (int64_t number = 1; text_take_line(&rest, &line); number++) {
		line = text_trim(line, BLANKS);
		if (!line.n || line.n > LINE_MAX || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '-') /* an error is to be ignored */
			line = text_trim(text_of(line.p + 1, line.n - 1), BLANKS);
		const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
		if (!equals)
			continue;
		size_t n = (size_t)(equals - line.p);
		emit_sysctl(text_of(line.p, n), text_of(equals + 1, line.n - n - 1), number, "sysctl", sink);
	}
}

/* One word of a shell's line, without quotes; what the shell would expand ends the reading. */
static bool shell_word(struct text *rest, struct text *word)
{
	*rest = text_trim(*rest, BLANKS);
	if (!rest->n || strchr("#;|&<>()", rest->p[0]))
		return false;
	char quote = rest->p[0] == '"' || rest->p[0] == '\'' ? rest->p[0] : 0;
	size_t from = quote ? 1 : 0, n = from;
	while (n < rest->n && (quote ? rest->p[n] != quote : !is_blank(rest->p[n]) && !strchr(";|&<>()\"'#", rest->p[n])))
		n++;
	*word = text_of(rest->p + from, n - from);
	n += quote && n < rest->n ? 1 : 0;
	*rest = text_of(rest->p + n, rest->n - n);
	return !memchr(word->p, '$', word->n) && !memchr(word->p, '`', word->n);
}

/* echo VALUE > /proc/sys/KEY; the hit is the path. */
static void read_echo(struct text line, size_t path_at, int64_t number, struct sink *sink)
{
	static const char proc[] = "/proc/sys/";
	struct text key = text_of(line.p + path_at + sizeof proc - 1, line.n - path_at - (sizeof proc - 1));
	size_t n = 0;
	while (n < key.n && !is_blank(key.p[n]) && !strchr(";|&<>()\"'$`#", key.p[n]))
		n++;
	struct text before = text_trim(text_of(line.p, path_at), BLANKS), value;
	if (n < key.n && strchr("$`", key.p[n]))
		return;
	if (before.n && before.p[before.n - 1] == '"')
		before = text_trim(text_of(before.p, before.n - 1), BLANKS);
	if (!before.n || before.p[before.n - 1] != '>')
		return;
	const char *echo = memmem(before.p, before.n, "echo", 4);
	for (const char *next = echo; next; next = memmem(next + 1, before.n - (size_t)(next + 1 - before.p), "echo", 4))
		echo = next;
	if (!echo || (echo > line.p && !is_blank(echo[-1]) && !strchr(";&|({", echo[-1])))
		return;
	struct text rest = text_of(echo + 4, before.n - (size_t)(echo + 4 - before.p));
	if (!shell_word(&rest, &value) || (text_is(value, "-n") && !shell_word(&rest, &value)))
		return;
	if (text_trim(rest, BLANKS).n == 1) /* nothing else before the '>' */
		emit_sysctl(text_of(key.p, n), value, number, "script", sink);
}

/* sysctl -w KEY=VALUE ... */
static void read_sysctl(struct text line, size_t at, int64_t number, struct sink *sink)
{
	struct text rest = text_of(line.p + at + 7, line.n - at - 7), word;
	for (unsigned i = 0; i < 64 && shell_word(&rest, &word); i++) {
		const char *equals = word.n && word.p[0] != '-' ? memchr(word.p, '=', word.n) : NULL;
		if (!equals)
			continue;
		size_t n = (size_t)(equals - word.p);
		emit_sysctl(text_of(word.p, n), text_of(equals + 1, word.n - n - 1), number, "script", sink);
	}
}

void kernel_sysctl_script(const struct subject *s, struct sink *sink)
{
	uint64_t counted = 0;
	int64_t number = 1;
	unsigned rows = 0;
	for (size_t i = 0; i < s->nhits && i < SCRIPT_HITS_MAX && rows < SCRIPT_ROWS_MAX; i++) {
		uint64_t at = s->hits[i].from, from = at, to = at;
		for (; counted < at; counted++)
			number += s->bytes.p[counted] == '\n';
		while (from > 0 && at - from < LINE_MAX && s->bytes.p[from - 1] != '\n')
			from--;
		while (to < s->bytes.n && to - at < LINE_MAX && s->bytes.p[to] != '\n')
			to++;
		struct text line = text_from_span(span_sub(s->bytes, from, to - from));
		struct text head = text_trim(line, BLANKS);
		if (!head.n || head.p[0] == '#')
			continue;
		rows++;
		if (s->bytes.p[at] == '/')
			read_echo(line, at - from, number, sink);
		else
			read_sysctl(line, at - from, number, sink);
	}
}

/* Words are separated by white space outside of double quotes; "--" ends what is for the kernel. */
static bool next_parameter(struct text *rest, struct text *word)
{
	while (rest->n && (is_blank(rest->p[0]) || rest->p[0] == '\n')) {
		rest->p++;
		rest->n--;
	}
	size_t n = 0;
	bool quoted = false;
	for (; n < rest->n && (quoted || !(is_blank(rest->p[n]) || rest->p[n] == '\n')); n++)
		quoted ^= rest->p[n] == '"';
	*word = text_of(rest->p, n);
	*rest = text_of(rest->p + n, rest->n - n);
	return n > 0 && !text_is(*word, "--");
}

void kernel_command_line(struct text line, int64_t number, struct sink *sink)
{
	struct text word;
	for (unsigned i = 0; line.n && i < WORDS_MAX && next_parameter(&line, &word); i++) {
		const char *equals = memchr(word.p, '=', word.n);
		size_t n = equals ? (size_t)(equals - word.p) : word.n;
		struct text name = text_of(word.p, n);
		struct text value = equals ? unquoted(text_of(equals + 1, word.n - n - 1)) : TEXT_LIT("set");
		const struct kernel_knob *k = n < 64 ? kernel_knob(kernel_parameters, name) : NULL;
		if (k)
			emit_knob(sink, k, number, name, value, "command line");
	}
}
