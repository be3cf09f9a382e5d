/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables with a line for each command: inittab, inetd.conf, crontab, anacrontab. */
#include "inspect/crontab.h"
#include "inspect/startup.h"

struct text_line {
	struct text rest, text; /* trimmed */
	int64_t number;
};

/* The next line that is neither empty nor a comment. */
static bool next_line(struct text_line *l)
{
	while (shell_line(&l->rest, &l->text)) {
		l->number++;
		l->text = shell_trim(l->text);
		if (l->text.n && l->text.p[0] != '#')
			return true;
	}
	return false;
}

static struct text_line lines_of(const struct startup_file *file)
{
	return (struct text_line){ .rest = text_from_span(file->subject->bytes) };
}

struct inittab_entry {
	struct text id, levels, action, process;
};

static bool split_inittab(struct text line, struct inittab_entry *e)
{
	struct text *const fields[] = { &e->id, &e->levels, &e->action };
	for (size_t i = 0; i < 3; i++) {
		const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
		if (!colon)
			return false;
		size_t n = (size_t)(colon - line.p);
		*fields[i] = shell_trim(text_of(line.p, n));
		line = text_of(line.p + n + 1, line.n - n - 1);
	}
	e->process = shell_trim(line);
	return true;
}

/* Actions that start a process at boot: inittab(5) of System V init, BusyBox init.c, OpenWrt procd inittab.c. The
 * others (shutdown, restart, ctrlaltdel, powerfail ...) wait for something else. */
static bool is_boot_action(struct text action)
{
	static const char *const actions[] = {
		"sysinit",  "wait", "respawn",     "askfirst",   "once",           "boot",
		"bootwait", "off",  "respawnlate", "askconsole", "askconsolelate", "ondemand"
	};
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (text_is(action, actions[i]))
			return true;
	return false;
}

static bool share_character(struct text a, struct text b)
{
	for (size_t i = 0; i < a.n && a.n <= 16; i++)
		if (b.n && memchr(b.p, a.p[i], b.n))
			return true;
	return false;
}

/* System V init goes to the run level that `initdefault` names. BusyBox init has no run levels and knows no such
 * action; it ignores the field. */
static int64_t inittab_enabled(const struct inittab_entry *e, struct text default_level, int64_t enabled)
{
	if (text_is(e->action, "off") || text_is(e->action, "ondemand"))
		return 0;
	bool any_level = e->levels.n == 0 || text_is(e->action, "sysinit") || text_starts(e->action, "boot");
	if (!default_level.p || any_level)
		return enabled;
	return share_character(e->levels, default_level) ? enabled : 0;
}

static struct text default_level(const struct startup_file *file)
{
	struct text_line l = lines_of(file);
	struct inittab_entry e;
	while (next_line(&l))
		if (split_inittab(l.text, &e) && text_is(e.action, "initdefault"))
			return e.levels;
	return TEXT_NONE;
}

void startup_inittab(struct startup_file *file)
{
	struct text_line l = lines_of(file);
	struct inittab_entry e;
	struct text level = default_level(file);
	int64_t enabled = file->enabled;
	file->mechanism = "inittab";
	while (next_line(&l)) {
		if (!split_inittab(l.text, &e) || !is_boot_action(e.action) || !e.process.n)
			continue;
		file->enabled = inittab_enabled(&e, level, enabled);
		file->detail = text_c(arena_printf(file->subject->arena, "%.*s%s%.*s%s%.*s", (int)e.action.n, e.action.p,
										   e.id.n ? " " : "", (int)e.id.n, e.id.p, e.levels.n ? ", run level " : "",
										   (int)e.levels.n, e.levels.p));
		struct text run = e.process; /* '+': no entry in utmp; '-': a login shell; '@': with its own options */
		while (run.n && (run.p[0] == '+' || run.p[0] == '-' || run.p[0] == '@'))
			run = text_of(run.p + 1, run.n - 1);
		startup_emit_line(file, l.number, e.process, run);
	}
}

/* Whether the word is one of inetd.conf's socket types, so that other text files are not taken for one. */
static bool is_socket_type(struct text t)
{
	return text_is(t, "stream") || text_is(t, "dgram") || text_is(t, "raw") || text_is(t, "rdm") ||
		   text_is(t, "seqpacket");
}

