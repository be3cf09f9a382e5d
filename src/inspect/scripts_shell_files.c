/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a shell script fetches from elsewhere, or writes under a name that others can foresee, and then runs. */
#include "inspect/scripts_shell.h"

static const char *const fetchers[] = { "wget", "curl", "uclient-fetch", "fetch", "tftp", "ftpget", "aria2c", NULL };
/* What looks at a file before it is used: digests and signatures. */
static const char *const checkers[] = { "md5sum",   "sha1sum", "sha256sum", "sha512sum", "shasum",  "cmp",
										"gpg",      "gpgv",    "gpg2",      "usign",     "signify", "openssl",
										"minisign", "cosign",  "verify",    "opkg-key",  "rauc",    NULL };

static bool is_fetcher(const struct shell_command *c)
{
	return c->n && scripts_among(c->program, fetchers);
}

/* curl(1): a socket of this machine in place of the network; or no protocol but encrypted ones, whatever the address says. */
static bool is_elsewhere(const struct shell_command *c)
{
	struct text value = TEXT_NONE;
	if (!text_is(c->program, "curl"))
		return false;
	if (shell_option(c, "--unix-socket", &value) || shell_option(c, "--abstract-unix-socket", &value))
		return true;
	return shell_option(c, "--proto", &value) && text_starts(value, "=") && !text_has(value, "http,") && !text_ends(value, "http") &&
		   !text_has(value, "all");
}

struct text shell_fetched_url(const struct shell_command *c)
{
	if (is_elsewhere(c))
		return TEXT_LIT("download");
	for (unsigned i = 1; i < c->n; i++)
		if (text_has(c->words[i].flat, "://"))
			return c->words[i].flat;
	return TEXT_LIT("download");
}

/* The value behind `letter` in a cluster of options without values (-qO-, -fsSLo/tmp/x); curl(1), wget(1). */
static struct text clustered_value(const struct shell_command *c, struct text word, char letter)
{
	const char *flags = text_is(c->program, "curl") ? "#012346BGIJLMNOafgijklnpqsSvZ" : "46FHKLNSVbcdkmnpqrsvx";
	size_t i = 1;
	while (i < word.n && word.p[i] != letter && strchr(flags, word.p[i]))
		i++;
	return i + 1 < word.n && word.p[i] == letter ? text_of(word.p + i + 1, word.n - i - 1) : TEXT_NONE;
}

/* The operand of an option that may be the end of a cluster (-qO FILE) or carry its value (-O/tmp/x, -qO-). */
static struct text option_value(const struct shell_command *c, char letter, const char *name)
{
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (name && text_starts(w, name) && w.n > strlen(name) && w.p[strlen(name)] == '=')
			return text_of(w.p + strlen(name) + 1, w.n - strlen(name) - 1);
		if (name && text_is(w, name) && i + 1 < c->n)
			return c->words[i + 1].flat;
		if (w.n < 2 || w.p[0] != '-' || w.p[1] == '-')
			continue;
		if (w.p[w.n - 1] == letter && i + 1 < c->n)
			return c->words[i + 1].flat;
		struct text value = clustered_value(c, w, letter);
		if (value.n)
			return value;
	}
	return TEXT_NONE;
}

/* curl -O, --remote-name; -O may stand in a cluster. */
static bool by_its_name(const struct shell_command *c)
{
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		size_t k = 1;
		while (k < w.n && w.p[k] != 'O' && w.p[k] && strchr("#012346BGIJLMNafgijklnpqsSvZ", w.p[k]))
			k++;
		if (text_is(w, "--remote-name") || (w.n > 1 && w.p[0] == '-' && k < w.n && w.p[k] == 'O'))
			return true;
	}
	return false;
}

