/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Updaters in Lua, PHP, Python and Perl: pages of web interfaces and daemons that fetch, verify and flash.
 *
 * What they hand to a shell is read as a shell script's commands are; what they do by calls of their own is in tables here.
 * Nothing is said of what is not there: a module that the program loads may verify, and whether a run comes to a call is not
 * known. A checksum counts where a condition asks for it; many pages only show it.
 *
 * From LuCI's and LuaSocket's references, and the manuals of PHP, Python and LWP.
 */
#include "inspect/shell.h"
#include "inspect/startup.h"
#include "inspect/taint.h"
#include "inspect/updates_reach.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define DEEDS_MAX 256u
/* Commands that are read, and how long one is: reading one takes memory. */
#define COMMANDS_MAX 48u
#define COMMAND_MAX 512u

struct code_deed {
	int64_t line;
	struct updates_command what;
	struct text evidence;
};

struct code_updater {
	struct updates *u;
	struct code_deed *v;
	unsigned n, ncommands;
	bool installs;
};

static void add_deed(struct code_updater *c, const struct taint_call *call, struct updates_command what)
{
	struct text evidence = text_of(call->from, (size_t)(call->to - call->from));
	for (unsigned i = 0; i < c->n; i++)
		if (c->v[i].evidence.p == evidence.p && c->v[i].what.deed == what.deed)
			return;
	c->installs |= what.deed == DEED_FLASH || what.deed == DEED_UPDATE;
	if (c->n < DEEDS_MAX)
		c->v[c->n++] = (struct code_deed){ call->line, what, evidence };
}

/* ---- commands ---- */

/* Programs of vendors that write what they are given. */
static bool is_flasher(struct text program)
{
	static const char *const names[] = { "fwupgrade",        "fw_upgrade",      "fw-upgrade",  "fwupdate",
										 "fw_update",        "fw-update",       "fwup",        "firmware_upgrade",
										 "upgrade_firmware", "firmwareupgrade", "fw_flash",    "flash_firmware",
										 "firmware_update",  "update_firmware", "flash_image", "upgrade_fw" };
	if (text_ends(program, ".sh"))
		program.n -= 3;
	for (size_t i = 0; program.p && i < COUNT(names); i++)
		if (program.n == strlen(names[i]) && strncasecmp(program.p, names[i], program.n) == 0)
			return true;
	return false;
}

/* A checksum that is shown is no check: `md5sum -c` is one, and one whose answer a condition asks for. */
static bool is_check(const struct taint *e, const struct script_command *s)
{
	for (unsigned i = 1; i < s->argc; i++)
		if (s->argv[i].p && (text_is(s->argv[i], "-c") || text_is(s->argv[i], "--check")))
			return true;
	return e->condition;
}

/* /bin/sh -c, whose argument is the command. */
static struct text without_shell(struct text command)
{
	static const char *const shells[] = { "/bin/sh -c ", "sh -c ", "/bin/ash -c ", "/bin/bash -c " };
	for (size_t i = 0; i < COUNT(shells); i++)
		if (text_starts(command, shells[i]))
			return shell_unquoted(shell_trim(text_of(command.p + strlen(shells[i]), command.n - strlen(shells[i]))));
	return command;
}

/* A quick look before it is read: whether a program of updates_judge() may be in it. */
static bool may_matter(struct text command)
{
	static const char *const words[] = { "wget",  "curl", "fetch", "ftp",    "aria2c", "axel",  "scp",    "sum",
										 "crc32", "md5",  "sign",  "ssl",    "gpg",    "ucert", "mtd",    "flash",
										 "nand",  "ubi",  "dd ",   "cat ",   "up",     "rauc",  "mender", "opkg",
										 "apt",   "apk",  "dnf",   "ostree", "yum" };
	for (size_t i = 0; i < COUNT(words); i++)
		if (memmem(command.p, command.n, words[i], strlen(words[i])))
			return true;
	return false;
}

static void take_command(void *context, const struct taint *e, const struct taint_call *call, struct text command)
{
	struct code_updater *c = context;
	struct deeds d;
	command = without_shell(command);
	if (!command.n || command.n > COMMAND_MAX || !may_matter(command))
		return;
	if (c->ncommands++ == COMMANDS_MAX)
		emit_damage_at(c->u->sink, ERR_BUDGET, UINT64_MAX, "of a program only the first %u commands are read",
					   COMMANDS_MAX);
	if (c->ncommands > COMMANDS_MAX || !updates_read_deeds(c->u, command, call->line, &d))
		return;
	for (unsigned i = 0; i < d.script->ncommands; i++) {
		const struct script_command *s = &d.script->commands[i];
		struct startup_program p = startup_program(s->argv, s->argc);
		struct updates_command what = d.v[i];
		if (what.deed == DEED_UNKNOWN && is_flasher(text_base(p.program)))
			what = (struct updates_command){ .deed = DEED_UPDATE, .value = text_base(p.program) };
		if (what.deed >= DEED_FETCH && (what.deed != DEED_CHECKSUM || is_check(e, s)))
			add_deed(c, call, what);
	}
}

