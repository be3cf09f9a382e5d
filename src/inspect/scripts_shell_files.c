/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a shell script fetches from elsewhere, or writes under a name that others can foresee, and then runs. */
#include "inspect/scripts_shell.h"

static const char *const fetchers[] = { "wget", "curl", "uclient-fetch", "fetch", "tftp", "ftpget", "aria2c", NULL };
#define FOLDER_MAX 512u /* of a folder that names of files are put together with */

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

/* A host, with a port and a path behind it: a name with a top-level domain of letters, or an address of IPv4. */
static bool is_host(struct text w)
{
	size_t n = 0, dots = 0, label = 0;
	bool letters = true, digits = true;
	for (; n < w.n && w.p[n] != '/' && w.p[n] != ':' && w.p[n] != '?'; n++) {
		char c = w.p[n];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
		if (!letter && !digit && c != '-' && c != '.')
			return false;
		digits &= digit || c == '.';
		dots += c == '.';
		label = c == '.' ? 0 : label + 1;
		letters = c == '.' || (letters && letter);
	}
	return n && w.p[0] != '-' && w.p[0] != '.' && label && ((digits && dots == 3) || (dots && letters && label > 1));
}

/* Options of wget(1) and curl(1) whose value is the next word, where it is not in theirs. */
static bool takes_next(const struct shell_command *c, struct text w)
{
	static const char *const longs[] = { "--output",
										 "--output-document",
										 "--output-file",
										 "--output-dir",
										 "--directory-prefix",
										 "--header",
										 "--user-agent",
										 "--timeout",
										 "--tries",
										 "--max-time",
										 "--retry",
										 "--connect-timeout",
										 "--data",
										 "--user",
										 "--password",
										 "--request",
										 "--cacert",
										 "--capath",
										 "--cert",
										 "--key",
										 "--post-data",
										 "--post-file",
										 "--ca-certificate",
										 "--interface",
										 "--resolve",
										 "--connect-to",
										 "--proxy",
										 "--referer",
										 "--cookie",
										 "--cookie-jar",
										 "--dns-servers",
										 "--noproxy",
										 "--preproxy",
										 "--socks5",
										 "--bind-address",
										 "--domains",
										 "--upload-file",
										 "--exclude-domains",
										 "--base",
										 NULL };
	const char *valued = text_is(c->program, "curl") ? "AbcCdDeEFhHKmoPQrtTuUwxXyYz" : "oaeitOTwQPUlARDIXB";
	if (scripts_among(w, longs))
		return true;
	for (size_t i = 1; w.n > 1 && w.p[0] == '-' && w.p[1] != '-' && i < w.n; i++)
		if (strchr(valued, w.p[i]))
			return i + 1 == w.n;
	return false;
}

/* An address without a scheme: HTTP for wget; curl goes by the name of the host, or by what it is told (--proto-default). */
static struct text url_without_scheme(const struct shell_command *c, struct arena *arena)
{
	bool curl = text_is(c->program, "curl");
	struct text url = TEXT_NONE, scheme = TEXT_NONE;
	for (unsigned i = 1; (curl || text_is(c->program, "wget")) && i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (takes_next(c, w))
			i++;
		else if (!c->words[i].expands && is_host(w))
			url = w;
	}
	(void)shell_option(c, "--proto-default", &scheme);
	if (!url.n)
		return TEXT_NONE;
	bool other = text_starts(url, "dict.") || text_starts(url, "ldap.") || text_starts(url, "imap.") ||
				 text_starts(url, "smtp.") || text_starts(url, "pop3.");
	if (curl && !scheme.p && other)
		return TEXT_NONE;
	if (!curl || !scheme.p)
		scheme = curl && text_starts(url, "ftp.") ? TEXT_LIT("ftp") : TEXT_LIT("http");
	return text_c(arena_printf(arena, "%.*s://%.*s", (int)scheme.n, scheme.p, (int)url.n, url.p));
}

struct text shell_fetched_url(const struct shell_state *s, const struct shell_command *c)
{
	if (is_elsewhere(c))
		return TEXT_LIT("download");
	for (unsigned i = 1; i < c->n; i++)
		if (text_has(c->words[i].flat, "://"))
			return c->words[i].flat;
	struct text url = url_without_scheme(c, s->file->subject->arena);
	return url.n ? url : TEXT_LIT("download");
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
		if (text_is(w, "--remote-name") || text_is(w, "--remote-name-all") ||
			(w.n > 1 && w.p[0] == '-' && k < w.n && w.p[k] == 'O'))
			return true;
	}
	return false;
}

static struct text joined(const struct shell_state *s, struct text folder, struct text name)
{
	bool slash = folder.p[folder.n - 1] == '/';
	return text_c(arena_printf(s->file->subject->arena, "%.*s%s%.*s", (int)folder.n, folder.p, slash ? "" : "/",
							   (int)name.n, name.p));
}

