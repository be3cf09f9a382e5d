/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/crontab.h"

#include <string.h>
#include <strings.h>

#include "inspect/shell.h"

/* A number, or the first three letters of a month's or a day's name; SIZE_MAX: neither. */
static size_t value_of(struct text t, const char *names, size_t first)
{
	size_t v = 0;
	for (size_t i = 0; t.n == 3 && names && names[i]; i += 3)
		if (strncasecmp(t.p, names + i, 3) == 0)
			return first + i / 3;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9' || v > 1000)
			return SIZE_MAX;
		v = v * 10 + (size_t)(t.p[i] - '0');
	}
	return t.n ? v : SIZE_MAX;
}

/* One of the five fields. */
static const struct crontab_field {
	size_t least, most;
	const char *names;
} crontab_fields[5] = {
	{ 0, 59, NULL },
	{ 0, 23, NULL },
	{ 1, 31, NULL },
	{ 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
	{ 0, 7, "sunmontuewedthufrisat" },
};

/* Numbers, names of months and days, lists, ranges, steps; cronie and OpenBSD have "~". Vixie's daemon and cronie take
 * no line with a value that the field does not have (crontab(5)); that of BusyBox does (crond.c): `strict` in tables that it does not read. */
static bool is_time(struct text field, const struct crontab_field *f, bool strict)
{
	bool step = false;
	for (size_t i = 0, from = 0; i <= field.n && field.n < 256; i++) {
		char c = i < field.n ? field.p[i] : ',';
		if (!c || !strchr("*,-/~", c))
			continue;
		struct text value = text_of(field.p + from, i - from);
		size_t v = value_of(value, f->names, f->least);
		bool every = value.n == 0 && (c != ',' || (i > 0 && strchr("*~", field.p[i - 1])));
		if (!every &&
			(v == SIZE_MAX || (strict && !step && (v < f->least || v > f->most)) || (strict && step && v == 0)))
			return false;
		step = c == '/';
		from = i + 1;
	}
	return field.n > 0 && field.n < 256;
}

/* The last day that the month has; in a leap year. */
static size_t days_of(size_t month)
{
	return month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* A day that its month does not have, whatever the day of the week: the line is written so that it never runs. */
static bool is_never(const struct text fields[5])
{
	size_t day = value_of(fields[2], NULL, 0), month = value_of(fields[3], crontab_fields[3].names, 1);
	return text_is(fields[4], "*") && day != SIZE_MAX && month != SIZE_MAX && day > days_of(month);
}

/* Takes "@daily" or five fields off the line; false: the line is none that runs something. */
static bool take_schedule(struct text *rest, struct text *schedule, bool strict)
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
	struct text fields[5];
	for (int i = 0; i < 5; i++) {
		if (!is_time(field, &crontab_fields[i], strict))
			return false;
		fields[i] = field;
		*schedule = text_of(begin.p, (size_t)(field.p + field.n - begin.p));
		field = i < 4 ? shell_field(rest) : field;
	}
	return !is_never(fields);
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
	if (!take_schedule(&rest, &schedule, crontab_names_users(path)))
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
