/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts of updates: what they fetch with, verify with and flash with, in the order of their commands; and cron tables that
 * run an updater.
 *
 * All commands of a script count, whatever its arguments are: an update script is told to update, not to start. That nothing
 * is verified is said only of a script that was read wholly, runs no program that is not known, and flashes the very file
 * that it fetched.
 */
#include "base/ascii.h"
#include "inspect/startup.h"
#include "inspect/startup_parse.h"
#include "inspect/updates_config.h"
#include "inspect/updates_reach.h"

#define PAIRS_MAX 10000u
#define HELD_MAX 64u /* pairs between which something unknown is done */

/* The words from the program on, past what only prepares it, and past BusyBox' own name. */
static unsigned program_at(const struct script_command *c, struct startup_program *p)
{
	*p = startup_program(c->argv, c->argc);
	for (unsigned i = 0; i < c->argc; i++) {
		if (!c->argv[i].p)
			return c->argc;
		if (text_is(text_base(c->argv[i]), "busybox"))
			continue;
		if (p->nothing || !p->program.p || text_eq(text_base(c->argv[i]), text_base(p->program)) ||
			text_is(text_base(p->program), "busybox"))
			return i;
	}
	return c->argc;
}

/* What the command does. Functions of the script itself are read by themselves. */
static struct updates_command judge(const struct script *s, const struct script_command *c)
{
	struct startup_program p;
	unsigned at = program_at(c, &p);
	struct updates_command none = { .deed = DEED_UNKNOWN };
	if (at >= c->argc)
		return none;
	struct updates_command judged = updates_judge(c->argv + at, c->argc - at, c->source);
	if (p.commands.p || text_is(c->argv[0], "eval") || text_is(c->argv[0], ".") || text_is(c->argv[0], "source"))
		return none;
	if (judged.deed == DEED_UNKNOWN && script_function(s, c->argv[0]))
		judged.deed = DEED_HARMLESS;
	return judged;
}

/* Whether the command flashes what the other one has fetched: through a pipe, or by the name of the file. */
static bool flashes_fetched(const struct script *s, const struct deeds *d, unsigned fetch, unsigned flash)
{
	const struct script_command *c = &s->commands[flash];
	struct text file = d->v[fetch].file;
	if (!file.p || fetch >= flash)
		return false;
	if (text_is(file, "-"))
		return flash == fetch + 1 && s->commands[fetch].line == c->line;
	for (unsigned i = 1; file.n > 1 && i < c->argc; i++) {
		struct text word = c->argv[i];
		if (text_starts(word, "if="))
			word = text_of(word.p + 3, word.n - 3);
		bool below = text_starts(word, "/tmp/") || text_starts(word, "/var/"); /* where the script has gone before */
		if (word.p && (text_eq(word, file) || (below && text_eq(text_base(word), file))))
			return true;
	}
	return false;
}

/* Whether the command chooses what is booted next: what is flashed beside the running system is in no use before. */
static bool chooses_slot(const struct script_command *c)
{
	struct startup_program p;
	unsigned at = program_at(c, &p);
	static const char *const programs[] = { "fw_setenv", "grub-editenv", "bootctl", "abctl", "nvbootctrl", "efibootmgr" };
	for (size_t i = 0; at < c->argc && i < sizeof programs / sizeof programs[0]; i++)
		if (text_is(text_base(c->argv[at]), programs[i]))
			return true;
	return false;
}

/* Whether nothing may have verified what was fetched before it is flashed. What comes before it is fetched, or when it is flashed, could
 * not; but functions run where they are called, and before another slot is chosen it may be verified there. */
static bool nothing_verifies(const struct deeds *d, unsigned fetch, unsigned flash)
{
	bool unknown_behind = false;
	for (unsigned i = 0; i < d->script->ncommands; i++) {
		enum updates_deed deed = d->v[i].deed;
		bool outside = (i < fetch || i > flash) && !d->script->commands[i].function;
		if (deed != DEED_HARMLESS && deed != DEED_FETCH && deed != DEED_FLASH && !(outside && deed == DEED_UNKNOWN))
			return false;
		if (unknown_behind && chooses_slot(&d->script->commands[i]))
			return false;
		unknown_behind |= i > flash && deed == DEED_UNKNOWN;
	}
	return true;
}

