/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts: who may log in, with which hash, and which of the passwords are known.
 *
 * Formats: passwd(5), shadow(5), FreeBSD's master.passwd(5), Apache's htpasswd and htdigest files, mosquitto_passwd(1),
 * sshd(8) section AUTHORIZED_KEYS FILE FORMAT. */
#include "inspect/inspect.h"
#include "inspect/password.h"
#include "inspect/password_memo.h"

#define FILE_MAX ((size_t)16 << 20)
#define LINES_MAX 100000u
#define FIELDS_MAX 12u
#define USER_MAX 64u
/* No password and no hash of a web server is longer. */
#define WEB_FIELD_MAX 512u
/* Hashes of a file that are guessed, each once; further ones are beyond the budget. */
#define ANSWERS_MAX 64u
/* Of a slow hash so many passwords are tried, where they fit into the file's budget: what a distribution makes by default
 * (yescrypt) would else be tried three times. */
#define SLOW_GUESSES 16u
/* Of a key's base 64: the length of its type's name, and some of that. A placeholder like AAAA... has less. */
#define KEY_MIN 8u

enum account_file {
	FILE_OTHER,
	FILE_PASSWD,
	FILE_SHADOW,
	FILE_WEB,       /* named as a password file of a web server */
	FILE_PASSWORDS, /* named as something with passwords: a broker's file, or a script, or a word list */
	FILE_KEYS,
};

/* What a line of user:password must look like to be taken. */
enum web_grammar {
	WEB_NONE, /* the file has no such lines */
	WEB_HASH, /* with a hash that is recognised */
	WEB_ANY,  /* the password may stand there as it is, or be absent */
};

struct answer {
	enum password_scheme scheme;
	struct text hash, user;
	int64_t line;
	struct password_finding finding;
};

struct reading {
	const struct subject *subject;
	struct sink *sink;
	enum account_file kind;
	enum web_grammar web;
	uint64_t budget; /* left for this file's hashes */
	struct answer answers[ANSWERS_MAX];
	size_t nanswers;
	int64_t line;
	bool any; /* a row was emitted */
};

/* By the file's name; whether a line is one of an account file its grammar decides. */
static enum account_file kind_of(struct text path)
{
	struct text base = text_base(path);
	if (text_ends(base, ".example")) /* documentation of a package: nothing reads it */
		return FILE_OTHER;
	if (text_starts(base, "authorized_keys"))
		return FILE_KEYS;
	if (text_has(base, "gshadow"))
		return FILE_OTHER;
	if (text_has(base, "htpasswd") || text_has(base, "htdigest") || text_is(base, "httpd.passwd"))
		return FILE_WEB;
	if (text_has(base, "shadow"))
		return FILE_SHADOW;
	if (text_has(base, "passwd"))
		return FILE_PASSWD;
	bool named = text_has(base, "pwfile") || text_has(base, "password") || text_has(base, "lighttpd.user");
	return named ? FILE_PASSWORDS : FILE_OTHER;
}

/* ---- lines and fields ---- */

struct lines {
	struct span rest;
	int64_t number; /* of the line that next_line() gave */
};

static bool next_line(struct lines *l, struct text *line)
{
	if (l->rest.n == 0)
		return false;
	const uint8_t *end = memchr(l->rest.p, '\n', l->rest.n);
	size_t n = end ? (size_t)(end - l->rest.p) : l->rest.n;
	*line = text_of((const char *)l->rest.p, n);
	if (n && line->p[n - 1] == '\r')
		line->n--;
	l->rest = span_from(l->rest, n + (end != NULL));
	l->number++;
	return true;
}

struct fields {
	struct text v[FIELDS_MAX];
	size_t n;
};

static struct fields split(struct text line)
{
	struct fields f = { .n = 0 };
	for (;;) {
		const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
		bool last = !colon || f.n == FIELDS_MAX - 1;
		size_t n = last ? line.n : (size_t)(colon - line.p);
		f.v[f.n++] = text_of(line.p, n);
		if (last)
			return f;
		line = text_of(line.p + n + 1, line.n - n - 1);
	}
}

/* A decimal number of 32 bits, or FACT_NULL. */
static int64_t number(struct text t)
{
	int64_t v = 0;
	if (t.n == 0 || t.n > 10)
		return FACT_NULL;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return FACT_NULL;
		v = v * 10 + (t.p[i] - '0');
	}
	return v <= UINT32_MAX ? v : FACT_NULL;
}

