/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials that every copy of the image has: keys of clouds, tokens, passwords in scripts, configurations and programs.
 *
 * Nothing is tried over a network: what a candidate shows by itself (a checksum, a structure, a published list) is in the
 * column `proof`, and why one opens nothing in `harmless`. All is driven by the hits of the one scan.
 */
#include "inspect/secrets.h"
#include "inspect/place.h"

#define RULE(kind, prefix, rest, check, good, bad) PATTERN(prefix, PATTERN_LITERAL),
#define RULE_SHORT(kind, prefix, rest, check, head, good, bad) PATTERN(head, PATTERN_REGEX),

/* A name, what may stand behind the word in it, and the operator. */
#define TAIL "[a-zA-Z0-9_.-]{0,16}[\"'\\])]{0,2}[ \\t]{0,8}[=:>,]"
#define NAMED(word) PATTERN(word TAIL, PATTERN_REGEX | PATTERN_CASELESS)
/* <RootPwd val=admin />, <DM name="Pass" val="x"/>, <Value Name="PASSWORD" Value="x"/> */
#define ATTRIBUTE(word) PATTERN(word "[a-z0-9_]{0,8}\"? {1,4}val(?:ue)?=", PATTERN_REGEX | PATTERN_CASELESS)

enum {
	JWT,
	TELEGRAM,
	URL,
	BASIC,
	SHARED_ACCESS,
	ACCOUNT_KEY,
	SAS,
	SERVICE_ACCOUNT,
	OPENVPN,
	PGP,
	BEARER,
	AZURE_AD,
	TERRAFORM,
	WIREGUARD,
	CRYPT,
	PAIRS, /* several */
	DIRECTIVES = PAIRS + 5,
	COMMANDS = DIRECTIVES + 4,
	ATTRIBUTES = COMMANDS + 13,
	NAMES = ATTRIBUTES + 7,
};

