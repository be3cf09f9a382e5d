/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android's init: services, and the actions that start them ("Android Init Language", system/core/init/README.md).
 *
 * A service is a row that nothing starts by itself; what starts it is told by its detail, "service NAME, class CLASS": an action
 * of the same file, which then is seen here, or one of another file, whose row has "class CLASS" or "service NAME" as its program
 * and which the judge joins. A service that is `disabled` is started by its name alone.
 */
#include "inspect/startup.h"

#define SECTIONS_MAX 1024u

struct rc_line {
	struct text rest, text;
	int64_t number, next;
};

/* A line with those that it is folded onto; not empty ones and comments. */
static bool next_line(struct rc_line *l)
{
	struct text piece;
	while (shell_line(&l->rest, &l->text)) {
		l->number = l->next++;
		while (l->text.n && l->text.p[l->text.n - 1] == '\\' && shell_line(&l->rest, &piece)) {
			l->next++;
			l->text.n = (size_t)(piece.p + piece.n - l->text.p);
		}
		l->text = shell_trim(l->text);
		if (l->text.n && l->text.p[0] != '#')
			return true;
	}
	return false;
}

/* What a section gives to the rows of others. */
struct service {
	struct text name, classes, command, user;
	int64_t line;
	bool disabled;
};

struct reading {
	struct startup_file *file;
	struct service *services;
	unsigned nservices;
	struct text section; /* "service" or "on", the one that is being read */
	struct text trigger; /* what the action waits for; empty: nothing else than boot */
	bool never;          /* the action is for another way to start */
	int64_t enabled;
};

/* The events of a boot that init and the first init.rc cause one after the other. */
static bool is_boot_event(struct text event)
{
	static const char *const events[] = {
		"early-init",   "init",           "late-init",  "early-fs",      "fs",        "post-fs", "late-fs", "post-fs-data",
		"zygote-start", "early-boot",     "boot",       "nonencrypted",  "load_system_props_action",
		"load_persist_props_action",      "firmware_mounts_complete",    "property:sys.boot_completed=1",
		"property:init.svc.zygote=running",
	};
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		if (text_is(event, events[i]))
			return true;
	return false;
}

/* on EVENT && property:NAME=VALUE ...: all of them must be so. */
static void begin_action(struct reading *r, struct text events)
{
	struct startup_condition all = { .text = TEXT_NONE };
	r->never = false;
	for (struct text e = shell_field(&events); e.n; e = shell_field(&events)) {
		if (text_is(e, "charger")) /* the battery is loaded, and nothing else */
			r->never = true;
		if (!text_is(e, "&&") && !is_boot_event(e))
			all = startup_conditions(r->file->subject->arena, all, (struct startup_condition){ .text = e });
	}
	r->trigger = all.text.p ? all.text : TEXT_LIT("");
}

static void begin_service(struct reading *r, struct text rest, int64_t line)
{
	struct text name = shell_field(&rest), command = shell_trim(rest);
	if (!name.n || !command.n || r->nservices == SECTIONS_MAX) {
		r->section = TEXT_LIT("");
		return;
	}
	r->services[r->nservices++] = (struct service){ .name = name, .classes = TEXT_LIT("default"), .command = command, .line = line };
}

static void take_option(struct service *s, struct text option, struct text rest)
{
	if (text_is(option, "class"))
		s->classes = rest;
	else if (text_is(option, "user"))
		s->user = shell_field(&rest);
	else if (text_is(option, "disabled"))
		s->disabled = true;
}

/* The section that a line begins; false: it belongs to the one before. */
static bool begins_section(struct reading *r, struct text line, int64_t number, bool services)
{
	struct text word = shell_field(&line);
	if (!text_is(word, "service") && !text_is(word, "on") && !text_is(word, "import") && !text_is(word, "subsystem"))
		return false;
	r->section = word;
	if (text_is(word, "on"))
		begin_action(r, shell_trim(line));
	else if (text_is(word, "service") && services)
		begin_service(r, line, number);
	return true;
}

static void read_services(struct reading *r)
{
	struct rc_line l = { .rest = text_from_span(r->file->subject->bytes), .next = 1 };
	while (next_line(&l)) {
		if (begins_section(r, l.text, l.number, true))
			continue;
		struct text rest = l.text, option = shell_field(&rest);
		if (text_is(r->section, "service") && r->nservices)
			take_option(&r->services[r->nservices - 1], option, shell_trim(rest));
	}
}

static struct text words(struct reading *r, const char *before, struct text t)
{
	return text_c(arena_printf(r->file->subject->arena, "%s%.*s", before, (int)t.n, t.p));
}