/* That nothing is verified: with the command that flashes as the evidence. */
static void emit_unverified(struct updates *u, const struct deeds *d)
{
	const struct script *s = d->script;
	if (s->full || s->broken)
		return;
	unsigned pairs = 0, held = 0; /* scripts that people write have a few */
	for (unsigned flash = 0; flash < s->ncommands && pairs < PAIRS_MAX; flash++)
		for (unsigned fetch = 0; d->v[flash].deed == DEED_FLASH && fetch < flash; fetch++) {
			if (d->v[fetch].deed != DEED_FETCH || pairs++ >= PAIRS_MAX || !flashes_fetched(s, d, fetch, flash))
				continue;
			if (nothing_verifies(d, fetch, flash)) {
				updates_emit_at(u, FACT_NULL, s->commands[flash].line, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_NONE),
								s->commands[flash].source);
				return;
			}
			if (++held == HELD_MAX)
				return;
		}
}

/* A loop's command is there once for each value of its variable. */
static bool is_repeated(const struct script *s, unsigned i)
{
	return i > 0 && s->commands[i].source.p == s->commands[i - 1].source.p;
}

void updates_emit_deed(struct updates *u, int64_t line, struct text evidence, const struct updates_command *deed)
{
	switch (deed->deed) {
	case DEED_FETCH:
		updates_emit_at(u, FACT_NULL, line, UPDATES_FETCH, deed->value, evidence);
		if (deed->unchecked)
			updates_emit_at(u, FACT_NULL, line, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), evidence);
		break;
	case DEED_SIGNATURE:
		updates_emit_at(u, FACT_NULL, line, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_SIGNATURE), evidence);
		break;
	case DEED_CHECKSUM:
		updates_emit_at(u, FACT_NULL, line, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_CHECKSUM), evidence);
		break;
	case DEED_FLASH:
	case DEED_UPDATE:
		updates_emit_at(u, FACT_NULL, line, UPDATES_INSTALL, deed->value, evidence);
		break;
	default:
		break;
	}
}

/* Run daily by cron, or whatever the folder says. */
static bool in_cron_folder(struct text path)
{
	static const char *const folders[] = { "/etc/cron.hourly/", "/etc/cron.daily/", "/etc/cron.weekly/",
										   "/etc/cron.monthly/" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (path.n && memmem(path.p, path.n, folders[i], strlen(folders[i])))
			return true;
	return false;
}

/* Where swupdate is started: with which key, and whether it polls a server. */
static void emit_swupdate(struct updates *u, const struct deeds *d)
{
	const struct script *s = d->script;
	struct text before = u->mechanism;
	for (unsigned i = 0; i < s->ncommands; i++) {
		const struct script_command *c = &s->commands[i];
		struct startup_program p;
		unsigned at = program_at(c, &p);
		if (at >= c->argc || !text_is(text_base(c->argv[at]), "swupdate"))
			continue;
		struct text key = updates_swupdate_key(c->argv + at, c->argc - at);
		struct text server = updates_swupdate_server(c->argv + at, c->argc - at);
		u->mechanism = TEXT_LIT("swupdate");
		updates_take_reach(u, d, c);
		if (key.p) {
			updates_emit_at(u, FACT_NULL, c->line, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_SIGNATURE), c->source);
			updates_emit_at(u, FACT_NULL, c->line, UPDATES_KEY, key, c->source);
		}
		if (!server.p)
			continue;
		struct text scheme = TEXT_NONE;
		for (struct text rest = server, w = shell_field(&rest); w.n; w = shell_field(&rest))
			scheme = updates_scheme(w).p ? updates_scheme(w) : scheme;
		updates_emit_at(u, FACT_NULL, c->line, UPDATES_FETCH, scheme, c->source);
		updates_emit_at(u, FACT_NULL, c->line, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), c->source);
	}
	u->mechanism = before;
	updates_forget_reach(u);
}