static const struct pattern patterns[] = {
#include "inspect/secrets_rules.def"
	PATTERN("eyJ[A-Za-z0-9_-]{10}", PATTERN_REGEX),
	PATTERN("[0-9]{8}:AA[A-Za-z0-9_-]{8}", PATTERN_REGEX),
	PATTERN("://[^\\s/@:\"'<>%]{1,64}:[^\\s/@\"'<>]{2,128}@", PATTERN_REGEX),
	PATTERN("Basic [A-Za-z0-9+/]{8}", PATTERN_REGEX),
	PATTERN("SharedAccessKey=", PATTERN_LITERAL),
	PATTERN("AccountKey=", PATTERN_LITERAL),
	PATTERN("sig=[A-Za-z0-9%/+]{43}", PATTERN_REGEX),
	PATTERN("\"private_key_id\"", PATTERN_LITERAL),
	PATTERN("-----BEGIN OpenVPN Static key V1-----", PATTERN_LITERAL),
	PATTERN("-----BEGIN PGP PRIVATE KEY BLOCK-----", PATTERN_LITERAL),
	PATTERN("Bearer [A-Za-z0-9._~+/-]{20}", PATTERN_REGEX),
	PATTERN("[0-9]Q~[A-Za-z0-9_~.-]{31}", PATTERN_REGEX),
	PATTERN(".atlasv1.", PATTERN_LITERAL),
	PATTERN("(?:Private|Preshared)Key[ \\t]{0,4}=[ \\t]{0,4}[A-Za-z0-9+/]{43}=", PATTERN_REGEX),
	PATTERN("\\$(?:[156y]|2[abxy])\\$[./0-9A-Za-z]{1,16}\\$[./0-9A-Za-z]{22}", PATTERN_REGEX),
	/* pairs of user and password */
	PATTERN("root:", PATTERN_LITERAL),
	PATTERN("admin:", PATTERN_LITERAL),
	PATTERN("guest:", PATTERN_LITERAL),
	PATTERN("support:", PATTERN_LITERAL),
	PATTERN("supervisor:", PATTERN_LITERAL),
	/* directives */
	PATTERN("password ", PATTERN_LITERAL),
	PATTERN("password\t", PATTERN_LITERAL),
	PATTERN("requirepass ", PATTERN_LITERAL),
	PATTERN("masterauth ", PATTERN_LITERAL),
	/* commands */
	PATTERN("sshpass", PATTERN_LITERAL),
	PATTERN("chpasswd", PATTERN_LITERAL),
	PATTERN("curl ", PATTERN_LITERAL),
	PATTERN("wget ", PATTERN_LITERAL),
	PATTERN("ftpput ", PATTERN_LITERAL),
	PATTERN("ftpget ", PATTERN_LITERAL),
	PATTERN("mysql ", PATTERN_LITERAL),
	PATTERN("mysqldump ", PATTERN_LITERAL),
	PATTERN("smbclient ", PATTERN_LITERAL),
	PATTERN("mosquitto_", PATTERN_LITERAL),
	PATTERN("openssl ", PATTERN_LITERAL),
	PATTERN("passwd ", PATTERN_LITERAL),
	PATTERN("lftp ", PATTERN_LITERAL),
	/* attributes of XML */
	ATTRIBUTE("pwd"),
	ATTRIBUTE("passwd"),
	ATTRIBUTE("password"),
	ATTRIBUTE("passphrase"),
	ATTRIBUTE("psk"),
	ATTRIBUTE("secret"),
	ATTRIBUTE("\"pass"),
	/* names */
	NAMED("passw"),
	NAMED("passphrase"),
	NAMED("pwd"),
	NAMED("secret"),
	NAMED("token"),
	NAMED("psk"),
	NAMED("apikey"),
	NAMED("api_key"),
	NAMED("api-key"),
	NAMED("presharedkey"),
	NAMED("pre_shared_key"),
	NAMED("authkey"),
	NAMED("auth_key"),
	NAMED("auzkey"),
	NAMED("access_key"),
	NAMED("accesskey"),
	NAMED("[_.-]pass"),
	NAMED("userpass"),
	NAMED("adminpass"),
	NAMED("rootpass"),
	NAMED("dbpass"),
	PATTERN_END,
};

/* ---- what kind of text ---- */

static bool ends_with_any(struct text t, const char *const *ends)
{
	for (; *ends; ends++)
		if (secrets_ends_nocase(t, *ends))
			return true;
	return false;
}

static bool is_documentation(struct text path)
{
	static const char *const ends[] = { ".pod", ".html.in", ".dist", ".adoc", ".txt.gz", ".info", ".1",
										".3",   ".5",       ".7",    ".8",    ".tex",    NULL };
	struct text base = text_base(path);
	return path_is_documentation(path) || path_is_test(path) || text_has(path, "/doc/") || text_has(path, "/docs/") ||
		   text_starts(base, "README") || text_starts(base, "CHANGE") || text_starts(base, "NEWS") ||
		   text_starts(base, "PKG-INFO") || text_has(base, "_test.") || text_has(base, "Test.") ||
		   ends_with_any(path, ends);
}

