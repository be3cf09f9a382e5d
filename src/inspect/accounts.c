/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts: who may log in, with which hash, and which of the passwords are known.
 *
 * Formats: passwd(5), shadow(5), FreeBSD's master.passwd(5), Apache's htpasswd and htdigest files, mosquitto_passwd(1),
 * sshd(8) section AUTHORIZED_KEYS FILE FORMAT. */
#include "inspect/inspect.h"
#include "inspect/password.h"

#define FILE_MAX ((size_t)8 << 20)
#define LINES_MAX 20000u
#define FIELDS_MAX 12u
#define USER_MAX 64u
/* Hashes whose answer is kept, so that the same one is not guessed again. */
#define ANSWERS_MAX 64u

enum account_file { FILE_OTHER, FILE_PASSWD, FILE_SHADOW, FILE_WEB, FILE_KEYS };

struct answer {
	struct text hash;
	struct password_finding finding;
};

struct reading {
	const struct subject *subject;
	struct sink *sink;
	enum account_file kind;
	uint64_t budget; /* left for this file's hashes */
	struct answer answers[ANSWERS_MAX];
	size_t nanswers;
	int64_t line;
};

static bool text_has(struct text t, const char *part)
{
	return memmem(t.p, t.n, part, strlen(part)) != NULL;
}

/* By the file's name; whether a line is one of an account file its grammar decides. */
static enum account_file kind_of(struct text path)
{
	struct text base = text_base(path);
	if (text_ends(base, ".example")) /* documentation of a package: nothing reads it */
		return FILE_OTHER;
	if (text_starts(base, "authorized_keys"))
		return FILE_KEYS;
	if (text_has(base, "htpasswd") || text_has(base, "htdigest"))
		return FILE_WEB;
	if (text_has(base, "gshadow"))
		return FILE_OTHER;
	if (text_has(base, "shadow"))
		return FILE_SHADOW;
	bool named = text_has(base, "passwd") || text_has(base, "pwfile") || text_has(base, "password");
	return named ? FILE_PASSWD : FILE_OTHER;
}

/* ---- fields ---- */

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

/* A decimal number, or FACT_NULL. */
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
	return v;
}

/* No lookups of NIS (+name), comments, blanks, control characters. */
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

static struct password_finding *find_answer(struct reading *r, struct text hash)
{
	for (size_t i = 0; i < r->nanswers; i++)
		if (text_eq(r->answers[i].hash, hash))
			return &r->answers[i].finding;
	return NULL;
}

