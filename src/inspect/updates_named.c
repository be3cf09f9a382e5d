/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What names and places tell of updates: updaters' programs, their keys, links by which boot runs them; and the switches for
 * automatic updates that vendors' settings have.
 */
#include "inspect/shell.h"
#include "inspect/updates.h"

/* .../multi-user.target.wants/NAME, .../rc3.d/S50NAME, /etc/rc.d/S50NAME */
static const struct updates_name *started_service(const struct subject *s)
{
	struct text base = text_base(s->path), folder = text_of(s->path.p, s->path.n - base.n);
	if (s->kind != ENTRY_SYMLINK || !s->link_target.n || text_is(s->link_target, "/dev/null"))
		return NULL;
	if (text_ends(folder, ".wants/"))
		return updates_find_service(base);
	bool ordered =
		base.n > 3 && base.p[0] == 'S' && base.p[1] >= '0' && base.p[1] <= '9' && base.p[2] >= '0' && base.p[2] <= '9';
	bool stops = text_has(folder, "/rc0.d/") || text_has(folder, "/rc6.d/");
	if (!ordered || stops || !(text_ends(folder, ".d/") && text_has(folder, "/rc")))
		return NULL;
	return updates_find_service(text_of(base.p + 3, base.n - 3));
}

static const struct updates_name *program(const struct subject *s)
{
	struct text base = text_base(s->path), folder = text_of(s->path.p, s->path.n - base.n);
	bool runs = strcmp(s->format, "elf") == 0 || strcmp(s->format, "script") == 0;
	bool placed =
		text_ends(folder, "bin/") || text_has(folder, "/lib/") || text_has(folder, "/libexec/") || text_has(folder, "/lib64/");
	if (s->kind != ENTRY_FILE || !runs || !placed)
		return NULL;
	return updates_find_program(base);
}

/* Public keys in the places where updaters look for them. */
static const char *key_mechanism(const struct subject *s)
{
	static const struct {
		const char *folder, *end, *mechanism;
	} places[] = {
		{ "/etc/opkg/keys/", "", "opkg" },
		{ "/etc/apk/keys/", ".pub", "apk" },
		{ "/etc/update_engine/", ".pem", "android-ab" },
		{ "/etc/security/", "/otacerts.zip", "android" },
		{ "/etc/swupdate/", ".pem", "swupdate" },
		{ "/etc/rauc/", ".pem", "rauc" },
		{ "/etc/mender/", ".pem", "mender" },
	};
	for (size_t i = 0; s->kind == ENTRY_FILE && i < sizeof places / sizeof places[0]; i++)
		if (text_has(s->path, places[i].folder) && text_ends(s->path, places[i].end))
			return places[i].mechanism;
	return NULL;
}

/* The first line: of a PEM file what it is, of a usign key its comment. */
static struct text key_evidence(const struct subject *s)
{
	struct text rest = text_from_span(span_clip(s->bytes, 0, 4096)), line = TEXT_NONE;
	if (strcmp(s->format, "text") != 0 || !shell_line(&rest, &line))
		return s->path;
	return shell_trim(line);
}

bool updates_is_named(const struct subject *s)
{
	return started_service(s) || program(s) || key_mechanism(s);
}

void updates_named(struct updates *u)
{
	const struct subject *s = u->subject;
	const struct updates_name *service = started_service(s), *is = program(s);
	const char *key = key_mechanism(s);
	if (service) {
		u->mechanism = text_c(service->mechanism);
		updates_emit_at(u, FACT_NULL, FACT_NULL, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), s->path);
	}
	if (is) {
		u->mechanism = text_c(is->mechanism);
		updates_emit_at(u, FACT_NULL, FACT_NULL, UPDATES_PRESENT, TEXT_LIT("program"), s->path);
	}
	if (key && s->bytes.n) {
		struct text evidence = key_evidence(s);
		bool public_key = !text_ends(s->path, ".pem") || memmem(evidence.p, evidence.n, "PUBLIC KEY", 10) ||
						  memmem(evidence.p, evidence.n, "CERTIFICATE", 11);
		u->mechanism = text_c(key);
		if (public_key)
			updates_emit_at(u, FACT_NULL, FACT_NULL, UPDATES_KEY, s->path, evidence);
	}
}

