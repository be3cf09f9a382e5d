/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the product is updated: the configuration of updaters, scripts that fetch and flash, cron tables and links that run an
 * updater by itself, programs that flash.
 *
 * Each row is one aspect with the text that shows it; what is not known has no row.
 */
#include "inspect/updates.h"

#include "base/ascii.h"
#include "inspect/place.h"
#include "inspect/shell.h"

#define MARK_PATTERN(text, mechanism) PATTERN(text, PATTERN_LITERAL),
#define COMMAND(text) PATTERN(text, PATTERN_LITERAL)

static const struct pattern updates_patterns[] = {
	UPDATES_MARKS(MARK_PATTERN)
		PATTERN("auto[_-]?(fw|firmware|sw|ota|system)?[_-]?(update|upgrade)", PATTERN_REGEX | PATTERN_CASELESS),
	COMMAND("mtd write"),
	COMMAND("mtd -"),
	COMMAND("mtd_write "),
	COMMAND("mtd_debug write"),
	COMMAND("flashcp "),
	COMMAND("nandwrite "),
	COMMAND("of=/dev/mtd"),
	COMMAND("of=/dev/mmcblk"),
	COMMAND("of=/dev/block/"),
	COMMAND(">/dev/mtd"),
	COMMAND("> /dev/mtd"),
	COMMAND("ubiupdatevol "),
	COMMAND("sysupgrade "),
	COMMAND("sysupgrade\""),
	COMMAND("sysupgrade'"),
	COMMAND("mtd\","),
	COMMAND("mtd',"),
	COMMAND("flashcp\""),
	COMMAND("flashcp'"),
	COMMAND("nandwrite\""),
	COMMAND("nandwrite'"),
	COMMAND("fwupgrade"),
	COMMAND("fw_upgrade"),
	COMMAND("fwupdate"),
	COMMAND("fw_update"),
	COMMAND("firmware_upgrade"),
	COMMAND("swupdate -"),
	COMMAND("rauc install"),
	COMMAND("opkg upgrade"),
	COMMAND("fwupdmgr "),
	COMMAND("mender install"),
	COMMAND("mender -install"),
	COMMAND("unattended-upgrade"),
	COMMAND("apt-get upgrade"),
	COMMAND("apt-get -"),
	PATTERN_END,
};

void updates_emit_at(struct updates *u, int64_t offset, int64_t line, const char *aspect, struct text value,
					 struct text evidence)
{
	if (u->nrows++ == UPDATES_ROWS)
		emit_damage_at(u->sink, ERR_BUDGET, UINT64_MAX, "more than %u rows about updates in a file", UPDATES_ROWS);
	if (u->nrows > UPDATES_ROWS)
		return;
	if (evidence.n > UPDATES_EVIDENCE)
		evidence.n = UPDATES_EVIDENCE;
	emit_updater(u->sink, &(struct fact_updater){
							  .offset = offset,
							  .line = line,
							  .mechanism = u->mechanism,
							  .aspect = text_c(aspect),
							  .value = value,
							  .evidence = evidence,
							  .reached = u->reached,
							  .condition = u->condition,
						  });
}

/* Lines are counted from where the last row was; rows come nearly in their order. */
void updates_emit(struct updates *u, const char *aspect, struct text value, struct text evidence)
{
	struct text all = text_from_span(u->subject->bytes);
	size_t at = evidence.p >= all.p && evidence.p <= all.p + all.n ? (size_t)(evidence.p - all.p) : SIZE_MAX;
	if (at == SIZE_MAX) {
		updates_emit_at(u, FACT_NULL, FACT_NULL, aspect, value, evidence);
		return;
	}
	for (; u->counted < at; u->counted++)
		u->line += all.p[u->counted] == '\n';
	for (; u->counted > at; u->counted--)
		u->line -= all.p[u->counted - 1] == '\n';
	updates_emit_at(u, FACT_NULL, u->line, aspect, value, evidence);
}

struct text updates_line_of(const struct updates *u, struct text inside)
{
	struct text all = text_from_span(u->subject->bytes);
	size_t from = (size_t)(inside.p - all.p), to = from + inside.n;
	for (unsigned i = 0; from > 0 && all.p[from - 1] != '\n' && i < UPDATES_EVIDENCE / 2; i++)
		from--;
	while (to < all.n && all.p[to] != '\n' && to - from < UPDATES_EVIDENCE)
		to++;
	return shell_trim(text_of(all.p + from, to - from));
}