/* The file that it writes; TEXT_NONE: its output, or nothing. */
static struct text fetched_name(const struct shell_state *s, const struct shell_command *c)
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
	bool named = name.p;
	if (!named && curl && !by_its_name(c))
		return name;
	struct text folder = curl ? TEXT_NONE : option_value(c, 'P', "--directory-prefix");
	if (curl)
		(void)shell_option(c, "--output-dir", &folder);
	else if (named)
		folder = TEXT_NONE;
	if (!named)
		name = text_base(shell_fetched_url(s, c));
	if (!named && text_is(name, "download"))
		return TEXT_NONE;
	return folder.n && name.n && name.p[0] != '/' ? joined(s, folder, name) : name;
}

bool shell_fetches_to_stdout(const struct shell_state *s, const struct shell_command *c)
{
	if (!is_fetcher(c) || text_is(c->program, "tftp") || text_is(c->program, "ftpget"))
		return false;
	struct text name = fetched_name(s, c);
	return text_is(name, "-") || text_is(name, "/dev/stdout") || (text_is(c->program, "curl") && !name.p);
}

static struct text without_dot(struct text name)
{
	return text_starts(name, "./") ? text_of(name.p + 2, name.n - 2) : name;
}

/* Whether the name counts from the folder that the script went to. */
static bool is_relative(const struct shell_state *s, struct text name)
{
	return name.n && name.p[0] != '/' && name.p[0] != '$' && s->folder.n;
}

/* From the root, where the folder that the script went to is known. */
static struct text whole_path(const struct shell_state *s, struct text name)
{
	return is_relative(s, name) ? joined(s, s->folder, without_dot(name)) : name;
}

/* Whether the path is what whole_path() makes of the name, which is without "./". It takes no memory: each word is asked. */
static bool is_path_of(const struct shell_state *s, struct text path, struct text name)
{
	if (!is_relative(s, name))
		return text_eq(path, name);
	size_t n = s->folder.n - (s->folder.p[s->folder.n - 1] == '/');
	return path.n == n + 1 + name.n && memcmp(path.p, s->folder.p, n) == 0 && path.p[n] == '/' &&
		   memcmp(path.p + n + 1, name.p, name.n) == 0;
}

static struct shell_file *find_file(struct shell_state *s, struct text name)
{
	name = without_dot(name);
	for (unsigned i = s->nfiles; name.n && i > 0; i--)
		if (text_eq(s->files[i - 1].name, name) || is_path_of(s, s->files[i - 1].path, name))
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
	name = without_dot(name);
	if (f)
		*f = (struct shell_file){ .name = name,
								  .path = whole_path(s, name),
								  .state = state,
								  .source = source,
								  .code = c->source,
								  .line = c->line };
}