/* The file that it writes; TEXT_NONE: its output, or nothing. */
static struct text fetched_name(const struct shell_command *c)
{
	bool curl = text_is(c->program, "curl");
	if (c->noutputs)
		for (unsigned i = 0; i < c->noutputs; i++)
			if (!text_starts(c->outputs[i].flat, "/dev/") && !text_is(c->outputs[i].flat, "&1"))
				return c->outputs[i].flat;
	if (text_is(c->program, "tftp"))
		return option_value(c, 'l', "--local-file");
	if (text_is(c->program, "ftpget"))
		return c->n > 2 ? c->words[c->n - 2].flat : TEXT_NONE;
	struct text name =
		option_value(c, curl || text_is(c->program, "fetch") || text_is(c->program, "aria2c") ? 'o' : 'O',
					 curl ? "--output" : "--output-document");
	if (name.p || (curl && !by_its_name(c)))
		return name;
	name = text_base(shell_fetched_url(c));
	return text_is(name, "download") ? TEXT_NONE : name;
}

bool shell_fetches_to_stdout(const struct shell_command *c)
{
	if (!is_fetcher(c) || text_is(c->program, "tftp") || text_is(c->program, "ftpget"))
		return false;
	struct text name = fetched_name(c);
	return text_is(name, "-") || text_is(name, "/dev/stdout") || (text_is(c->program, "curl") && !name.p);
}

static struct shell_file *find_file(struct shell_state *s, struct text name)
{
	if (text_starts(name, "./"))
		name = text_of(name.p + 2, name.n - 2);
	for (unsigned i = s->nfiles; i > 0; i--)
		if (text_eq(s->files[i - 1].name, name))
			return &s->files[i - 1];
	return NULL;
}

static void add_file(struct shell_state *s, const struct shell_command *c, struct text name, enum file_state state,
					 struct text source)
{
	if (!name.n || text_is(name, "-") || text_starts(name, "/dev/"))
		return;
	struct shell_file *f = find_file(s, name);
	if (!f && s->nfiles < SHELL_FILES)
		f = &s->files[s->nfiles++];
	if (f && text_starts(name, "./"))
		name = text_of(name.p + 2, name.n - 2);
	if (f)
		*f = (struct shell_file){ .name = name, .state = state, .source = source, .code = c->source, .line = c->line };
}

static void report_run(struct shell_state *s, const struct shell_command *c, struct text name, const char *how)
{
	struct shell_file *f = find_file(s, name);
	if (!f || f->reported || f->state == FILE_CHECKED)
		return;
	if (f->state == FILE_FETCHED)
		shell_report(s, c, "unsigned-download", f->source, how, text_has(f->source, "://") ? "proven" : "likely");
	else if (!s->cgi)
		shell_report(s, c, "predictable-temporary-file", f->name, how, "possible");
	f->reported = true;
}

/* A name in a folder where everybody may make files, with nothing in it that differs from run to run. */
static bool is_foreseeable(const struct shell_word *w)
{
	return (text_starts(w->flat, "/tmp/") || text_starts(w->flat, "/var/tmp/")) && !memchr(w->flat.p, '$', w->flat.n) &&
		   !memchr(w->flat.p, '`', w->flat.n);
}

static void take_check(struct shell_state *s, const struct shell_command *c)
{
	bool checks = scripts_among(c->program, checkers) || text_has(c->program, "verify") ||
				  text_has(c->program, "check") || text_has(c->program, "valid") || text_has(c->program, "sign");
	bool list = text_has(c->source, "sum -c") || text_has(c->source, "--check");
	for (unsigned i = 0; checks && i < s->nfiles; i++) {
		struct text name = text_base(s->files[i].name);
		bool named = list;
		for (unsigned k = 1; k < c->n && !named; k++)
			named = name.n && c->words[k].flat.n && memmem(c->words[k].flat.p, c->words[k].flat.n, name.p, name.n);
		if (named)
			s->files[i].state = FILE_CHECKED;
	}
	for (unsigned k = 0; checks && k < c->ninputs; k++) {
		struct shell_file *f = find_file(s, c->inputs[k].flat);
		if (f)
			f->state = FILE_CHECKED;
	}
}