static void take_condition(struct reading *r, int64_t line, struct text more)
{
	struct arena *arena = r->file->subject->arena;
	struct startup_condition all = { .text = TEXT_NONE };
	if (r->trigger.n)
		all = (struct startup_condition){ .text = words(r, "on ", r->trigger), .line = line };
	if (more.n)
		all = startup_conditions(arena, all, (struct startup_condition){ .text = more, .line = line });
	if (all.text.n > STARTUP_CONDITION_MAX)
		all.text.n = STARTUP_CONDITION_MAX;
	r->file->condition = all;
}

static void emit_service(struct reading *r, const struct service *s, bool started)
{
	struct startup_file *file = r->file;
	struct arena *arena = file->subject->arena;
	char *detail = arena_printf(arena, "service %.*s", (int)s->name.n, s->name.p);
	struct text classes = s->disabled ? TEXT_NONE : s->classes;
	for (struct text c = shell_field(&classes); detail && c.n; c = shell_field(&classes))
		detail = arena_printf(arena, "%s, class %.*s", detail, (int)c.n, c.p);
	file->detail = text_c(detail);
	file->enabled = started ? r->enabled : FACT_NULL;
	file->user = s->user;
	startup_emit_line(file, s->line, s->command, s->command);
	file->user = TEXT_NONE;
}

static bool starts(const struct service *s, struct text command, struct text what)
{
	if (text_is(command, "class_start"))
		return !s->disabled && startup_has_word(s->classes, what);
	return text_eq(s->name, what);
}

/* start NAME and its like: rows of the services of this file, and one for those of others. */
static void start_services(struct reading *r, int64_t line, struct text source, struct text command, struct text what)
{
	bool class = text_is(command, "class_start");
	/* enable NAME: it is no longer `disabled`, and starts with its class. */
	take_condition(r, line, text_is(command, "enable") ? TEXT_LIT("its class is started") : TEXT_NONE);
	for (unsigned i = 0; i < r->nservices; i++)
		if (starts(&r->services[i], command, what))
			emit_service(r, &r->services[i], true);
	r->file->detail = TEXT_NONE;
	r->file->enabled = r->enabled;
	startup_emit(r->file, line, source, words(r, class ? "class " : "service ", what));
}

/* exec [label [user [group ...]]] -- PATH ...; in older ones the path alone. */
static void exec_command(struct reading *r, int64_t line, struct text source, struct text rest)
{
	struct text run = rest, before = rest;
	for (struct text w = shell_field(&before); w.n; w = shell_field(&before))
		if (text_is(w, "--")) {
			run = shell_trim(before);
			break;
		}
	take_condition(r, line, TEXT_NONE);
	r->file->detail = TEXT_NONE;
	r->file->enabled = r->enabled;
	r->file->once = 1;
	if (run.n)
		startup_emit_line(r->file, line, source, run);
	r->file->once = FACT_NULL;
}

/* import PATH: the actions of that file count; ${ro.hardware} chooses one of several, which nothing here tells. */
static void import_file(struct reading *r, int64_t line, struct text source, struct text path)
{
	bool chosen = path.n && memchr(path.p, '$', path.n);
	r->trigger = TEXT_LIT("");
	r->never = false;
	take_condition(r, line, chosen ? source : TEXT_NONE);
	r->file->detail = TEXT_NONE;
	r->file->enabled = r->enabled;
	if (path.n)
		startup_emit(r->file, line, source, path);
}

static void read_actions(struct reading *r)
{
	static const char *const starting[] = { "start", "class_start", "restart", "exec_start", "enable", "class_restart" };
	struct rc_line l = { .rest = text_from_span(r->file->subject->bytes), .next = 1 };
	while (next_line(&l)) {
		struct text rest = l.text, command = shell_field(&rest), operand = rest;
		operand = shell_field(&operand);
		bool section = begins_section(r, l.text, l.number, false);
		if (text_is(command, "import"))
			import_file(r, l.number, l.text, operand);
		if (section || !text_is(r->section, "on") || r->never || !operand.n)
			continue;
		for (size_t i = 0; i < sizeof starting / sizeof starting[0]; i++)
			if (text_is(command, starting[i]))
				start_services(r, l.number, l.text, text_starts(command, "class_") ? TEXT_LIT("class_start") : command, operand);
		if (text_is(command, "exec") || text_is(command, "exec_background"))
			exec_command(r, l.number, l.text, shell_trim(rest));
	}
}

void startup_android(struct startup_file *file)
{
	struct reading r = { .file = file, .section = TEXT_LIT(""), .trigger = TEXT_LIT(""), .enabled = file->enabled };
	r.services = ARENA_ARRAY(file->subject->arena, struct service, SECTIONS_MAX);
	if (!r.services)
		return;
	file->mechanism = "android-init";
	read_services(&r);
	if (r.nservices == SECTIONS_MAX)
		emit_damage_at(file->sink, ERR_BUDGET, UINT64_MAX, "more than %u services in a file of init", SECTIONS_MAX);
	for (unsigned i = 0; i < r.nservices; i++)
		emit_service(&r, &r.services[i], false);
	r.section = TEXT_LIT("");
	read_actions(&r);
}