/* Source that comes with a language or a distribution, and data that programs do not take for settings. */
static bool is_library(struct text path)
{
	static const char *const parts[] = { "/lib/python",          "/third_party/",       "/_vendor/",
										 "/share/perl",          "/lib/ruby",           "/node_modules/",
										 "/dist-packages/",      "/site-packages/",     "/share/javascript/",
										 "/share/vim/",          "/include/",           "/share/bash-completion/",
										 "/share/zsh/",          "/share/fish/",        "/perl5/",
										 "/perl-base/",          "/share/nmap/",        "/gems/",
										 "/share/zoneinfo/",     "/share/mime/",        "/lib/gcc/",
										 "/src/linux",           "/var/lib/dpkg/info/", "/share/dpkg/",
										 "/share/gtksourceview", "/share/pam",          "/debconf/",
										 "/share/polkit-1/",     "/share/dbus-1/",      "/share/glib-2.0/",
										 "/share/augeas/",       "/share/nano/" };
	static const char *const ends[] = {
		".po",     ".pot",   ".mo",  ".lmo",       ".css",    ".scss",    ".less", ".twig",
		".svg",    ".map",   ".dtd", ".xsd",       ".wsdl",   ".rng",     ".vim",  ".min.js",
		".pyc",    ".xsl",   ".mib", ".templates", ".list",   ".md5sums", ".d.ts", ".h",
		".syntax", ".proto", ".gir", ".vapi",      ".policy", ".desktop", ".pm",   ".bash-completion",
		".awk",    ".sql",   "/command.lst", /* GRUB's commands and their modules */
		NULL
	};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (text_has(path, parts[i]))
			return true;
	struct text base = text_base(path);
	return ends_with_any(path, ends) || text_starts(base, "jquery") || text_starts(base, "bootstrap") ||
		   text_starts(base, "angular") || text_has(path, "/dict");
}

static bool is_code(struct text path)
{
	static const char *const ends[] = { ".py",    ".pl",   ".rb",  ".js",    ".mjs", ".lua", ".php",  ".inc",
										".c",     ".cc",   ".cpp", ".java",  ".go",  ".ts",  ".html", ".htm",
										".asp",   ".aspx", ".jsp", ".jsx",   ".tcl", ".cs",  ".kt",   ".vue",
										".shtml", ".stm",  ".cgi", ".swift", ".m",   ".el",  ".scm",  ".ut",
										".uc",    ".exp",  ".r",   ".tpl",   ".ejs", NULL };
	return ends_with_any(path, ends);
}

static enum secrets_place script_place(struct span bytes)
{
	struct text line = text_from_span(span_clip(bytes, 0, 80));
	const char *end = memchr(line.p, '\n', line.n);
	if (end)
		line.n = (size_t)(end - line.p);
	static const char *const others[] = { "python", "perl", "lua",   "php",  "node",  "ruby", "tclsh",
										  "expect", "awk",  "ucode", "make", "guile", "wish" };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (text_has(line, others[i]))
			return SECRETS_CODE;
	return SECRETS_SHELL;
}

/* A manual's page or an Info file, which keeps nothing of its name when it was compressed. */
static bool is_manual(struct span bytes)
{
	struct span head = span_clip(bytes, 0, 2048);
	return span_starts(head, "This is ", 8) || span_starts(head, ".TH ", 4) || span_starts(head, ".\\\"", 3) ||
		   span_starts(head, "'\\\"", 3) ||
		   (head.n && (memmem(head.p, head.n, "\n.TH ", 5) || memmem(head.p, head.n, "\n.Dd ", 5)));
}

static enum secrets_place secrets_place_of(const struct subject *subject)
{
	struct text path = subject->path;
	bool script = strcmp(subject->format, "script") == 0;
	bool text = script || strcmp(subject->format, "text") == 0;
	if (subject->kind == ENTRY_STREAM && is_manual(subject->bytes))
		return SECRETS_DOCUMENTATION;
	if (subject->kind == ENTRY_STREAM &&
		!text_starts(path, "/")) /* compressed within something: nothing tells whose it is */
		return text ? SECRETS_CODE : SECRETS_BINARY;
	if (is_documentation(path))
		return SECRETS_DOCUMENTATION;
	if (is_library(path))
		return SECRETS_LIBRARY;
	if (!text)
		return SECRETS_BINARY;
	if (is_code(path))
		return SECRETS_CODE;
	if (script)
		return script_place(subject->bytes);
	if (text_ends(path, ".sh") || text_has(path, "/init.d/") || text_has(path, "/rc.d/") || text_ends(path, "/rcS"))
		return SECRETS_SHELL;
	return SECRETS_CONFIG;
}

/* ---- emitting ---- */

uint64_t secrets_offset(const struct secrets *s, struct text t)
{
	return (uint64_t)((const uint8_t *)t.p - s->subject->bytes.p);
}