struct text updates_scheme(struct text address)
{
	size_t n = 0;
	while (n < address.n && n < 16 &&
		   (ascii_is_letter(address.p[n]) || (n && strchr("+-.0123456789", address.p[n]) && address.p[n])))
		n++;
	bool is = n > 1 && n + 3 <= address.n && memcmp(address.p + n, "://", 3) == 0;
	return is ? text_of(address.p, n) : TEXT_NONE;
}

static bool is_word(struct text t, const char *word)
{
	return t.n == strlen(word) && strncasecmp(t.p, word, t.n) == 0;
}

bool updates_is_yes(struct text t)
{
	return is_word(t, "1") || is_word(t, "true") || is_word(t, "yes") || is_word(t, "on") || is_word(t, "enable") ||
		   is_word(t, "enabled");
}

bool updates_is_no(struct text t)
{
	return is_word(t, "0") || is_word(t, "false") || is_word(t, "no") || is_word(t, "off") || is_word(t, "disable") ||
		   is_word(t, "disabled");
}

/* What documents or tests a package says nothing of the product. */
static bool is_documentation(struct text path)
{
	static const char *const folders[] = { "/usr/src/", "/usr/share/bash-completion/", "/usr/share/zsh/" };
	static const char *const names[] = { ".html", ".htm", ".txt", ".js", ".css", ".c" };
	bool is = path_is_documentation(path);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		is |= text_has(path, folders[i]);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		is |= text_ends(path, names[i]);
	return is;
}

static bool is_text(const struct subject *s)
{
	return s->kind == ENTRY_FILE && (strcmp(s->format, "script") == 0 || strcmp(s->format, "text") == 0);
}

static bool is_script(const struct subject *s)
{
	return is_text(s) && (strcmp(s->format, "script") == 0 || text_ends(s->path, ".sh") ||
						  text_has(s->path, "/lib/upgrade/") || text_has(s->path, "/etc/init.d/"));
}

/* A shell's: #!/bin/sh, ash, bash ...; what has no such line is taken for one by its name. */
static bool is_shell_script(const struct subject *s)
{
	struct text rest = text_from_span(span_clip(s->bytes, 0, 256)), line;
	if (!is_script(s) || !shell_line(&rest, &line))
		return false;
	if (!text_starts(line, "#!"))
		return true;
	struct text words = text_of(line.p + 2, line.n - 2), program = text_base(shell_field(&words));
	if (text_is(program, "env"))
		program = text_base(shell_field(&words));
	static const char *const shells[] = { "sh", "ash", "bash", "dash", "ksh", "hush", "zsh", "rc.common" };
	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
		if (text_is(program, shells[i]))
			return true;
	return false;
}

static bool updates_wants(const struct subject *s)
{
	if (is_documentation(s->path))
		return false;
	if (s->kind == ENTRY_SYMLINK || updates_is_named(s))
		return updates_is_named(s);
	return s->nhits > 0 ||
		   (is_text(s) && (updates_is_config(s) || updates_is_cron(s->path) || text_has(s->path, "/lib/upgrade/")));
}

static void run_text(struct updates *u)
{
	const struct subject *s = u->subject;
	if (updates_is_config(s)) {
		updates_config(u);
		return;
	}
	if (updates_is_cron(s->path)) {
		updates_cron(u);
		return;
	}
	if (text_ends(s->path, ".service"))
		updates_unit(u);
	else if (is_shell_script(s))
		updates_script(u);
	else if (!updates_code(u) && !is_script(s) && updates_may_have_switches(s))
		for (size_t i = 0; i < s->nhits; i++)
			if (s->hits[i].pattern == UPDATES_PATTERN_SWITCH)
				updates_switch(u, s->hits[i].to);
}

static void updates_run(const struct subject *s, struct sink *sink)
{
	struct updates u = { .subject = s, .sink = sink, .mechanism = text_base(s->path), .line = 1, .reached = FACT_NULL };
	if (updates_is_named(s))
		updates_named(&u);
	u.mechanism = text_base(s->path);
	if (is_text(s))
		run_text(&u);
	else if (s->kind != ENTRY_SYMLINK)
		updates_program(&u);
}

const struct inspector updates_inspector = {
	.name = "updates",
	.title = "how the product is updated: updaters, scripts that fetch and flash, schedules",
	.spec = "opkg, OpenWrt sysupgrade, SWUpdate, RAUC, Mender, OSTree, apt.conf(5), sources.list(5), crontab(5)",
	.patterns = updates_patterns,
	.wants = updates_wants,
	.run = updates_run,
};