/* No lookups of NIS (+name), comments, blanks, control characters, punctuation of programs. */
static bool is_user(struct text t)
{
	if (t.n == 0 || t.n > USER_MAX || t.p[0] == '+' || t.p[0] == '-' || t.p[0] == '#')
		return false;
	for (size_t i = 0; i < t.n; i++)
		if ((unsigned char)t.p[i] <= ' ' || t.p[i] == 0x7f || strchr("/\"'<>()[]{}=;,", t.p[i]))
			return false;
	return true;
}

/* ---- password fields ---- */

static bool is_recognised(const struct password_hash *hash)
{
	return hash->scheme != PASSWORD_PLAINTEXT && hash->scheme != PASSWORD_UNKNOWN;
}

/* A password that was not found for one user may be the name of another. */
static const struct answer *find_answer(const struct reading *r, const struct password_hash *hash, struct text user)
{
	for (size_t i = 0; i < r->nanswers; i++) {
		const struct answer *a = &r->answers[i];
		bool same = a->scheme == hash->scheme && text_eq(a->hash, hash->text);
		if (same && (a->finding.password.p || text_eq(a->user, user)))
			return a;
	}
	return NULL;
}

static struct password_finding guess(struct reading *r, const struct password_hash *hash, struct text user)
{
	const struct answer *known = find_answer(r, hash, user);
	struct password_finding finding = known ? known->finding : (struct password_finding){ .tried = NULL };
	if (known && finding.password.p && !text_eq(known->user, user)) /* it may be the name of the other user */
		finding.source = text_c(arena_printf(r->subject->arena, "same hash as in line %lld", (long long)known->line));
	if (known)
		return finding;
	uint64_t slow = hash->cost <= PASSWORD_FILE_BUDGET / SLOW_GUESSES ? SLOW_GUESSES * hash->cost : 0;
	uint64_t wanted = slow > PASSWORD_HASH_BUDGET ? slow : PASSWORD_HASH_BUDGET;
	uint64_t budget = r->budget < wanted ? r->budget : wanted;
	bool full = r->nanswers == ANSWERS_MAX;
	finding = password_memo_guess(r->subject->memo, hash, user, full ? 0 : budget, r->subject->arena);
	r->budget -= finding.spent;
	if (finding.spent)
		r->answers[r->nanswers++] = (struct answer){ hash->scheme, hash->text, user, r->line, finding };
	return finding;
}

static void take_hash(struct reading *r, struct fact_account *a, const struct password_hash *hash)
{
	struct password_finding finding = guess(r, hash, a->user);
	a->hash_scheme = text_c(password_scheme_name(hash->scheme));
	a->salt_length = hash->salt_length;
	a->password = finding.password;
	a->password_source = finding.source;
	a->tried = text_c(finding.tried);
}

/* Marks that are no result of crypt(3), and are there to lock the account: shadow(5), and Solaris, BSD, Debian. */
static bool is_lock_mark(struct text field)
{
	static const char *const marks[] = { "*",    "!",  "!!", "!*",        "*LK*",    "*NP*",    "LK",
		                                 "NP",   "UP", "x",  "*NOLOGIN*", "NOLOGIN", "nologin", "*locked*" };
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (text_is(field, marks[i]))
			return true;
	return false;
}

/* What stands behind a mark, as `passwd -l` leaves it there. */
static struct text behind_lock(struct text field)
{
	size_t skip = text_starts(field, "*LK*") ? 4 : 0;
	while (skip < field.n && (field.p[skip] == '!' || field.p[skip] == '*'))
		skip++;
	return text_of(field.p + skip, field.n - skip);
}

static void take_password(struct reading *r, struct fact_account *a, struct text field)
{
	a->hash = field;
	if (field.n == 0) {
		a->state = TEXT_LIT("empty");
		return;
	}
	if (r->kind == FILE_PASSWD && (text_is(field, "x") || text_starts(field, "##"))) {
		a->state = TEXT_LIT("shadowed");
		return;
	}
	bool mark = is_lock_mark(field);
	struct text rest = behind_lock(field);
	bool locked = mark || rest.n < field.n;
	a->state = locked ? TEXT_LIT("locked") : TEXT_LIT("set");
	if (mark)
		return;
	struct password_hash hash = password_hash_read(rest);
	if (hash.scheme == PASSWORD_PLAINTEXT) {
		/* crypt(3) gives no such thing: a word that locks, or the password of a login that compares in its own way */
		a->state = locked ? a->state : TEXT_NONE;
		a->hash_scheme = TEXT_LIT("unknown");
		a->tried = TEXT_LIT("unsupported");
	} else {
		take_hash(r, a, &hash);
	}
}

static struct fact_account account_at(const struct reading *r, const char *source, struct text user)
{
	return (struct fact_account){ .line = r->line, .source = text_c(source), .user = user, .uid = FACT_NULL,
		                          .salt_length = FACT_NULL };
}

