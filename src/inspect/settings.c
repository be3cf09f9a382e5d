/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of daemons: from their configuration files, from the command lines that start-up files give them, and
 * what holds by default.
 *
 * Each file is read by the grammar of its program. One blob is seen at a time: whether a file is the one that is read,
 * and what an included file adds, the judge joins.
 */
#include "base/holes.h"
#include "inspect/settings.h"

static const struct pattern settings_patterns[] = {
	PATTERN("OpenSSH_", PATTERN_LITERAL),
	PATTERN_END,
};

static bool is_in(struct text path, const char *dir)
{
	return memmem(path.p, path.n, dir, strlen(dir)) != NULL;
}

/* Documentation, examples, templates and copies that no program reads, and what other programs know of a daemon: filters
 * of its log, rules for its confinement. Those have its name. */
static bool is_no_setting(struct text path)
{
	static const char *const places[] = { "/usr/share/", "/usr/lib/",  "/tmpfiles.d/", "/logrotate.d/", "/dbus-1/",
										  "/doc/",       "/docs/",     "/examples/",   "/example/",     "/man/",
										  "/fail2ban/",  "/logcheck/", "/apparmor.d/", "/apparmor/",    "/ufw/" };
	static const char *const ends[] = { ".example", ".sample", ".dist",     ".bak",      ".orig", "~",
										".old",     ".in",     ".dpkg-new", ".ucf-dist", "-opkg", "README" };
	for (size_t i = 0; path.n && i < sizeof places / sizeof places[0]; i++)
		if (is_in(path, places[i]))
			return true;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(path, ends[i]))
			return true;
	return false;
}

/* "*" in a pattern stands for anything within one component of a path. */
static bool component_matches(const char *pattern, size_t n, struct text name)
{
	size_t p = 0, i = 0, star = SIZE_MAX, resume = 0;
	while (i < name.n) {
		if (p < n && pattern[p] == '*') {
			star = p++;
			resume = i;
		} else if (p < n && pattern[p] == name.p[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++resume;
		} else {
			return false;
		}
	}
	while (p < n && pattern[p] == '*')
		p++;
	return p == n;
}

/* Whether a path ends as a pattern of `n` characters says. */
static bool path_ends(struct text path, const char *pattern, size_t n)
{
	/* asked of every file of an image, for every pattern: the last character tells of most */
	if (path.n && pattern[n - 1] != '*' && pattern[n - 1] != path.p[path.n - 1])
		return false;
	for (;;) {
		size_t from = n;
		while (from > 0 && pattern[from - 1] != '/')
			from--;
		struct text name = text_base(path);
		if (!component_matches(pattern + from, n - from, name))
			return false;
		if (from == 0)
			return true;
		if (path.n == name.n)
			return false;
		path.n -= name.n + 1;
		n = from - 1;
		if (n == 0) /* it began with "/" */
			return path.n == 0;
	}
}

static bool matches_any(struct text path, const char *paths)
{
	for (struct text p; settings_next_word(&paths, &p);)
		if (path_ends(path, p.p, p.n))
			return true;
	return false;
}

static const struct settings_file *file_of(const struct subject *s)
{
	if (s->kind != ENTRY_FILE || (strcmp(s->format, "text") != 0 && strcmp(s->format, "script") != 0))
		return NULL;
	for (const struct settings_file *f = settings_files; f->program; f++)
		if (matches_any(s->path, f->paths))
			return is_no_setting(s->path) ? NULL : f;
	return NULL;
}

/* The daemon that a program is, or that a link to a program of several names is. */
static const char *daemon_of(const struct subject *s)
{
	bool program = s->kind == ENTRY_FILE && strcmp(s->format, "elf") == 0;
	if (!program && s->kind != ENTRY_SYMLINK)
		return NULL;
	struct text name = text_base(s->path), dir = text_of(s->path.p, s->path.n - name.n);
	if (!text_ends(dir, "bin/"))
		return NULL;
	if (!program && text_eq(text_base(s->link_target), name))
		return NULL; /* the program itself has its row */
	if (program && text_ends(name, "telnetd") && holes_memmem(s->bytes, "exec-login", 10))
		return NULL; /* GNU's, which inetd starts: it has no such options */
	return settings_daemon(name);
}

struct setting *settings_add(struct settings *s, int64_t line, struct text section, struct text key, struct text value)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		cap = cap < SETTINGS_ROWS ? cap : SETTINGS_ROWS;
		struct setting *rows = cap > s->n ? ARENA_ARRAY(s->arena, struct setting, cap) : NULL;
		s->full |= !rows;
		if (!rows)
			return NULL;
		if (s->n)
			memcpy(rows, s->rows, s->n * sizeof *rows);
		s->rows = rows;
		s->cap = cap;
	}
	s->rows[s->n] = (struct setting){
		.line = line,
		.program = s->file ? s->file->program : NULL,
		.origin = "file",
		.section = section.p ? section : TEXT_LIT(""),
		.key = key,
		.value = value,
		.secret = -1,
	};
	return &s->rows[s->n++];
}