/* ---- calls ---- */

/* The path, or its end from a "." on. */
static bool is_call_of(struct text path, const char *name)
{
	size_t n = strlen(name);
	return text_ends(path, name) && (path.n == n || path.p[path.n - n - 1] == '.');
}

/* The arguments as the words of a command, from `first` on; p == NULL: there is none, or it is too long. */
static struct text words_of(const struct code_updater *c, const struct taint_call *call, unsigned first)
{
	char *out = arena_alloc(c->u->subject->arena, COMMAND_MAX, 1);
	size_t n = 0;
	for (unsigned i = first; out && i < call->n; i++) {
		struct text t = call->arguments[i].value.text.p ? call->arguments[i].value.text : TEXT_LIT("$_");
		if (call->arguments[i].keyword.n)
			continue;
		if (n + t.n + 1 > COMMAND_MAX)
			return TEXT_NONE;
		memcpy(out + n, t.p, t.n);
		n += t.n;
		out[n++] = ' ';
	}
	return n ? text_of(out, n - 1) : TEXT_NONE;
}

/* What runs a program with its arguments, without a shell. */
static bool take_exec(struct code_updater *c, const struct taint *e, struct text path, const struct taint_call *call)
{
	static const char *const names[] = { "nixio.exec",
										 "nixio.execp",
										 "nixio.exece",
										 "luci.sys.process.exec",
										 "sys.process.exec",
										 "pcntl_exec",
										 "subprocess.call",
										 "subprocess.run",
										 "subprocess.Popen",
										 "subprocess.check_call",
										 "subprocess.check_output",
										 "os.execv",
										 "os.execvp" };
	static const char *const perl[] = { "system", "exec" };
	bool is = false;
	for (size_t i = 0; i < COUNT(names); i++)
		is |= is_call_of(path, names[i]);
	for (size_t i = 0; e->file->language == LANGUAGE_PERL && call->n > 1 && i < COUNT(perl); i++)
		is |= text_is(path, perl[i]);
	if (is)
		take_command(c, e, call, words_of(c, call, text_starts(path, "os.exec") ? 1 : 0));
	return is;
}

/* The scheme of an address anywhere in the text. */
static struct text scheme_in(struct text t)
{
	const char *at = t.n ? memmem(t.p, t.n, "://", 3) : NULL;
	size_t to = at ? (size_t)(at - t.p) : 0, from = to;
	while (from > 0 && ((t.p[from - 1] | 0x20) >= 'a' && (t.p[from - 1] | 0x20) <= 'z'))
		from--;
	return to - from > 1 ? text_of(t.p + from, to - from) : TEXT_NONE;
}

/* What brings something from elsewhere. `always`: also where the address is not known; the others read files, too. */
static const struct code_fetch {
	enum script_language language;
	const char *name;
	unsigned argument;
	bool always;
	const char *scheme;
} fetches[] = {
	{ LANGUAGE_LUA, "http.request", 0, false, NULL },
	{ LANGUAGE_LUA, "https.request", 0, false, "https" },
	{ LANGUAGE_LUA, "httpclient.request_to_file", 0, true, NULL },
	{ LANGUAGE_LUA, "httpclient.request_to_buffer", 0, false, NULL },
	{ LANGUAGE_PHP, "file_get_contents", 0, false, NULL },
	{ LANGUAGE_PHP, "fopen", 0, false, NULL },
	{ LANGUAGE_PHP, "copy", 0, false, NULL },
	{ LANGUAGE_PHP, "curl_init", 0, false, NULL },
	{ LANGUAGE_PHP, "ftp_get", 0, true, "ftp" },
	{ LANGUAGE_PHP, "ftp_fget", 0, true, "ftp" },
	{ LANGUAGE_PYTHON, "urllib.request.urlopen", 0, false, NULL },
	{ LANGUAGE_PYTHON, "urllib.request.urlretrieve", 0, true, NULL },
	{ LANGUAGE_PYTHON, "urllib.urlretrieve", 0, true, NULL },
	{ LANGUAGE_PYTHON, "urllib2.urlopen", 0, false, NULL },
	{ LANGUAGE_PYTHON, "requests.get", 0, false, NULL },
	{ LANGUAGE_PERL, "getstore", 0, true, NULL },
	{ LANGUAGE_PERL, "mirror", 0, false, NULL },
};

