/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of systemd, the links that enable them, and the services of xinetd. */
#include "inspect/startup.h"

/* Each row of a unit carries its conditions; of those that are longer, the beginning is enough. */
#define CONDITION_MAX 1024u

/* xinetd.conf(5): service NAME { attribute = value ... } */
struct xinetd_service {
	struct text name, server, arguments, port;
	int64_t line;
	bool disabled;
};

static void finish_service(struct startup_file *file, const struct xinetd_service *s)
{
	struct arena *arena = file->subject->arena;
	if (!s->server.n) /* a service that xinetd has built in */
		return;
	char *command = arena_printf(arena, "%.*s%s%.*s", (int)s->server.n, s->server.p, s->arguments.n ? " " : "",
								 (int)s->arguments.n, s->arguments.p);
	file->enabled = s->disabled ? 0 : FACT_NULL; /* otherwise it takes a running xinetd */
	file->detail =
		text_c(s->port.n ? arena_printf(arena, "%.*s, port %.*s", (int)s->name.n, s->name.p, (int)s->port.n, s->port.p)
						 : arena_printf(arena, "%.*s", (int)s->name.n, s->name.p));
	startup_emit(file, s->line, text_c(command), s->server);
}

static void set_attribute(struct xinetd_service *s, struct text name, struct text value, int64_t line)
{
	if (text_is(name, "server")) {
		s->server = value;
		s->line = line;
	} else if (text_is(name, "server_args")) {
		s->arguments = value;
	} else if (text_is(name, "port")) {
		s->port = value;
	} else if (text_is(name, "disable")) {
		s->disabled = text_is(value, "yes");
	}
}

/* name = value, trimmed; `+=` and `-=` change lists, none of which matter here. */
static bool split_setting(struct text line, struct text *name, struct text *value)
{
	const char *equal = line.n ? memchr(line.p, '=', line.n) : NULL;
	if (!equal)
		return false;
	size_t n = (size_t)(equal - line.p);
	*name = shell_trim(text_of(line.p, n));
	*value = shell_trim(text_of(equal + 1, line.n - n - 1));
	return true;
}

void startup_xinetd(struct startup_file *file)
{
	struct text rest = text_from_span(file->subject->bytes), line, name, value;
	struct xinetd_service s = { .line = 0 };
	file->mechanism = "xinetd";
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = shell_trim(line);
		struct text fields = line, first = shell_field(&fields);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (text_is(first, "service")) {
			struct text service = shell_field(&fields);
			s = (struct xinetd_service){ .name = service };
		} else if (line.p[0] == '}') {
			finish_service(file, &s);
			s = (struct xinetd_service){ .line = 0 };
		} else if (s.name.n && split_setting(line, &name, &value)) {
			set_attribute(&s, name, value, number);
		}
	}
}

/* A line of a unit file, with the lines that it continues on (systemd.syntax(7)). */
static bool unit_line(struct text *rest, struct text *line, int64_t *number, int64_t *next)
{
	struct text piece;
	if (!shell_line(rest, line))
		return false;
	*number = (*next)++;
	*line = shell_trim(*line);
	if (line->n && (line->p[0] == '#' || line->p[0] == ';'))
		return true;
	while (line->n && line->p[line->n - 1] == '\\' && shell_line(rest, &piece)) {
		(*next)++;
		piece = shell_trim(piece);
		line->n = (size_t)(piece.p + piece.n - line->p);
	}
	return true;
}

/* The unit that a socket, timer or path unit starts: its own name with .service, in the same directory. */
static struct text own_service(struct text path, bool instances, struct arena *arena)
{
	size_t n = path.n;
	while (n > 0 && path.p[n - 1] != '.')
		n--;
	size_t stem = n ? n - 1 : path.n;
	return text_c(arena_printf(arena, "%.*s%s.service", (int)stem, path.p, instances ? "@" : ""));
}

struct unit {
	struct text section;
	struct text trigger,
		service; /* of a socket, timer or path unit: its first trigger, and the service that it names */
	int64_t line;
	bool accept;
};

static bool is_exec(struct text name)
{
	return text_is(name, "ExecStart") || text_is(name, "ExecStartPre") || text_is(name, "ExecStartPost") ||
		   text_is(name, "ExecCondition");
}

static bool is_trigger(struct text section, struct text name)
{
	if (text_is(section, "[Socket]"))
		return text_starts(name, "Listen");
	if (text_is(section, "[Timer]"))
		return text_is(name, "OnBootSec") || text_is(name, "OnStartupSec") || text_is(name, "OnCalendar") ||
			   text_is(name, "OnActiveSec");
	return text_is(section, "[Path]") && text_starts(name, "Path");
}