static uint64_t hash_of(struct text t, uint64_t h)
{
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		h = (h ^ (uint8_t)(c >= 'A' && c <= 'Z' ? c | 0x20 : c)) * 0x100000001b3u;
	}
	return h ^ h >> 29;
}

static bool same_setting(const struct settings *s, const struct setting *a, const struct setting *b)
{
	bool caseless = s->file->flags & SETTINGS_CASELESS;
	return (caseless ? settings_equal_caseless(a->key, b->key) : text_eq(a->key, b->key)) &&
		   text_eq(a->section, b->section) && a->origin == b->origin;
}

/* Marks what another line overrides, by the program's rule. */
static void override(struct settings *s)
{
	size_t size = 64;
	while (size < 2 * s->n)
		size *= 2;
	uint32_t *slots = s->n ? ARENA_ARRAY(s->arena, uint32_t, size) : NULL;
	for (size_t i = 0; slots && i < s->n; i++) {
		struct setting *r = &s->rows[i];
		bool exception = settings_in_words(s->file->exceptions, r->key, s->file->flags & SETTINGS_CASELESS);
		enum settings_rule rule = !exception ? s->file->rule : s->file->rule == RULE_ALL ? RULE_LAST : RULE_ALL;
		if (rule == RULE_ALL || r->adds)
			continue;
		size_t at = hash_of(r->section, hash_of(r->key, 0xcbf29ce484222325u)) % size;
		while (slots[at] && !same_setting(s, &s->rows[slots[at] - 1], r))
			at = (at + 1) % size;
		if (slots[at] && rule == RULE_FIRST) {
			r->overridden = true;
			continue;
		}
		if (slots[at])
			s->rows[slots[at] - 1].overridden = true;
		slots[at] = (uint32_t)i + 1;
	}
}

/* Whether a row says what the default is of. "*": in any section. */
static bool says(const struct setting *r, const struct settings_default *d)
{
	bool there = strcmp(d->section, "*") == 0 || settings_is_caseless(r->section, d->section);
	return there && settings_is_caseless(r->key, d->key) && strcmp(r->program, d->program) == 0;
}

/* Rows for what the file does not say. */
static void settings_add_defaults(struct settings *s, const struct settings_default *defaults, const char *program)
{
	size_t said = s->n;
	for (const struct settings_default *d = defaults; d->program; d++) {
		bool present = strcmp(d->program, program) != 0;
		for (size_t i = 0; !present && i < said; i++)
			present = says(&s->rows[i], d);
		struct text section = strcmp(d->section, "*") == 0 ? TEXT_LIT("") : text_c(d->section);
		struct setting *r = present ? NULL : settings_add(s, FACT_NULL, section, text_c(d->key), text_c(d->value));
		if (r) {
			r->program = program;
			r->origin = "default";
			r->secret = 0;
		}
	}
}