static void report_run(struct shell_state *s, const struct shell_command *c, struct text name, const char *how)
{
	struct shell_file *f = find_file(s, name);
	if (!f || f->reported || f->state == FILE_CHECKED)
		return;
	f->reported = true;
	if (f->state == FILE_FETCHED)
		shell_report(s, c, "unsigned-download", f->source, how, text_has(f->source, "://") ? "proven" : "likely");
	else if (!s->cgi && f->foreseeable)
		shell_report(s, c, "predictable-temporary-file", f->name, how, "possible");
	if (f->state == FILE_WRITTEN)
		shell_read_handed(s, c, f->text, f->text_line);
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

/* A program that runs what comes through its input. */
static bool runs_input(const struct shell_command *c)
{
	static const char *const others[] = { "python", "python2", "python3", "perl",  "php",
										  "node",   "ruby",    "lua",     "tclsh", NULL };
	if (!scripts_among(c->program, others))
		return shell_reads_input(c);
	for (unsigned i = 1; i < c->n; i++)
		if (!text_starts(c->words[i].flat, "-") || text_is(c->words[i].flat, "-c") || text_is(c->words[i].flat, "-e"))
			return text_is(c->words[i].flat, "/dev/stdin");
	return true;
}

/* What of it runs: `sh -c "$(curl URL)"`, `eval "$(curl URL)"`, `bash <(curl URL)`, `. <(curl URL)` */
static struct origin run_words(const struct shell_command *c)
{
	const struct shell_word *w = shell_is_interpreter(c->program) ? shell_c_argument(c) : NULL;
	struct origin words = { .level = ORIGIN_FIXED };
	if (w)
		return w->origin;
	for (unsigned i = 1; text_is(c->program, "eval") && i < c->n; i++)
		words = origin_join(words, c->words[i].origin);
	bool runs = shell_is_interpreter(c->program) || text_is(c->program, ".") || text_is(c->program, "source");
	int first = runs ? shell_operand(c, 1) : -1;
	return first > 0 && shell_is_process(c->words[first].raw, 0) ? c->words[first].origin : words;
}

/* tar(1) and cpio(1) put what they are given into the system: from its root, or in a folder of programs or settings. */
static bool installs_archive(const struct shell_state *s, const struct shell_command *c)
{
	static const char *const roots[] = { "/",    "/usr",  "/usr/bin", "/usr/sbin", "/usr/lib",
										 "/bin", "/sbin", "/lib",     "/etc",      NULL };
	struct text to = s->folder, mode = shell_argument(c, 1);
	bool tar = shell_runs(c, "tar") || shell_runs(c, "bsdtar"), pax = shell_runs(c, "cpio");
	if ((!tar && !pax) || shell_has_word(c, "-t") || shell_has_word(c, "--list"))
		return false;
	bool extracts = shell_has_word(c, "--extract") || shell_has_word(c, "-x") ||
					(mode.n && !text_starts(mode, "--") && memchr(mode.p, pax ? 'i' : 'x', mode.n));
	if (!shell_option(c, "-C", &to))
		(void)shell_option(c, "--directory", &to);
	return extracts && scripts_among(to, roots);
}

static void take_piped(struct shell_state *s, const struct shell_command *c)
{
	struct origin words = run_words(c), input = c->input;
	bool piped = c->piped;
	for (unsigned i = 0; i < c->ninputs; i++)
		if (c->inputs[i].here_string || shell_is_process(c->inputs[i].raw, 0)) {
			input = c->inputs[i].origin;
			piped = true;
		}
	bool comes = piped && input.downloaded, runs = comes && runs_input(c),
		 installs = comes && !runs && installs_archive(s, c);
	struct text source = runs || installs ? input.source : words.source;
	if (runs || installs || words.downloaded)
		shell_report(s, c, "unsigned-download", text_has(source, "://") ? source : TEXT_LIT("download"),
					 installs ? "installation" : "shell", "proven");
}

/* mv takes the name along; what is copied over a file that was fetched is another file. */
static void take_copy(struct shell_state *s, const struct shell_command *c)
{
	struct shell_file *from = find_file(s, c->words[c->n - 2].flat), *to = find_file(s, c->words[c->n - 1].flat);
	if (to && to != from && to->state == FILE_FETCHED)
		*to = (struct shell_file){ .name = TEXT_LIT(""), .state = FILE_CHECKED };
	if (from && text_is(c->program, "mv")) {
		from->name = without_dot(c->words[c->n - 1].flat);
		from->path = whole_path(s, from->name);
	} else if (from)
		add_file(s, c, c->words[c->n - 1].flat, from->state, from->source);
}

/* What is written under a name that others can foresee, and scripts that a here-document holds. What was fetched and is written anew is the
 * script's own. */
static void take_written(struct shell_state *s, const struct shell_command *c, const struct shell_word *output)
{
	struct shell_file *f = find_file(s, output->flat);
	bool foreseeable = is_foreseeable(output), script = text_is(c->program, "cat") && c->n == 1 && c->here.p;
	bool own = c->n && (script || ((text_is(c->program, "echo") || text_is(c->program, "printf")) && !c->piped));
	if (f && f->state == FILE_WRITTEN && !output->appends) { /* the last text of it is what runs */
		f->text = script ? c->here : TEXT_NONE;
		f->text_line = c->here_line;
		f->foreseeable &= !f->reported;
		f->reported = false;
		return;
	}
	if (f && !(own && f->state == FILE_FETCHED && !output->appends && !f->reported))
		return;
	if (!foreseeable && !script && !f)
		return;
	add_file(s, c, output->flat, FILE_WRITTEN, TEXT_NONE);
	f = find_file(s, output->flat);
	if (f) {
		f->foreseeable = foreseeable;
		f->text = script ? c->here : TEXT_NONE;
		f->text_line = c->here_line;
	}
}

/* The folder; TEXT_NONE: not known. Each name of a file that is written is put together with it, so that a long one takes much memory. */
static struct text gone_to(const struct shell_command *c)
{
	struct text folder = shell_argument(c, 1);
	bool known = c->n > 1 && folder.n && folder.n <= FOLDER_MAX && folder.p[0] == '/' && !c->words[1].expands;
	return known ? folder : TEXT_NONE;
}

void shell_follow_files(struct shell_state *s, const struct shell_command *c)
{
	if (text_is(c->program, "cd"))
		s->folder = gone_to(c);
	if (c->n) {
		take_check(s, c);
		take_run(s, c);
		take_piped(s, c);
	}
	if (is_fetcher(c) && !shell_fetches_to_stdout(s, c))
		add_file(s, c, fetched_name(s, c), FILE_FETCHED, shell_fetched_url(s, c));
	else if (c->n > 2 && (text_is(c->program, "mv") || text_is(c->program, "cp") || text_is(c->program, "install")))
		take_copy(s, c);
	for (unsigned i = 0; i < c->noutputs; i++) {
		bool fetched = (is_fetcher(c) && shell_fetches_to_stdout(s, c)) || c->input.downloaded;
		if (fetched)
			add_file(s, c, c->outputs[i].flat, FILE_FETCHED, is_fetcher(c) ? shell_fetched_url(s, c) : c->input.source);
		else if (!is_fetcher(c))
			take_written(s, c, &c->outputs[i]);
	}
}