/* The addresses before a service's name, up to the colon that separates them: 127.0.0.1:ftp, [::1]:ftp. */
static struct text split_address(struct text *service)
{
	size_t colon = service->n;
	while (colon > 0 && service->p[colon - 1] != ':')
		colon--;
	if (!colon)
		return TEXT_NONE;
	struct text address = text_of(service->p, colon - 1);
	*service = text_of(service->p + colon, service->n - colon);
	return address;
}

/* inetd.conf(5): service type protocol wait user program arguments, the first of which is argv[0]. A line that is an
 * address and a colon holds for all that follow; `*` is every address. */
void startup_inetd(struct startup_file *file)
{
	struct text_line l = lines_of(file);
	file->mechanism = "inetd";
	file->enabled = FACT_NULL; /* it takes a running inetd */
	struct text all = TEXT_NONE;
	while (next_line(&l)) {
		struct text rest = l.text, service = shell_field(&rest), type = shell_field(&rest);
		struct text address = split_address(&service);
		if (address.p && !service.n && !type.n) {
			all = address;
			continue;
		}
		address = address.p ? address : all;
		struct text protocol = shell_field(&rest);
		(void)shell_field(&rest);
		struct text user = shell_field(&rest), program = shell_field(&rest), arguments = shell_trim(rest);
		if (!is_socket_type(type) || !user.n || !program.n || text_is(program, "internal"))
			continue;
		struct text behind = arguments, name = shell_field(&behind);
		if (text_is(text_base(program), "tcpd") && name.n) /* the wrapper of tcp_wrappers runs what argv[0] names */
			program = name;
		bool bound = address.n && !text_is(address, "*");
		file->detail = text_c(arena_printf(file->subject->arena, "%.*s/%.*s%s%.*s", (int)service.n, service.p,
										   (int)protocol.n, protocol.p, bound ? ", bound to " : "",
										   bound ? (int)address.n : 0, bound ? address.p : ""));
		for (size_t i = 0; i < user.n; i++) /* user[.group][/class] */
			if (strchr(".:/", user.p[i]) && user.p[i])
				user.n = i;
		file->run_as = user;
		file->ports = startup_service_port(service);
		startup_emit(file, l.number, arguments.n ? arguments : program, program);
	}
}

/* cron(8): a table of the system's that others than its owner may write is refused; so is a last line that no newline ends, but by
 * BusyBox, which reads tables of users alone. */
static struct text cron_refusal(const struct startup_file *file, const struct text_line *l)
{
	const struct subject *s = file->subject;
	if (!crontab_names_users(s->path))
		return TEXT_NONE;
	if (s->mode != FACT_NULL && (s->mode & 022))
		return TEXT_LIT("cron reads a table that others may write");
	return l->rest.n == 0 && s->bytes.n && s->bytes.p[s->bytes.n - 1] != '\n' ? TEXT_LIT("cron reads a last line that no newline ends")
																		  : TEXT_NONE;
}

void startup_cron(struct startup_file *file)
{
	struct text_line l = lines_of(file);
	struct crontab_entry entry;
	file->mechanism = "cron";
	file->enabled = FACT_NULL; /* it takes a running crond */
	while (next_line(&l)) {
		if (!crontab_line(file->subject->path, l.text, &entry))
			continue;
		file->condition = (struct startup_condition){ .text = cron_refusal(file, &l), .line = l.number };
		file->detail = entry.schedule;
		file->user = entry.user;
		if (entry.command.n)
			startup_emit_script(file, l.number, entry.command);
	}
}

static bool is_number(struct text t)
{
	size_t digits = 0;
	while (digits < t.n && t.p[digits] >= '0' && t.p[digits] <= '9')
		digits++;
	return digits && digits == t.n && t.n < 10;
}

/* anacrontab(5): period in days (or a name of one), delay in minutes, the job's name, the command. */
void startup_anacron(struct startup_file *file)
{
	struct text_line l = lines_of(file);
	file->mechanism = "cron";
	file->enabled = FACT_NULL; /* it takes somebody who runs anacron */
	while (next_line(&l)) {
		struct text rest = l.text, period = shell_field(&rest), delay = shell_field(&rest);
		struct text job = shell_field(&rest), command = shell_trim(rest);
		bool named = period.n && period.p[0] == '@';
		if (!(is_number(period) || named) || !is_number(delay) || !job.n || !command.n)
			continue;
		file->detail = text_c(arena_printf(file->subject->arena, "anacron, %s%.*s%s", named ? "" : "every ", (int)period.n,
										   period.p, named ? "" : " days"));
		startup_emit_script(file, l.number, command);
	}
}