static struct password_finding guess(struct reading *r, const struct password_hash *hash, struct text user)
{
	struct password_finding *known = find_answer(r, hash->text);
	if (known)
		return *known;
	uint64_t budget = r->budget < PASSWORD_HASH_BUDGET ? r->budget : PASSWORD_HASH_BUDGET;
	struct password_finding finding = password_guess(hash, user, budget, r->subject->arena);
	r->budget -= finding.spent;
	if (r->nanswers < ANSWERS_MAX)
		r->answers[r->nanswers++] = (struct answer){ hash->text, finding };
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

/* passwd(5) and shadow(5): what can be no result of crypt(3) locks the account. Only the usual marks are taken for
 * that: some logins compare in ways of their own. */
static bool is_locked(struct text field)
{
	static const char *const marks[] = { "*", "!", "!!", "!*", "*LK*", "*NP*", "LK", "NP", "*NOLOGIN*", "NOLOGIN", "*locked*" };
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (text_is(field, marks[i]))
			return true;
	return false;
}

/* A hash behind a mark, as `passwd -l` leaves it. */
static struct text behind_lock(struct text field)
{
	size_t skip = text_starts(field, "*LK*") ? 4 : 0;
	while (skip < field.n && (field.p[skip] == '!' || field.p[skip] == '*'))
		skip++;
	return text_of(field.p + skip, field.n - skip);
}

static void take_password(struct reading *r, struct fact_account *a, struct text field)
{
	bool is_x = text_is(field, "x");
	a->hash = field;
	if (field.n == 0) {
		a->state = TEXT_LIT("empty");
		return;
	}
	if ((is_x && r->kind == FILE_PASSWD) || text_starts(field, "##")) {
		a->state = TEXT_LIT("shadowed");
		return;
	}
	struct text rest = behind_lock(field);
	bool locked = is_x || is_locked(field) || rest.n < field.n;
	a->state = locked ? TEXT_LIT("locked") : TEXT_LIT("set");
	if (is_x || is_locked(field))
		return;
	struct password_hash hash = password_hash_read(rest);
	if (hash.scheme == PASSWORD_PLAINTEXT) { /* crypt(3) gives no such thing */
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

/* ---- lines ---- */

static void passwd_line(struct reading *r, const struct fields *f)
{
	bool bsd = f->n == 10; /* class, change and expire stand before the name */
	if (f->n < 6 || !is_user(f->v[0]) || number(f->v[2]) == FACT_NULL || number(f->v[3]) == FACT_NULL)
		return;
	struct fact_account a = account_at(r, "passwd", f->v[0]);
	a.uid = number(f->v[2]);
	if (f->n >= 7)
		a.shell = f->v[bsd ? 9 : 6];
	take_password(r, &a, f->v[1]);
	emit_account(r->sink, &a);
}

static void shadow_line(struct reading *r, const struct fields *f)
{
	if (f->n < 3 || f->n > 9 || !is_user(f->v[0]))
		return;
	for (size_t i = 2; i < f->n; i++)
		if (f->v[i].n && number(f->v[i]) == FACT_NULL && !text_is(f->v[i], "-1"))
			return;
	struct fact_account a = account_at(r, "shadow", f->v[0]);
	take_password(r, &a, f->v[1]);
	emit_account(r->sink, &a);
}

/* user:hash of web servers and brokers, or user:realm:hash of htdigest. In a file of another name a plain word behind a
 * colon says nothing. */
static void web_line(struct reading *r, const struct fields *f)
{
	if ((f->n != 2 && f->n != 3) || !is_user(f->v[0]))
		return;
	bool digest = f->n == 3 && f->v[2].n == 32;
	struct password_hash hash = digest ? password_htdigest(f->v[0], f->v[1], f->v[2]) : password_hash_read(f->v[1]);
	if ((f->n == 3 && (!digest || hash.scheme == PASSWORD_UNKNOWN)) || (r->kind != FILE_WEB && hash.scheme == PASSWORD_PLAINTEXT))
		return;
	struct fact_account a = account_at(r, "htpasswd", f->v[0]);
	a.hash = f->v[f->n - 1];
	a.state = a.hash.n ? TEXT_LIT("set") : TEXT_LIT("empty");
	if (a.hash.n)
		take_hash(r, &a, &hash);
	emit_account(r->sink, &a);
}

/* Whose keys they are: /home/USER/.ssh/authorized_keys; /root's and dropbear's are root's. */
static struct text owner_of_keys(struct text path)
{
	if (text_has(path, "/root/") || text_has(path, "/etc/dropbear/"))
		return TEXT_LIT("root");
	struct text folder = text_of(path.p, path.n - text_base(path).n);
	if (!text_ends(folder, "/.ssh/"))
		return TEXT_NONE;
	return text_base(text_of(folder.p, folder.n - strlen("/.ssh/")));
}

/* Where the key type stands behind options, which may hold quoted blanks. */
static struct text skip_options(struct text line)
{
	bool quoted = false;
	size_t i = 0;
	for (; i < line.n && (quoted || (line.p[i] != ' ' && line.p[i] != '\t')); i++)
		if (line.p[i] == '"' && (i == 0 || line.p[i - 1] != '\\'))
			quoted = !quoted;
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return text_of(line.p + i, line.n - i);
}

static bool begins_key(struct text t)
{
	static const char *const types[] = { "ssh-rsa AAAA", "ssh-dss AAAA", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 AAAA",
		                                 "ecdsa-sha2-nistp384 AAAA", "ecdsa-sha2-nistp521 AAAA",
		                                 "sk-ssh-ed25519@openssh.com AAAA", "sk-ecdsa-sha2-nistp256@openssh.com AAAA" };
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (text_starts(t, types[i]))
			return true;
	return false;
}

static void key_line(struct reading *r, struct text line)
{
	if (line.n == 0 || line.p[0] == '#')
		return;
	struct text key = begins_key(line) ? line : skip_options(line);
	if (!begins_key(key))
		return;
	struct fact_account a = account_at(r, "authorized_keys", owner_of_keys(r->subject->path));
	a.hash_scheme = TEXT_LIT("ssh-key");
	a.hash = key;
	a.state = TEXT_LIT("set");
	emit_account(r->sink, &a);
}

static void read_line(struct reading *r, struct text line)
{
	if (r->kind == FILE_KEYS) {
		key_line(r, line);
		return;
	}
	struct fields f = split(line);
	if (r->kind == FILE_SHADOW)
		shadow_line(r, &f);
	else if (r->kind == FILE_PASSWD && f.n >= 6)
		passwd_line(r, &f);
	else
		web_line(r, &f);
}

/* ---- the inspector ---- */

static bool accounts_wants(const struct subject *s)
{
	bool text = strcmp(s->format, "text") == 0 || strcmp(s->format, "script") == 0;
	return s->kind == ENTRY_FILE && text && kind_of(s->path) != FILE_OTHER;
}

static void accounts_run(const struct subject *s, struct sink *sink)
{
	struct reading r = { .subject = s, .sink = sink, .kind = kind_of(s->path), .budget = PASSWORD_FILE_BUDGET };
	struct span rest = s->bytes;
	if (rest.n > FILE_MAX) {
		emit_damage_at(sink, ERR_BUDGET, UINT64_MAX, "an account file of more than %zu bytes is not read", FILE_MAX);
		return;
	}
	while (rest.n) {
		const uint8_t *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;
		struct text line = text_from_span(span_sub(rest, 0, n));
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (++r.line > LINES_MAX) {
			emit_damage_at(sink, ERR_BUDGET, s->bytes.n - rest.n, "an account file of more than %u lines", LINES_MAX);
			return;
		}
		read_line(&r, line);
		rest = span_from(rest, n + (end != NULL));
	}
}

const struct inspector accounts_inspector = {
	.name = "accounts",
	.title = "passwd, shadow, htpasswd and authorized_keys files; passwords that can be guessed",
	.spec = "passwd(5), shadow(5), crypt(5), htpasswd(1), mosquitto_passwd(1), sshd(8) AUTHORIZED_KEYS FILE FORMAT",
	.wants = accounts_wants,
	.run = accounts_run,
};