static int64_t effective_of(const struct settings *s, const struct setting *r)
{
	if (r->overridden)
		return 0;
	bool maybe = r->uncertain || (s->file && (s->file->flags & SETTINGS_MAYBE));
	return maybe || (s->includes && strcmp(r->origin, "default") == 0) ? FACT_NULL : 1;
}

static void emit_rows(const struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *r = &s->rows[i];
		bool named = s->file && settings_in_words(s->file->secrets, r->key, true);
		bool secret = r->secret >= 0 ? r->secret : (named && r->value.n) || settings_is_secret(r->key, r->value);
		emit_setting(s->sink, &(struct fact_setting){
								  .line = r->line,
								  .program = text_c(r->program),
								  .section = r->section,
								  .key = r->key,
								  .value = r->value,
								  .origin = text_c(r->origin),
								  .effective = effective_of(s, r),
								  .secret = secret,
							  });
	}
	if (s->full)
		emit_damage_at(s->sink, ERR_BUDGET, UINT64_MAX, "more than %u settings in a file", SETTINGS_ROWS);
	if (s->file && s->source.n < s->subject->bytes.n)
		emit_damage_at(s->sink, ERR_BUDGET, SETTINGS_BYTES,
					   "settings behind the first %zu bytes of a file are not read", SETTINGS_BYTES);
}

static bool settings_wants(const struct subject *s)
{
	return settings_is_startup(s) || file_of(s) || daemon_of(s);
}

/* The first version that a program of OpenSSH says it is: its major number; 0 when it says none. */
static unsigned openssh_version(const struct subject *s)
{
	for (size_t i = 0; i < s->nhits; i++) {
		struct span at = span_clip(s->bytes, s->hits[i].to, 4);
		unsigned n = 0, digits = 0;
		while (digits < at.n && at.p[digits] >= '0' && at.p[digits] <= '9')
			n = n * 10 + (at.p[digits++] - '0');
		if (digits && digits < at.n && at.p[digits] == '.')
			return n;
	}
	return 0;
}

/* PermitRootLogin is "prohibit-password" since OpenSSH 7.0; before, it was "yes". */
static void add_root_login(struct settings *s)
{
	unsigned version = openssh_version(s->subject);
	struct text value = text_c(version >= 7 ? "prohibit-password" : "yes");
	struct setting *row = version ? settings_add(s, FACT_NULL, TEXT_NONE, TEXT_LIT("PermitRootLogin"), value) : NULL;
	if (row) {
		row->program = "sshd";
		row->origin = "default";
	}
}

static void settings_run(const struct subject *subject, struct sink *sink)
{
	struct settings s = { .subject = subject, .sink = sink, .arena = subject->arena };
	const char *daemon = daemon_of(subject);
	s.file = file_of(subject);
	s.source = text_from_span(span_clip(subject->bytes, 0, SETTINGS_BYTES));
	if (daemon) {
		if (strcmp(daemon, "sshd") == 0)
			add_root_login(&s);
		settings_add_defaults(&s, settings_defaults, daemon);
		settings_add_defaults(&s, settings_option_defaults, daemon);
	} else if (s.file) {
		s.file->read(&s);
		override(&s);
		if (s.n && !s.snippet && !(s.file->flags & (SETTINGS_PART | SETTINGS_MAYBE)))
			settings_add_defaults(&s, settings_defaults, s.file->program);
	}
	if (settings_is_startup(subject))
		settings_read_startup(&s);
	emit_rows(&s);
}

const struct inspector settings_inspector = {
	.name = "settings",
	.title = "settings of daemons: configuration files, command lines, defaults",
	.spec = "sshd_config(5), lighttpd, nginx, hostapd, OpenWrt UCI, and the manuals of the other programs",
	.patterns = settings_patterns,
	.wants = settings_wants,
	.run = settings_run,
};