static void unit_setting(struct startup_file *file, struct unit *u, struct text line, int64_t number)
{
	struct text name, value;
	if (!split_setting(line, &name, &value) || !value.n)
		return;
	if (text_is(u->section, "[Service]") && is_exec(name)) {
		struct text run = value; /* systemd.service(5), "Special executable prefixes" */
		while (run.n && strchr("@-:+!|", run.p[0]) && run.p[0])
			run = text_of(run.p + 1, run.n - 1);
		startup_emit_line(file, number, value, run);
	} else if (is_trigger(u->section, name) && !u->trigger.n) {
		u->trigger = line;
		u->line = number;
	} else if (text_is(name, "Service") || text_is(name, "Unit")) {
		u->service = value;
	} else if (text_is(name, "Accept")) {
		u->accept = text_is(value, "yes") || text_is(value, "true") || text_is(value, "1") || text_is(value, "on");
	}
}

/* Conditions and assertions of systemd.unit(5) that may hold or not. Nobody runs a product's firmware in a container,
 * where capabilities are missing; whether a program is there is asked elsewhere. */
static bool is_open_condition(struct text name, struct text value)
{
	if (!text_starts(name, "Condition") && !text_starts(name, "Assert"))
		return false;
	bool hardware = text_ends(name, "Virtualization") && (text_starts(value, "!") || text_is(value, "no"));
	bool capable = text_ends(name, "Capability") && !text_starts(value, "!");
	return !hardware && !capable && !text_ends(name, "FileIsExecutable");
}

/* What the unit depends on, wherever its [Unit] stands; an empty value takes back what was said before. */
static struct text unit_condition(const struct subject *s)
{
	struct text rest = text_from_span(s->bytes), line, section = TEXT_NONE, name, value, all = TEXT_NONE;
	int64_t number, next = 1;
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			section = line;
		if (!text_is(section, "[Unit]") || !line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (!split_setting(line, &name, &value) || !is_open_condition(name, value))
			continue;
		bool more = value.n && all.n;
		all = value.n ? text_c(arena_printf(s->arena, "%.*s%s%.*s=%.*s", (int)(more ? all.n : 0), more ? all.p : "",
											more ? "; " : "", (int)name.n, name.p, (int)value.n, value.p))
					  : TEXT_NONE;
		if (all.n > CONDITION_MAX) /* that it has some is known */
			return text_of(all.p, CONDITION_MAX);
	}
	return all;
}

static void read_unit(struct startup_file *file)
{
	const struct subject *s = file->subject;
	struct text rest = text_from_span(s->bytes), line;
	struct unit u = { .line = 0 };
	int64_t number, next = 1;
	file->condition = unit_condition(s);
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			u.section = line;
		else if (line.n && line.p[0] != '#' && line.p[0] != ';')
			unit_setting(file, &u, line, number);
	}
	if (!u.trigger.n)
		return;
	struct text service =
		u.service.n ? startup_resolve(s->path, u.service, s->arena) : own_service(s->path, u.accept, s->arena);
	startup_emit(file, u.line, u.trigger, service);
}

static bool is_unit_name(struct text name)
{
	return text_ends(name, ".service") || text_ends(name, ".socket") || text_ends(name, ".timer") ||
		   text_ends(name, ".path");
}

/* The name of the directory that holds the path. */
static struct text directory_name(struct text path)
{
	size_t n = path.n - text_base(path).n;
	return text_base(text_of(path.p, n ? n - 1 : 0));
}

/* A unit in x.target.wants is started with that target; those of the targets that end or suspend the system, or wait
 * for somebody to mend it, are not for boot. What starts other units is not known from here. */
static int64_t wants_enabled(struct text directory, int64_t enabled)
{
	static const char *const others[] = { "shutdown.",     "halt.",
										  "poweroff.",     "reboot.",
										  "kexec.",        "rescue.",
										  "emergency.",    "final.",
										  "umount.",       "sleep.",
										  "suspend.",      "hibernate.",
										  "hybrid-sleep.", "suspend-then-hibernate.",
										  "exit.",         "factory-reset.",
										  "system-update." };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (text_starts(directory, others[i]))
			return 0;
	return memmem(directory.p, directory.n, ".target.", 8) ? enabled : FACT_NULL;
}

void startup_systemd(struct startup_file *file)
{
	const struct subject *s = file->subject;
	struct text name = text_base(s->path), directory = directory_name(s->path);
	bool wanted = text_ends(directory, ".wants") || text_ends(directory, ".requires");
	bool drop_in = text_ends(directory, ".service.d") && text_ends(name, ".conf");
	if (!is_unit_name(name) && !drop_in)
		return;
	file->mechanism = "systemd";
	file->detail = drop_in ? text_of(directory.p, directory.n - 2) : name;
	file->enabled = wanted ? wants_enabled(directory, file->enabled) : FACT_NULL;
	if (s->kind != ENTRY_SYMLINK) {
		read_unit(file);
		return;
	}
	struct text target = startup_resolve(s->path, s->link_target, s->arena);
	bool masked = text_is(target, "/dev/null");
	if (!target.p || (!wanted && !masked))
		return; /* another name of a unit, which starts nothing */
	if (masked)
		file->enabled = 0;
	file->detail = masked ? TEXT_LIT("masked") : directory;
	startup_emit(file, FACT_NULL, name, masked ? TEXT_NONE : target);
}