static void emit(struct reading *r, const struct fact_account *a)
{
	emit_account(r->sink, a);
	r->any = true;
}

/* ---- passwd(5) and shadow(5) ---- */

/* Ten fields are those of master.passwd(5): class, change and expire stand before the name. */
static void passwd_line(struct reading *r, const struct fields *f)
{
	if (f->n < 7 || !is_user(f->v[0]) || number(f->v[2]) == FACT_NULL || number(f->v[3]) == FACT_NULL)
		return;
	bool bsd = f->n == 10 && number(f->v[5]) != FACT_NULL && number(f->v[6]) != FACT_NULL;
	struct fact_account a = account_at(r, "passwd", f->v[0]);
	a.uid = number(f->v[2]);
	a.shell = f->v[bsd ? 9 : 6];
	take_password(r, &a, f->v[1]);
	emit(r, &a);
}

/* Vendors leave out the last fields. What is left must still not be a line of a text about shadows. */
static bool is_shadow_line(const struct reading *r, const struct fields *f)
{
	if (f->n < 2 || f->n > 9 || !is_user(f->v[0]))
		return false;
	for (size_t i = 2; i < f->n; i++)
		if (f->v[i].n && number(f->v[i]) == FACT_NULL && !text_is(f->v[i], "-1"))
			return false;
	struct text base = text_base(r->subject->path), field = f->v[1];
	if (f->n == 9 || (f->n > 2 && f->v[2].n) || text_is(base, "shadow") || text_is(base, "shadow-"))
		return true;
	struct password_hash hash = password_hash_read(behind_lock(field));
	return is_lock_mark(field) || is_recognised(&hash);
}

static void shadow_line(struct reading *r, const struct fields *f)
{
	if (!is_shadow_line(r, f))
		return;
	struct fact_account a = account_at(r, "shadow", f->v[0]);
	take_password(r, &a, f->v[1]);
	emit(r, &a);
}

/* ---- password files of web servers and brokers ---- */

static bool is_password_text(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if ((unsigned char)t.p[i] < ' ' || t.p[i] == 0x7f)
			return false;
	return t.n <= WEB_FIELD_MAX && !text_starts(t, " ");
}

/* user:password, or user:realm:digest of htdigest; the strictest grammar that the line meets. */
static enum web_grammar web_line_meets(const struct fields *f, struct password_hash *hash)
{
	if ((f->n != 2 && f->n != 3) || !is_user(f->v[0]) || !is_password_text(f->v[f->n - 1]))
		return WEB_NONE;
	*hash = f->n == 3 ? password_htdigest(f->v[0], f->v[1], f->v[2]) : password_hash_read(f->v[1]);
	if (is_recognised(hash))
		return WEB_HASH;
	return f->n == 2 ? WEB_ANY : WEB_NONE;
}

static void web_line(struct reading *r, const struct fields *f)
{
	struct password_hash hash;
	enum web_grammar meets = web_line_meets(f, &hash);
	if (meets == WEB_NONE || meets > r->web)
		return;
	struct fact_account a = account_at(r, "htpasswd", f->v[0]);
	a.state = hash.text.n ? TEXT_LIT("set") : TEXT_LIT("empty");
	a.hash = hash.text;
	if (hash.text.n)
		take_hash(r, &a, &hash);
	emit(r, &a);
}

/* A plain word behind a colon stands in many a text: it is a password only in a file of such lines, and only where
 * the name says so. Under any other name all lines must have hashes. */
static enum web_grammar web_grammar_of(const struct subject *s, enum account_file kind)
{
	struct lines l = { .rest = s->bytes };
	struct text line;
	enum web_grammar needed = WEB_NONE;
	while (next_line(&l, &line)) {
		struct password_hash hash;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		struct fields f = split(line);
		enum web_grammar meets = web_line_meets(&f, &hash);
		if (meets == WEB_NONE || (meets == WEB_ANY && kind != FILE_WEB))
			return kind == FILE_WEB ? WEB_HASH : WEB_NONE;
		needed = meets > needed ? meets : needed;
	}
	return needed;
}

/* ---- authorized_keys ---- */

/* Whose keys they are: those in /home/USER/.ssh are USER's, those of dropbear root's. */
static struct text owner_of_keys(struct text path)
{
	struct text folder = text_of(path.p, path.n - text_base(path).n);
	if (text_ends(folder, "/etc/dropbear/"))
		return TEXT_LIT("root");
	if (!text_ends(folder, "/.ssh/"))
		return TEXT_NONE;
	struct text owner = text_base(text_of(folder.p, folder.n - strlen("/.ssh/")));
	return owner.n ? owner : TEXT_NONE;
}

