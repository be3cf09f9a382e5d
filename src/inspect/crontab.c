/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/crontab.h"

#include <string.h>

#include "inspect/shell.h"

/* A field of time: numbers, names of months and days, lists, ranges, steps; cronie and OpenBSD have "~". */
static bool is_time(struct text field)
{
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!(c >= '0' && c <= '9') && !(c && strchr("*,-/~", c)) && !(letter && field.n >= 3))
			return false;
	}
	return field.n > 0 && field.n < 64;
}

/* Takes "@daily" or five fields off the line; false: the line is none that runs something. */
static bool take_schedule(struct text *rest, struct text *schedule)
{
	static const char *const names[] = { "@reboot", "@yearly", "@annually", "@monthly",
										 "@weekly", "@daily",  "@midnight", "@hourly" };
	struct text begin = *rest, field = shell_field(rest);
	if (field.n && field.p[0] == '@') {
		*schedule = field;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (text_is(field, names[i]))
				return true;
		return false;
	}
	for (int i = 0; i < 5; i++) {
		if (!is_time(field))
			return false;
		*schedule = text_of(begin.p, (size_t)(field.p + field.n - begin.p));
		field = i < 4 ? shell_field(rest) : field;
	}
	return true;
}

/* A "%" that is not escaped ends the command: what follows is its input. */
static struct text without_input(struct text command)
{
	for (size_t i = 0; i < command.n; i++)
		if (command.p[i] == '%' && (i == 0 || command.p[i - 1] != '\\'))
			return text_of(command.p, i);
	return command;
}

bool crontab_names_users(struct text path)
{
	return text_is(text_base(path), "crontab") || (path.n && memmem(path.p, path.n, "/cron.d/", 8));
}

bool crontab_line(struct text path, struct text line, struct crontab_entry *entry)
{
	struct text rest = shell_trim(line), schedule;
	if (!take_schedule(&rest, &schedule))
		return false;
	entry->schedule = schedule;
	entry->user = crontab_names_users(path) ? shell_field(&rest) : text_base(path);
	entry->command = shell_trim(without_input(shell_trim(rest)));
	return true;
}

struct text crontab_commands(struct text path, struct text source, struct arena *arena)
{
	char *out = arena_alloc(arena, source.n, 1);
	struct text rest = source, line;
	struct crontab_entry entry;
	if (!out)
		return TEXT_NONE;
	for (size_t i = 0; i < source.n; i++)
		out[i] = source.p[i] == '\n' ? '\n' : ' ';
	while (shell_line(&rest, &line))
		if (crontab_line(path, line, &entry) && entry.command.n)
			memcpy(out + (entry.command.p - source.p), entry.command.p, entry.command.n);
	return text_of(out, source.n);
}