bool updates_read_deeds(struct updates *u, struct text source, int64_t line, struct deeds *d)
{
	struct script *s = script_new(u->subject->arena);
	if (!s)
		return false;
	script_read(s, source, line, TEXT_LIT("start"));
	*d = (struct deeds){ .script = s, .v = ARENA_ARRAY(u->subject->arena, struct updates_command, s->ncommands) };
	for (unsigned i = 0; d->v && i < s->ncommands; i++) {
		d->v[i] = judge(s, &s->commands[i]);
		d->flash += d->v[i].deed == DEED_FLASH || d->v[i].deed == DEED_UPDATE;
	}
	return d->v != NULL;
}

/* REQUIRE_IMAGE_SIGNATURE=1 of OpenWrt's sysupgrade; with 0 an image without a signature is taken as well. */
static void emit_requirement(struct updates *u, struct text source)
{
	static const char name[] = "REQUIRE_IMAGE_SIGNATURE=";
	for (struct text rest = source, line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line);
		if (text_starts(t, "export "))
			t = shell_trim(text_of(t.p + 7, t.n - 7));
		if (!text_starts(t, name))
			continue;
		struct text value = shell_unquoted(text_of(t.p + sizeof name - 1, t.n - (sizeof name - 1)));
		if (text_is(value, "1") || text_is(value, "0"))
			updates_emit(u, UPDATES_VERIFICATION, text_c(text_is(value, "1") ? UPDATES_SIGNATURE : "optional"), t);
	}
}

/* What OpenWrt's library verifies with, apart from what flashes; whether an image must be signed is REQUIRE_IMAGE_SIGNATURE. */
static void emit_library_checks(struct updates *u, const struct deeds *d)
{
	for (unsigned i = 0; i < d->script->ncommands; i++)
		if (d->v[i].deed == DEED_SIGNATURE && !is_repeated(d->script, i) &&
			!text_is(d->script->commands[i].argv[0], "fwtool_check_signature"))
			updates_emit_at(u, FACT_NULL, d->script->commands[i].line, UPDATES_VERIFICATION, TEXT_LIT("optional"),
							d->script->commands[i].source);
}

void updates_script(struct updates *u)
{
	const struct subject *subject = u->subject;
	struct span bytes = span_clip(subject->bytes, 0, UPDATES_SCRIPT_MAX);
	struct text path = subject->path;
	struct deeds d;
	bool sysupgrade = text_ends(path, "/sbin/sysupgrade") || memmem(path.p, path.n, "/lib/upgrade/", 13);
	if (sysupgrade) {
		u->mechanism = TEXT_LIT("sysupgrade");
		emit_requirement(u, text_from_span(bytes));
	}
	if (!subject->nhits && !sysupgrade)
		return;
	if (!updates_read_deeds(u, text_from_span(bytes), 1, &d)) {
		emit_damage_at(u->sink, ERR_MEMORY, UINT64_MAX, "no memory for the commands of a script");
		return;
	}
	if (bytes.n < subject->bytes.n && !d.script->ended)
		emit_damage_at(u->sink, ERR_BUDGET, bytes.n, "of a script only the first %zu bytes are read", bytes.n);
	updates_read_run(u, text_from_span(bytes), &d);
	bool whole = bytes.n == subject->bytes.n || d.script->ended;
	bool first = true;
	for (unsigned i = 0; d.flash && i < d.script->ncommands; i++) {
		if (is_repeated(d.script, i))
			continue;
		const struct script_command *c = &d.script->commands[i];
		bool installs = d.v[i].deed == DEED_FLASH || d.v[i].deed == DEED_UPDATE;
		updates_take_reach(u, &d, c);
		if (installs && first && in_cron_folder(path)) {
			updates_emit_at(u, FACT_NULL, c->line, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), c->source);
			first = false;
		}
		updates_emit_deed(u, c->line, c->source, &d.v[i]);
	}
	updates_forget_reach(u);
	emit_swupdate(u, &d);
	if (sysupgrade && !d.flash)
		emit_library_checks(u, &d);
	if (whole && d.flash)
		emit_unverified(u, &d);
}

