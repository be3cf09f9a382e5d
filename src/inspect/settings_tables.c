/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of which each line is one setting of several fields: pam.d(5), pam.conf(5), squid.conf, crontab(5), fstab(5). */
#include "inspect/crontab.h"
#include "inspect/settings.h"

static struct text without_comment(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '#' && (i == 0 || shell_blank(t.p[i - 1])))
			return shell_trim(text_of(t.p, i));
	return shell_trim(t);
}

void settings_read_squid(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		struct text rest = without_comment(l.text), key = shell_field(&rest);
		s->includes |= text_is(key, "include");
		if (key.n)
			settings_add(s, l.line, TEXT_NONE, key, shell_trim(rest));
	}
}

/* The type is the key; in pam.conf the service, which the name of a file of pam.d tells, comes before it. */
void settings_read_pam(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	bool one_file = text_ends(s->subject->path, "pam.conf");
	while (!s->full && settings_next_line(&l)) {
		struct text rest = without_comment(l.text);
		if (rest.n == 0)
			continue;
		struct text service = one_file ? shell_field(&rest) : TEXT_LIT(""), type = shell_field(&rest);
		s->includes |= text_is(type, "@include");
		struct setting *row = settings_add(s, l.line, service, type, shell_trim(rest));
		if (row)
			row->secret = 0; /* "password" is a type */
	}
}

/* When is the key, what the value. System tables name the user in front of the command: it is the section. */
void settings_read_cron(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct text path = s->subject->path;
	struct crontab_entry entry;
	while (!s->full && settings_next_line(&l)) {
		if (!crontab_line(path, l.text, &entry) || !entry.command.n)
			continue;
		struct text user = crontab_names_users(path) ? entry.user : TEXT_LIT("");
		struct setting *row = settings_add(s, l.line, user, entry.schedule, entry.command);
		if (row)
			row->secret = 0;
	}
}

/* The mount point is the key, the type of the file system the value, the device the section. Options are left out: they may
 * hold passwords, which are the secrets inspector's. */
void settings_read_fstab(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		struct text rest = without_comment(l.text), device = shell_field(&rest), place = shell_field(&rest),
					type = shell_field(&rest);
		struct setting *row = type.n && place.p[0] == '/' ? settings_add(s, l.line, device, place, type) : NULL;
		if (row)
			row->secret = 0;
	}
}
