/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Switches: variables that hold the name of `true` or of `false` alone, so that the command $NAME asks them and starts nothing. Told by
 * all that the text of the script has of the name, wherever a line comes to it: a value that is set elsewhere in the file, by a function,
 * in a loop or by eval, would be another command. */
#include "inspect/startup_parse.h"

#include "base/words.h"

#include "inspect/startup.h"

static bool is_name_char(char c)
{
	return expand_name_length(text_of(&c, 1)) || (c >= '0' && c <= '9');
}

/* $NAME, ${NAME} or either in double quotes, and nothing else; TEXT_NONE: another word. */
static struct text lone_variable(struct text word)
{
	if (word.n > 2 && word.p[0] == '"' && word.p[word.n - 1] == '"')
		word = text_of(word.p + 1, word.n - 2);
	if (word.n < 2 || word.p[0] != '$')
		return TEXT_NONE;
	word = word.n > 3 && word.p[1] == '{' && word.p[word.n - 1] == '}' ? text_of(word.p + 2, word.n - 3)
																	   : text_of(word.p + 1, word.n - 1);
	return expand_name_length(word) == word.n ? word : TEXT_NONE;
}

/* Where the whole word `name` is next in `t`; SIZE_MAX: nowhere. */
static size_t find_name(struct text t, size_t from, struct text name)
{
	while (from < t.n) {
		const char *at = memmem(t.p + from, t.n - from, name.p, name.n);
		if (!at)
			return SIZE_MAX;
		size_t begin = (size_t)(at - t.p), end = begin + name.n;
		if ((begin == 0 || !is_name_char(t.p[begin - 1])) && (end == t.n || !is_name_char(t.p[end])))
			return begin;
		from = begin + 1;
	}
	return SIZE_MAX;
}

/* Whether the rest of the command has an operand that a variable names: it may be any name that is assigned. */
static bool names_by_variable(struct text rest)
{
	struct text line;
	if (!shell_line(&rest, &line))
		return false;
	for (struct text word = shell_field(&line); word.n && !memchr("&|;", word.p[0], 3); word = shell_field(&line))
		if (word.p[0] == '$' || word.p[0] == '`' || (word.n > 1 && word.p[0] == '"' && (word.p[1] == '$' || word.p[1] == '`')))
			return true;
	return false;
}

/* Another file that is read with `.`, and functions of libraries. */
static bool takes_from_elsewhere(const struct script *s)
{
	static const char *const named[] = { "eval", "getopts", "mapfile", "read" }; /* whose operands tell what they set */
	for (unsigned i = 0; i < s->ncommands; i++) {
		const struct script_command *c = &s->commands[i];
		if (c->argc && c->argv[0].p && script_sets_variables(c->argv[0]) && !TEXT_IS_ANY_OF(c->argv[0], named))
			return true;
	}
	return s->full;
}

/* eval "$x", read $x, export "$x=$y"; not eval x=\$y, which tells its name. */
static bool assigns_unnamed(struct text source)
{
	static const char *const words[] = { "declare", "export", "getopts", "local", "mapfile", "printf -v", "read", "readonly", "typeset" };
	const struct text eval = TEXT_LIT("eval");
	for (size_t at = find_name(source, 0, eval); at != SIZE_MAX; at = find_name(source, at + 1, eval)) {
		struct text rest = text_of(source.p + at + eval.n, source.n - at - eval.n);
		struct text word = shell_field(&rest);
		size_t n = expand_name_length(word);
		if (n == 0 || n == word.n || word.p[n] != '=')
			return true;
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct text word = text_c(words[i]);
		for (size_t at = find_name(source, 0, word); at != SIZE_MAX; at = find_name(source, at + 1, word))
			if (names_by_variable(text_of(source.p + at + word.n, source.n - at - word.n)))
				return true;
	}
	return false;
}

/* NAME=true or NAME=false, the whole word. */
static bool assigns_switch(struct text behind)
{
	size_t n = text_starts(behind, "=true") ? 5 : text_starts(behind, "=false") ? 6 : 0;
	return n && (n == behind.n || memchr(" \t\r\n;&|)", behind.p[n], 8));
}

/* Whether all that the source has of the name reads it, or assigns `true` or `false`. */
static bool is_only_switched(struct text source, struct text name, bool told)
{
	for (size_t at = find_name(source, 0, name); at != SIZE_MAX; at = find_name(source, at + 1, name)) {
		struct text behind = text_of(source.p + at + name.n, source.n - at - name.n);
		if (at && source.p[at - 1] == '$')
			continue;
		if (at > 1 && source.p[at - 1] == '{' && source.p[at - 2] == '$' && text_starts(behind, "}"))
			continue;
		if (!assigns_switch(behind) || (at && !memchr(" \t\r\n;&|(", source.p[at - 1], 8)))
			return false;
		told = true;
	}
	return told;
}

/* dhcpcd-run-hooks(8): dhcpcd itself gives these to what it runs. */
static bool is_set_by_dhcpcd(struct text path, struct text name)
{
	static const char *const names[] = { "if_up", "if_down", "if_configured" };
	return (text_has(path, "/dhcpcd-hooks/") || text_ends(path, "/dhcpcd-run-hooks")) && TEXT_IS_ANY_OF(name, names);
}

bool script_asks_switch(struct script *s, const struct script_command *c, struct text path, struct text source)
{
	struct text first = c->source, word = shell_field(&first), name = lone_variable(word);
	if (c->argc != 1 || !name.n || script_function(s, TEXT_LIT("true")) || script_function(s, TEXT_LIT("false")))
		return false;
	if (s->unnamed == OUTCOME_UNKNOWN)
		s->unnamed = takes_from_elsewhere(s) || assigns_unnamed(source) ? OUTCOME_TRUE : OUTCOME_FALSE;
	bool given = is_set_by_dhcpcd(path, name);
	struct expand_variable *v = s->unnamed == OUTCOME_TRUE ? NULL : expand_variable(&s->scope, name, given);
	if (v && v->switched == SWITCH_UNASKED)
		v->switched = is_only_switched(source, name, given) ? SWITCH_YES : SWITCH_NO;
	return v && v->switched == SWITCH_YES;
}