/* systemd.service(5): the command of ExecStart=, behind its prefixes. */
void updates_unit(struct updates *u)
{
	int64_t number = 0;
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line);
		struct deeds d;
		number++;
		if (!text_starts(t, "ExecStart=") || !memmem(t.p, t.n, "swupdate", 8))
			continue;
		t = text_of(t.p + 10, t.n - 10);
		while (t.n && strchr("-@:+!", t.p[0]) && t.p[0])
			t = text_of(t.p + 1, t.n - 1);
		if (updates_read_deeds(u, t, number, &d))
			emit_swupdate(u, &d);
		return;
	}
}

bool updates_is_cron(struct text path)
{
	static const char *const folders[] = { "/etc/cron.d/", "/etc/crontabs/", "/var/spool/cron/",
										   "/etc/config/crontabs/" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (path.n && memmem(path.p, path.n, folders[i], strlen(folders[i])))
			return true;
	return text_ends(path, "/etc/crontab");
}

/* auto_update.sh, system-update: all of its words are about updates of the device itself. "update" alone is not enough. */
static bool names_update(struct text name)
{
	static const char *const words[] = { "auto", "check", "device", "do", "online", "remote", "system", "update" };
	unsigned update = 0, other = 0;
	if (text_ends(name, ".sh"))
		name.n -= 3;
	for (size_t i = 0; i < name.n;) {
		size_t n = 0, k = 0;
		while (i + n < name.n && ascii_is_alnum(name.p[i + n]))
			n++;
		while (k < sizeof words / sizeof words[0] &&
			   (n != strlen(words[k]) || strncasecmp(name.p + i, words[k], n) != 0))
			k++;
		if (k == sizeof words / sizeof words[0])
			return false;
		*(strcmp(words[k], "update") == 0 ? &update : &other) += 1;
		i += n + 1;
	}
	return update && other;
}

/* A name with such a word in it is an updater's: fw_upgrade, check-firmware-update, ota_client. Not updatedb, not what updates
 * names, addresses or lists. */
static bool names_updater(struct text name)
{
	if (names_update(name))
		return true;
	static const char *const words[] = { "upgrade",    "fwupgrade",  "fwupdate",    "firmware",  "fota",
										 "ota",        "autoupdate", "autoupgrade", "sysupdate", "sysupgrade",
										 "softupdate", "swupdate",   "fwup" };
	for (size_t i = 0; i < name.n;) {
		size_t n = 0;
		while (i + n < name.n && ascii_is_alnum(name.p[i + n]))
			n++;
		for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
			if (n == strlen(words[k]) && strncasecmp(name.p + i, words[k], n) == 0)
				return true;
		i += n + 1;
	}
	return false;
}

/* The command of a line of a cron table: five fields of time or one of @daily; in /etc a user. */
static struct text cron_command(struct text line, bool has_user)
{
	struct text t = shell_trim(line);
	if (!t.n || t.p[0] == '#')
		return TEXT_NONE;
	struct text rest = t, field = shell_field(&rest);
	if (memchr(field.p, '=', field.n))
		return TEXT_NONE;
	for (unsigned i = field.p[0] == '@' ? 5 : 1; i < 5 + (has_user ? 1u : 0u); i++)
		(void)shell_field(&rest);
	return shell_trim(rest);
}

void updates_cron(struct updates *u)
{
	struct text path = u->subject->path;
	bool has_user = memmem(path.p, path.n, "/etc/cron.d/", 12) || text_ends(path, "/etc/crontab");
	int64_t number = 0;
	unsigned read = 0;
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		number++;
		struct text command = cron_command(line, has_user);
		struct deeds d;
		if (!command.n || read++ == 32 || !updates_read_deeds(u, command, number, &d))
			continue;
		for (unsigned i = 0; i < d.script->ncommands; i++) {
			const struct script_command *c = &d.script->commands[i];
			struct startup_program p;
			unsigned at = program_at(c, &p);
			struct text name = at < c->argc ? text_base(c->argv[at]) : TEXT_NONE;
			bool updates = d.v[i].deed == DEED_UPDATE || d.v[i].deed == DEED_FLASH || (name.p && names_updater(name));
			if (!updates)
				continue;
			u->mechanism = name;
			updates_emit_at(u, FACT_NULL, number, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), shell_trim(line));
			break;
		}
	}
}
