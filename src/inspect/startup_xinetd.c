/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The services of xinetd. */
#include "inspect/startup.h"

/* xinetd.conf(5): service NAME { attribute = value ... }, and defaults with the services that they turn on or off. */
struct xinetd_service {
	struct text name, id, server, arguments, port, bind, only_from, user;
	int64_t line;
	bool disabled;
};

struct xinetd_defaults {
	struct text enabled, disabled; /* lists of ids */
	bool has_enabled;
};

static void finish_service(struct startup_file *file, const struct xinetd_defaults *d, const struct xinetd_service *s)
{
	struct arena *arena = file->subject->arena;
	if (!s->server.n) /* a service that xinetd has built in */
		return;
	char *command = arena_printf(arena, "%.*s%s%.*s", (int)s->server.n, s->server.p, s->arguments.n ? " " : "",
								 (int)s->arguments.n, s->arguments.p);
	struct text id = s->id.n ? s->id : s->name;
	bool off = s->disabled || startup_has_word(d->disabled, id) || (d->has_enabled && !startup_has_word(d->enabled, id));
	file->enabled = off ? 0 : FACT_NULL; /* otherwise it takes a running xinetd */
	file->detail =
		text_c(arena_printf(arena, "%.*s%s%.*s%s%.*s%s%.*s%s%.*s", (int)id.n, id.p, s->id.n ? ", service " : "",
							s->id.n ? (int)s->name.n : 0, s->name.p, s->port.n ? ", port " : "", (int)s->port.n,
							s->port.p, s->bind.n ? ", bound to " : "", (int)s->bind.n, s->bind.p,
							s->only_from.n ? ", only from " : "", (int)s->only_from.n, s->only_from.p));
	file->run_as = s->user;
	file->ports = startup_service_port(s->port.n ? s->port : s->name);
	startup_emit(file, s->line, text_c(command), s->server);
	file->run_as = file->ports = TEXT_NONE;
}

static void set_attribute(struct xinetd_service *s, struct text name, struct text value, int64_t line)
{
	if (text_is(name, "server")) {
		s->server = value;
		s->line = line;
	} else if (text_is(name, "server_args")) {
		s->arguments = value;
	} else if (text_is(name, "user")) {
		s->user = value;
	} else if (text_is(name, "port")) {
		s->port = value;
	} else if (text_is(name, "id")) {
		s->id = value;
	} else if (text_is(name, "bind") || text_is(name, "interface")) {
		s->bind = value;
	} else if (text_is(name, "only_from")) {
		s->only_from = s->only_from.n ? TEXT_LIT("several places") : value;
	} else if (text_is(name, "disable")) {
		s->disabled = text_is(value, "yes");
	}
}

static void add_list(struct startup_file *file, struct text *list, struct text value)
{
	char *both =
		arena_printf(file->subject->arena, "%.*s %.*s", (int)list->n, list->n ? list->p : "", (int)value.n, value.p);
	if (both)
		*list = text_c(both);
}

/* The services may lie in other files: a row for each name that is turned off, or on while all others are off. */
static void emit_list(struct startup_file *file, int64_t line, struct text ids, bool disabled)
{
	file->enabled = disabled ? 0 : FACT_NULL;
	file->detail = disabled ? TEXT_LIT("disabled") : TEXT_LIT("enabled only");
	for (struct text id = shell_field(&ids); id.n; id = shell_field(&ids))
		startup_emit(file, line, id, TEXT_NONE);
}

static void set_default(struct startup_file *file, struct xinetd_defaults *d, struct text name, struct text value,
						int64_t line, bool emit)
{
	bool disabled = text_is(name, "disabled");
	if (!disabled && !text_is(name, "enabled"))
		return;
	if (emit) {
		emit_list(file, line, value, disabled);
		return;
	}
	d->has_enabled |= !disabled;
	add_list(file, disabled ? &d->disabled : &d->enabled, value);
}

/* Twice: the defaults hold for what stands before them, too. */
static void read_xinetd(struct startup_file *file, struct xinetd_defaults *d, bool emit)
{
	struct text rest = text_from_span(file->subject->bytes), line, name, value;
	struct xinetd_service s = { .line = 0 };
	bool in_defaults = false;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = shell_trim(line);
		struct text fields = line, first = shell_field(&fields);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (text_is(first, "service") || text_is(first, "defaults")) {
			in_defaults = text_is(first, "defaults");
			s = (struct xinetd_service){ .name = in_defaults ? TEXT_NONE : shell_field(&fields) };
		} else if (line.p[0] == '}') {
			if (emit)
				finish_service(file, d, &s);
			s = (struct xinetd_service){ .line = 0 };
			in_defaults = false;
		} else if (startup_split_setting(line, &name, &value)) {
			if (in_defaults)
				set_default(file, d, name, value, number, emit);
			else if (s.name.n)
				set_attribute(&s, name, value, number);
		}
	}
}

void startup_xinetd(struct startup_file *file)
{
	struct xinetd_defaults d = { .has_enabled = false };
	file->mechanism = "xinetd";
	read_xinetd(file, &d, false);
	read_xinetd(file, &d, true);
}