/* ---- switches ---- */

bool updates_may_have_switches(const struct subject *s)
{
	static const char *const ends[] = { ".conf",    ".cfg",      ".ini",   ".json",       ".xml",  ".config",
										".default", ".defaults", ".nvram", ".properties", ".prop", ".env",
										".uci",     ".db",       ".dat",   ".settings" };
	struct text base = text_base(s->path);
	if (s->kind != ENTRY_FILE || text_has(s->path, "/plugins/"))
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(base, ends[i]))
			return !text_has(s->path, "/www") && !text_has(s->path, "/lang/");
	bool plain = base.n && !memchr(base.p, '.', base.n);
	return plain && (text_has(s->path, "/etc/config/") || text_has(s->path, "/etc/default/") || text_has(s->path, "default"));
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
		   c == '.';
}

/* What may follow the words in such a name: auto_update_enable. */
static bool is_switch_end(struct text t)
{
	static const char *const ends[] = { "",         "enable", "enabled",  "_enable",   "_enabled", "-enable",
										"-enabled", "_en",    "En",       "flag",      "_flag",    "_switch",
										"switch",   "_mode",  "firmware", "_firmware", "fw",       "_fw" };
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (t.n == strlen(ends[i]) && strncasecmp(t.p, ends[i], t.n) == 0)
			return true;
	return false;
}

/* Behind the name: "=", ":", quotes, blanks, '>' of an XML element, and then the value up to what ends it. */
static struct text switch_value(struct text rest)
{
	size_t at = 0, n = 0;
	bool assigned = false;
	while (at < rest.n && at < 16 && (strchr("\"'= \t:>", rest.p[at]) && rest.p[at])) {
		assigned |= strchr("=: \t>", rest.p[at]) != NULL;
		at++;
	}
	while (at + n < rest.n && n < 12 && is_name_char(rest.p[at + n]) && rest.p[at + n] != '.')
		n++;
	struct text value = text_of(rest.p + at, n);
	char end = at + n < rest.n ? rest.p[at + n] : '\n';
	bool whole = strchr("\"' \t\r\n,;<}\\#", end) != NULL; /* NUL, too */
	return assigned && whole && (updates_is_yes(value) || updates_is_no(value)) ? value : TEXT_NONE;
}

void updates_switch(struct updates *u, uint64_t to)
{
	struct text all = text_from_span(u->subject->bytes);
	size_t end = (size_t)to, start = end;
	while (end < all.n && end - to < 32 && is_name_char(all.p[end]))
		end++;
	if (!is_switch_end(text_of(all.p + to, end - (size_t)to)))
		return;
	struct text value = switch_value(text_of(all.p + end, all.n - end));
	while (start > 0 && to - start < 64 && all.p[start - 1] != '\n')
		start--;
	struct text before = shell_trim(text_of(all.p + start, end - start));
	if (!value.p || (before.n && (before.p[0] == '#' || before.p[0] == ';')) || text_starts(before, "//") ||
		text_starts(before, "<!--"))
		return;
	struct text line = updates_line_of(u, value);
	if (line.n > 160) /* all settings in one line: the name and the value */
		line =
			text_of(all.p + (end > 48 ? end - 48 : 0), (size_t)(value.p + value.n - all.p) - (end > 48 ? end - 48 : 0));
	bool yes = updates_is_yes(value);
	updates_emit(u, UPDATES_TRIGGER, text_c(yes ? UPDATES_AUTOMATIC : UPDATES_ON_DEMAND), line);
	if (yes)
		updates_emit(u, UPDATES_CONSENT, TEXT_LIT(UPDATES_NOT_ASKED), line);
}