/* What runs a file, or installs what is in it. */
static void take_run(struct shell_state *s, const struct shell_command *c)
{
	static const char *const interpreters[] = { "sh",      "ash",  "bash", "dash", ".",      "source", "python",
												"python3", "perl", "lua",  "php",  "insmod", NULL };
	static const char *const installers[] = { "opkg",    "ipkg",      "dpkg",        "rpm",      "mtd", "mtd_write",
											  "flashcp", "nandwrite", "flash_erase", "fwupdate", NULL };
	report_run(s, c, c->words[0].flat, "program");
	if (scripts_among(c->program, interpreters) && !shell_c_argument(c) && c->n > 1)
		for (unsigned i = 1; i < c->n && i < 4; i++)
			report_run(s, c, c->words[i].flat, "program");
	if (scripts_among(c->program, installers))
		for (unsigned i = 1; i < c->n; i++)
			report_run(s, c, c->words[i].flat, "installation");
	bool dd = text_is(c->program, "dd");
	for (unsigned i = 1; dd && i < c->n; i++)
		if (text_starts(c->words[i].flat, "if=") && text_has(c->source, "of=/dev/mtd"))
			report_run(s, c, text_of(c->words[i].flat.p + 3, c->words[i].flat.n - 3), "installation");
}

/* `curl URL | sh`, `sh -c "$(curl URL)"`, `eval "$(curl URL)"` */
static void take_piped(struct shell_state *s, const struct shell_command *c)
{
	static const char *const runners[] = { "sh", "ash", "bash", "dash", "python", "python3", "perl", "php", NULL };
	const struct shell_word *w = shell_is_interpreter(c->program) ? shell_c_argument(c) : NULL;
	bool input = c->piped && c->input.downloaded && scripts_among(c->program, runners) &&
				 (shell_operand(c, 1) < 0 || text_has(c->source, " -s") || text_is(c->words[c->n - 1].flat, "-"));
	struct origin words = { .level = ORIGIN_FIXED };
	if (w)
		words = w->origin;
	for (unsigned i = 1; text_is(c->program, "eval") && i < c->n; i++)
		words = origin_join(words, c->words[i].origin);
	bool word = words.downloaded;
	struct text source = input ? c->input.source : words.source;
	if (input || word)
		shell_report(s, c, "unsigned-download", text_has(source, "://") ? source : TEXT_LIT("download"), "shell", "proven");
}

/* mv takes the name along; what is copied over a file that was fetched is another file. */
static void take_copy(struct shell_state *s, const struct shell_command *c)
{
	struct shell_file *from = find_file(s, c->words[c->n - 2].flat), *to = find_file(s, c->words[c->n - 1].flat);
	if (to && to != from && to->state == FILE_FETCHED)
		*to = (struct shell_file){ .name = TEXT_LIT(""), .state = FILE_CHECKED };
	if (from && text_is(c->program, "mv"))
		from->name = c->words[c->n - 1].flat;
	else if (from)
		add_file(s, c, c->words[c->n - 1].flat, from->state, from->source);
}

void shell_follow_files(struct shell_state *s, const struct shell_command *c)
{
	if (c->n) {
		take_check(s, c);
		take_run(s, c);
		take_piped(s, c);
	}
	if (is_fetcher(c) && !shell_fetches_to_stdout(c))
		add_file(s, c, fetched_name(c), FILE_FETCHED, shell_fetched_url(c));
	else if (c->n > 2 && (text_is(c->program, "mv") || text_is(c->program, "cp")))
		take_copy(s, c);
	for (unsigned i = 0; i < c->noutputs; i++) {
		bool fetched = (is_fetcher(c) && shell_fetches_to_stdout(c)) || c->input.downloaded;
		if (fetched)
			add_file(s, c, c->outputs[i].flat, FILE_FETCHED, shell_fetched_url(c));
		else if (is_foreseeable(&c->outputs[i]) && !is_fetcher(c) && !find_file(s, c->outputs[i].flat))
			add_file(s, c, c->outputs[i].flat, FILE_WRITTEN, TEXT_NONE);
	}
}