static bool is_printable(uint8_t c)
{
	return c >= ' ' && c < 0x7f;
}

static struct text printable_around(struct span bytes, uint64_t at)
{
	uint64_t from = at, to = at;
	while (from > 0 && at - from < SECRET_TEXT_MAX && is_printable(bytes.p[from - 1]))
		from--;
	while (to < bytes.n && to - at < SECRET_TEXT_MAX && is_printable(bytes.p[to]))
		to++;
	return text_from_span(span_sub(bytes, from, to - from));
}

struct text secrets_line(const struct secrets *s, uint64_t at)
{
	struct span bytes = s->subject->bytes;
	if (s->place == SECRETS_BINARY || at > bytes.n)
		return printable_around(bytes, at);
	uint64_t low = at > SECRET_TEXT_MAX ? at - SECRET_TEXT_MAX : 0;
	struct span before = span_sub(bytes, low, at - low), after = span_clip(bytes, at, SECRET_TEXT_MAX);
	const uint8_t *begin = before.n ? memrchr(before.p, '\n', before.n) : NULL;
	const uint8_t *end = after.n ? memchr(after.p, '\n', after.n) : NULL;
	uint64_t from = begin ? low + (uint64_t)(begin - before.p) + 1 : low;
	return text_from_span(span_sub(bytes, from, at - from + (end ? (uint64_t)(end - after.p) : after.n)));
}

static bool is_text(const struct secrets *s)
{
	return strcmp(s->subject->format, "text") == 0 || strcmp(s->subject->format, "script") == 0;
}

/* The line of an offset; hits come nearly in order. */
static int64_t line_of(struct secrets *s, uint64_t at)
{
	const uint8_t *p = s->subject->bytes.p;
	if (!is_text(s))
		return FACT_NULL;
	if (at > s->subject->bytes.n)
		at = s->subject->bytes.n;
	for (; s->line_at < at; s->line_at++)
		s->line += p[s->line_at] == '\n';
	for (; s->line_at > at; s->line_at--)
		s->line -= p[s->line_at - 1] == '\n';
	return s->line;
}

static uint64_t digest(uint64_t h, struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		h = (h ^ (uint8_t)t.p[i]) * 0x100000001b3u;
	return h;
}

/* The same value in the same blob is one credential, whoever found it first. */
static bool is_repeated(struct secrets *s, struct text value)
{
	uint64_t h = digest(0xcbf29ce484222325u, value);
	for (size_t i = 0; i < s->nseen; i++)
		if (s->seen[i] == h)
			return true;
	s->seen[s->nseen++] = h;
	return false;
}

/* What a library's author shows how to use, and what nobody writes for show. */
static bool is_specific(const char *kind)
{
	return strcmp(kind, "jwt") != 0 && strcmp(kind, "basic-auth") != 0 && strcmp(kind, "url-password") != 0;
}

void secrets_emit(struct secrets *s, const struct secret *found)
{
	if (s->full || !found->value.n || is_repeated(s, found->value))
		return;
	if (s->nseen == SECRETS_MAX) {
		s->full = true;
		emit_damage_at(s->sink, ERR_BUDGET, found->at, "more than %u credentials in one file", SECRETS_MAX);
	}
	const char *harmless = found->harmless ? found->harmless : NULL;
	bool proven = found->proof && strcmp(found->proof, "checksum") == 0;
	if (!harmless && !proven)
		harmless = secrets_harmless(found->value);
	if (!harmless && !proven && s->place == SECRETS_DOCUMENTATION)
		harmless = "documentation example";
	if (!harmless && s->place == SECRETS_LIBRARY && !is_specific(found->kind))
		harmless = "in the source of a library";
	emit_secret(s->sink, &(struct fact_secret){
							 .offset = (int64_t)found->at,
							 .line = line_of(s, found->at),
							 .kind = text_c(found->kind),
							 .name = found->name.n ? found->name : TEXT_NONE,
							 .value = found->value,
							 .proof = text_c(found->proof),
							 .confidence = text_c(found->confidence ? found->confidence : "likely"),
							 .harmless = text_c(harmless ? harmless : ""),
						 });
}