static void take_fetch(struct code_updater *c, const struct taint *e, struct text path, const struct taint_call *call)
{
	for (size_t i = 0; i < COUNT(fetches); i++) {
		const struct code_fetch *f = &fetches[i];
		if (f->language != e->file->language || !is_call_of(path, f->name) || f->argument >= call->n)
			continue;
		struct text scheme = scheme_in(call->arguments[f->argument].value.text);
		bool local = text_is(scheme, "php") || text_is(scheme, "file") || text_is(scheme, "data");
		if (local || (!scheme.p && !f->always))
			return;
		add_deed(c, call,
				 (struct updates_command){ .deed = DEED_FETCH, .value = scheme.p ? scheme : text_c(f->scheme) });
		return;
	}
}

/* curl_setopt(handle, option, value) */
static void take_curl_option(struct code_updater *c, const struct taint_call *call)
{
	struct text option = call->n == 3 ? call->arguments[1].value.path : TEXT_NONE;
	struct text value = call->n == 3 ? call->arguments[2].value.text : TEXT_NONE;
	if (text_is(option, "CURLOPT_URL") && scheme_in(value).p)
		add_deed(c, call, (struct updates_command){ .deed = DEED_FETCH, .value = scheme_in(value) });
	bool off = text_is(value, "0") || (value.n == 5 && strncasecmp(value.p, "false", 5) == 0);
	if (off && (text_is(option, "CURLOPT_SSL_VERIFYPEER") || text_is(option, "CURLOPT_SSL_VERIFYHOST")))
		add_deed(c, call, (struct updates_command){ .deed = DEED_HARMLESS, .unchecked = true });
}

static void take_verification(struct code_updater *c, const struct taint *e, struct text path,
							  const struct taint_call *call)
{
	static const struct {
		enum script_language language;
		const char *name;
		enum updates_deed deed;
	} known[] = {
		{ LANGUAGE_PHP, "openssl_verify", DEED_SIGNATURE },
		{ LANGUAGE_PHP, "openssl_pkcs7_verify", DEED_SIGNATURE },
		{ LANGUAGE_PHP, "openssl_cms_verify", DEED_SIGNATURE },
		{ LANGUAGE_PHP, "sodium_crypto_sign_verify_detached", DEED_SIGNATURE },
		{ LANGUAGE_PHP, "gnupg_verify", DEED_SIGNATURE },
		{ LANGUAGE_PHP, "md5_file", DEED_CHECKSUM },
		{ LANGUAGE_PHP, "sha1_file", DEED_CHECKSUM },
		{ LANGUAGE_PHP, "hash_file", DEED_CHECKSUM },
		{ LANGUAGE_LUA, "crypto.verify", DEED_SIGNATURE },
		{ LANGUAGE_PYTHON, "rsa.verify", DEED_SIGNATURE },
		{ LANGUAGE_PYTHON, "verify_file", DEED_SIGNATURE },
	};
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].language == e->file->language && is_call_of(path, known[i].name) &&
			(known[i].deed == DEED_SIGNATURE || e->condition))
			add_deed(c, call, (struct updates_command){ .deed = known[i].deed });
}

static void take_call(void *context, const struct taint *e, struct text path, const struct taint_call *call)
{
	struct code_updater *c = context;
	if (!path.n || take_exec(c, e, path, call))
		return;
	take_fetch(c, e, path, call);
	take_verification(c, e, path, call);
	if (text_is(path, "curl_setopt"))
		take_curl_option(c, call);
}

static void emit_unchecked(struct updates *u, const struct code_deed *d)
{
	updates_emit_at(u, FACT_NULL, d->line, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), d->evidence);
}

bool updates_code(struct updates *u)
{
	struct scripts_file file;
	struct text source;
	struct code_updater c = { .u = u, .v = ARENA_ARRAY(u->subject->arena, struct code_deed, DEEDS_MAX) };
	const struct taint_watch watch = { &c, take_command, take_call };
	if (!scripts_open(&file, u->subject, u->sink, &source) || file.language == LANGUAGE_SHELL)
		return false;
	if (!c.v || file.library || source.n > UPDATES_SCRIPT_MAX)
		return true;
	file.watch = &watch;
	scripts_code(&file, source);
	for (unsigned i = 0; c.installs && i < c.n; i++) {
		if (c.v[i].what.deed != DEED_HARMLESS)
			updates_emit_deed(u, c.v[i].line, c.v[i].evidence, &c.v[i].what);
		else
			emit_unchecked(u, &c.v[i]);
	}
	return true;
}