static struct text skip_blanks(struct text t)
{
	size_t i = 0;
	while (i < t.n && (t.p[i] == ' ' || t.p[i] == '\t'))
		i++;
	return text_of(t.p + i, t.n - i);
}

/* What stands behind the options, which may hold quoted blanks. */
static struct text skip_options(struct text line)
{
	bool quoted = false;
	size_t i = 0;
	for (; i < line.n && (quoted || (line.p[i] != ' ' && line.p[i] != '\t')); i++)
		if (line.p[i] == '"' && (i == 0 || line.p[i - 1] != '\\'))
			quoted = !quoted;
	return skip_blanks(text_of(line.p + i, line.n - i));
}

static bool is_key_blob(struct text t)
{
	size_t n = 0;
	while (n < t.n && t.p[n] && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", t.p[n]))
		n++;
	return n >= KEY_MIN && text_starts(t, "AAAA");
}

static bool begins_key(struct text t)
{
	static const char *const types[] = { "ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256",
		                                 "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com",
		                                 "sk-ecdsa-sha2-nistp256@openssh.com" };
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t n = strlen(types[i]);
		if (text_starts(t, types[i]) && t.n > n && (t.p[n] == ' ' || t.p[n] == '\t'))
			return is_key_blob(skip_blanks(text_of(t.p + n, t.n - n)));
	}
	return false;
}

/* sshd(8), "AUTHORIZED_KEYS FILE FORMAT": the key runs one command alone, is good from some hosts, or until some day. */
static bool is_restricted(struct text options)
{
	static const char *const words[] = { "command=", "from=", "expiry-time=", "cert-authority" };
	for (size_t at = 0; at < options.n; at++) /* in small letters or not */
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (options.n - at >= strlen(words[i]) && strncasecmp(options.p + at, words[i], strlen(words[i])) == 0)
				return true;
	return false;
}

static void key_line(struct reading *r, struct text line)
{
	line = skip_blanks(line);
	struct text key = begins_key(line) ? line : skip_options(line);
	if (line.n == 0 || line.p[0] == '#' || !begins_key(key))
		return;
	struct fact_account a = account_at(r, "authorized_keys", owner_of_keys(r->subject->path));
	a.hash_scheme = is_restricted(text_of(line.p, (size_t)(key.p - line.p))) ? TEXT_LIT("ssh-key, restricted") : TEXT_LIT("ssh-key");
	a.hash = key;
	a.state = TEXT_LIT("set");
	emit(r, &a);
}

static void read_line(struct reading *r, struct text line)
{
	struct fields f = split(line);
	if (r->kind == FILE_KEYS)
		key_line(r, line);
	else if (r->kind == FILE_SHADOW)
		shadow_line(r, &f);
	else if (r->web != WEB_NONE)
		web_line(r, &f);
	else if (r->kind == FILE_PASSWD)
		passwd_line(r, &f);
}

/* A stray byte makes "data" of a text; a script is none of these files. */
static bool accounts_wants(const struct subject *s)
{
	bool read = strcmp(s->format, "text") == 0 || strcmp(s->format, "data") == 0;
	return read && s->kind == ENTRY_FILE && kind_of(s->path) != FILE_OTHER;
}

static void accounts_run(const struct subject *s, struct sink *sink)
{
	struct subject clipped = *s;
	clipped.bytes = span_clip(s->bytes, 0, FILE_MAX);
	struct reading r = { .subject = &clipped, .sink = sink, .kind = kind_of(s->path), .budget = PASSWORD_FILE_BUDGET };
	if (r.kind != FILE_KEYS && r.kind != FILE_SHADOW)
		r.web = web_grammar_of(&clipped, r.kind);
	struct lines l = { .rest = clipped.bytes };
	struct text line;
	while (l.number < LINES_MAX && next_line(&l, &line)) {
		r.line = l.number;
		read_line(&r, line);
	}
	size_t read = clipped.bytes.n - l.rest.n;
	if (read < s->bytes.n && (r.any || r.kind != FILE_PASSWORDS)) /* a word list is not missed */
		emit_damage_at(sink, ERR_BUDGET, read, "of an account file the first %u lines and %zu bytes are read", LINES_MAX,
		               FILE_MAX);
}

const struct inspector accounts_inspector = {
	.name = "accounts",
	.title = "passwd, shadow, htpasswd and authorized_keys files; passwords that can be guessed",
	.spec = "passwd(5), shadow(5), crypt(5), htpasswd(1), mosquitto_passwd(1), sshd(8) AUTHORIZED_KEYS FILE FORMAT",
	.wants = accounts_wants,
	.run = accounts_run,
};