/* ---- driving ---- */

static void special_hit(struct secrets *s, size_t which, const struct hit *h)
{
	switch (which) {
	case JWT:
		secrets_jwt(s, h->to - 13);
		break;
	case TELEGRAM:
		secrets_telegram(s, h->to - 11);
		break;
	case URL:
		secrets_url(s, h->to);
		break;
	case BASIC:
		secrets_basic(s, h->to);
		break;
	case SHARED_ACCESS:
		secrets_azure(s, h->to, "azure-shared-access-key");
		break;
	case ACCOUNT_KEY:
		secrets_azure(s, h->to, "azure-storage-key");
		break;
	case SAS:
		secrets_sas(s, h->to - 43);
		break;
	case SERVICE_ACCOUNT:
		secrets_service_account(s, h->from);
		break;
	case OPENVPN:
		secrets_openvpn(s, h->to);
		break;
	case PGP:
		secrets_pgp(s, h->from);
		break;
	case BEARER:
		secrets_bearer(s, h->to - 20);
		break;
	case AZURE_AD:
		if (h->to >= 37)
			secrets_around(s, h->to - 37, h->to, "azure-client-secret");
		break;
	case TERRAFORM:
		secrets_around(s, h->from - (h->from < 14 ? h->from : 14), h->to, "terraform-token");
		break;
	case CRYPT:
		secrets_crypt(s, h->to);
		break;
	default:
		secrets_wireguard(s, h->to);
	}
}

/* Where a rule's prefix begins, given a hit: of an expression for its head, eight characters before the end. */
#undef RULE
#undef RULE_SHORT
#define RULE(kind, prefix, rest, check, good, bad) 0,
#define RULE_SHORT(kind, prefix, rest, check, head, good, bad) sizeof(prefix) - 1 + 8,
static const uint8_t heads[] = {
#include "inspect/secrets_rules.def"
};

static void take_hit(struct secrets *s, const struct hit *h)
{
	if (h->pattern < secrets_nrules) {
		secrets_rule(s, h->pattern, heads[h->pattern] ? h->to - heads[h->pattern] : h->from);
		return;
	}
	size_t which = h->pattern - secrets_nrules;
	if (which < PAIRS)
		special_hit(s, which, h);
	else if (which < DIRECTIVES)
		secrets_pair(s, h->from, h->to);
	else if (which < COMMANDS)
		secrets_directive(s, h->from, h->to);
	else if (which < ATTRIBUTES)
		secrets_command(s, h->from);
	else if (which < NAMES)
		secrets_attribute(s, h->to);
	else
		secrets_assignment(s, h->to);
}

static bool wants(const struct subject *s)
{
	return s->kind != ENTRY_SYMLINK && (s->nhits > 0 || secrets_file_wants(s));
}

static void run(const struct subject *subject, struct sink *sink)
{
	struct secrets s = {
		.subject = subject,
		.sink = sink,
		.place = secrets_place_of(subject),
		.line = 1,
		.seen = ARENA_ARRAY(subject->arena, uint64_t, SECRETS_MAX + 1),
	};
	if (!s.seen)
		return;
	secrets_file(&s);
	/* What says by itself what it is comes first: a name beside it says less. */
	for (unsigned names = 0; names < 2; names++)
		for (size_t i = 0; i < subject->nhits && !s.full; i++)
			if ((subject->hits[i].pattern >= secrets_nrules + NAMES) == names)
				take_hit(&s, &subject->hits[i]);
}

const struct inspector secrets_inspector = {
	.name = "secrets",
	.title = "credentials in every copy: cloud keys, tokens, hard-coded passwords, pre-shared keys",
	.spec =
		"RFC 7519, RFC 7617, RFC 3986 3.2.1; the services' own token formats; the manuals of the programs that read the files",
	.patterns = patterns,
	.wants = wants,
	.run = run,
};
