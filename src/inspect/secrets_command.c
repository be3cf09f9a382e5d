/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords on command lines: in scripts, in crontabs, in the strings that programs give to system().
 *
 * Options are those of the manuals: sshpass(1), curl(1), wget(1), mysql(1), smbclient(1), mosquitto_pub(1), lftp(1),
 * openssl-passphrase-options(1), chpasswd(8), passwd(1), BusyBox ftpput.
 */
#include "inspect/secrets.h"

#include "inspect/shell.h"

#define WORDS_MAX 48u

enum form {
	VALUE,   /* the password itself */
	PAIR,    /* user:password */
	PERCENT, /* user%password */
	COMMA,   /* user,password */
	PASS,    /* pass:password, as openssl takes it */
	USER,    /* the user that belongs to a VALUE */
	HEADER,  /* "Authorization: Bearer token", "X-Api-Key: token" */
};

struct command_option {
	const char *command, *option;
	enum form form;
	char joined; /* how the value follows: ' ' the next word, '=' behind it in the word, '+' directly behind it */
};

static const struct command_option options[] = {
	{ "sshpass", "-p", VALUE, ' ' },
	{ "sshpass", "-p", VALUE, '+' },
	{ "curl", "-u", PAIR, ' ' },
	{ "curl", "-u", PAIR, '+' },
	{ "curl", "--user", PAIR, ' ' },
	{ "curl", "--user", PAIR, '=' },
	{ "curl", "-U", PAIR, ' ' },
	{ "curl", "--proxy-user", PAIR, ' ' },
	{ "curl", "-H", HEADER, ' ' },
	{ "curl", "-H", HEADER, '+' },
	{ "curl", "--header", HEADER, ' ' },
	{ "curl", "--header", HEADER, '=' },
	{ "wget", "--header", HEADER, '=' },
	{ "wget", "--header", HEADER, ' ' },
	{ "wget", "--password", VALUE, '=' },
	{ "wget", "--http-password", VALUE, '=' },
	{ "wget", "--http-passwd", VALUE, '=' },
	{ "wget", "--ftp-password", VALUE, '=' },
	{ "wget", "--proxy-password", VALUE, '=' },
	{ "wget", "--user", USER, '=' },
	{ "wget", "--http-user", USER, '=' },
	{ "wget", "--ftp-user", USER, '=' },
	{ "ftpput", "-p", VALUE, ' ' },
	{ "ftpput", "-u", USER, ' ' },
	{ "ftpget", "-p", VALUE, ' ' },
	{ "ftpget", "-u", USER, ' ' },
	{ "mysql", "-p", VALUE, '+' },
	{ "mysql", "--password", VALUE, '=' },
	{ "mysql", "-u", USER, ' ' },
	{ "mysql", "-u", USER, '+' },
	{ "mysqldump", "-p", VALUE, '+' },
	{ "mysqldump", "--password", VALUE, '=' },
	{ "mysqldump", "-u", USER, ' ' },
	{ "smbclient", "-U", PERCENT, ' ' },
	{ "smbclient", "--user", PERCENT, '=' },
	{ "mosquitto_pub", "-P", VALUE, ' ' },
	{ "mosquitto_pub", "--pw", VALUE, ' ' },
	{ "mosquitto_pub", "-u", USER, ' ' },
	{ "mosquitto_sub", "-P", VALUE, ' ' },
	{ "mosquitto_sub", "--pw", VALUE, ' ' },
	{ "mosquitto_sub", "-u", USER, ' ' },
	{ "openssl", "-passin", PASS, ' ' },
	{ "openssl", "-passout", PASS, ' ' },
	{ "openssl", "-pass", PASS, ' ' },
	{ "openssl", "-k", VALUE, ' ' },
	{ "lftp", "-u", COMMA, ' ' },
};

static bool is_word_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
		   c == '.' || c == '$';
}

/* The words of the command that begins here, without their quotes. */
static size_t read_words(struct text source, struct text words[WORDS_MAX])
{
	struct shell_lexer lexer;
	struct shell_token token;
	size_t n = 0;
	shell_begin(&lexer, source, 1);
	while (n < WORDS_MAX) {
		shell_next(&lexer, &token);
		if (token.kind == SHELL_REDIRECT)
			continue;
		if (token.kind != SHELL_WORD)
			break;
		words[n++] = shell_unquoted(token.text);
	}
	return n;
}

static bool option_value(const struct command_option *o, const struct text *words, size_t n, size_t i,
						 struct text *value)
{
	size_t length = strlen(o->option);
	if (o->joined == ' ') {
		if (!text_is(words[i], o->option) || i + 1 >= n)
			return false;
		*value = words[i + 1];
		return true;
	}
	if (!text_starts(words[i], o->option) || words[i].n <= length + (o->joined == '='))
		return false;
	if (o->joined == '=' && words[i].p[length] != '=')
		return false;
	size_t skip = length + (o->joined == '=');
	*value = shell_unquoted(text_of(words[i].p + skip, words[i].n - skip));
	return true;
}

static bool split_value(struct text value, char mark, struct text *user, struct text *password)
{
	const char *at = value.n ? memchr(value.p, mark, value.n) : NULL;
	if (!at)
		return false;
	*user = text_of(value.p, (size_t)(at - value.p));
	*password = text_of(at + 1, value.n - user->n - 1);
	return true;
}

static void emit_password(struct secrets *s, const char *kind, struct text user, struct text password)
{
	if (password.n < 2 || password.n > 128 || secrets_is_reference(password) ||
		(user.n && secrets_is_reference(user)) || memchr(password.p, '"', password.n) ||
		memchr(password.p, '$', password.n) || memchr(password.p, '<', password.n) ||
		memchr(password.p, '[', password.n) || memchr(password.p, '\\', password.n) ||
		memchr(password.p, '`', password.n) || memchr(password.p, '{', password.n) || password.p[0] == '-')
		return;
	for (size_t i = 0; i < password.n; i++)
		if (password.p[i] < ' ' || password.p[i] >= 0x7f)
			return;
	const char *harmless = secrets_pair_harmless(user, password);
	secrets_emit(s, &(struct secret){ .at = secrets_offset(s, password),
									  .kind = kind,
									  .name = user,
									  .value = password,
									  .proof = "structure: on a command line",
									  .confidence = s->place == SECRETS_BINARY ? "possible" : "likely",
									  .harmless = harmless });
}

/* The token of a header that opens something; a longer one is found by what it looks like wherever it stands. */
static void read_header(struct secrets *s, struct text header)
{
	static const char *const schemes[] = { "Bearer ", "Token ", "token " };
	static const char *const names[] = { "X-Api-Key", "X-Auth-Token", "Api-Key", "X-Access-Token", "PRIVATE-TOKEN" };
	struct text name, token;
	if (!split_value(header, ':', &name, &token))
		return;
	token = shell_trim(token);
	bool known = false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		known |= secrets_eq_nocase(name, names[i]);
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0] && !known; i++)
		if (secrets_eq_nocase(name, "Authorization") && text_starts(token, schemes[i])) {
			known = true;
			token = shell_trim(text_of(token.p + strlen(schemes[i]), token.n - strlen(schemes[i])));
		}
	if (known && token.n >= 8 && !memchr(token.p, ' ', token.n) && !text_starts(token, "eyJ") &&
		secrets_has_digit(token) && secrets_has_letter(token))
		emit_password(s, "bearer-token", name, token);
}

static void read_options(struct secrets *s, const struct text *words, size_t n)
{
	struct text command = text_base(words[0]), user = TEXT_NONE, value;
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < sizeof options / sizeof options[0]; k++)
			if (options[k].form == USER && text_is(command, options[k].command) &&
				option_value(&options[k], words, n, i, &value))
				user = value;
	for (size_t i = 1; i < n; i++) {
		for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
			const struct command_option *o = &options[k];
			struct text password = TEXT_NONE, who = user;
			if (o->form == USER || !text_is(command, o->command) || !option_value(o, words, n, i, &value))
				continue;
			if (o->form == HEADER)
				read_header(s, value);
			else if (o->form == VALUE)
				password = value;
			else if (o->form == PASS && text_starts(value, "pass:"))
				password = text_of(value.p + 5, value.n - 5);
			else if (o->form != PASS && o->form != HEADER)
				(void)split_value(value, o->form == PAIR ? ':' : o->form == PERCENT ? '%' : ',', &who, &password);
			emit_password(s, "command-password", who, password);
		}
	}
}

/* user:password as chpasswd reads it. */
static void account_line(struct secrets *s, struct text line)
{
	struct text user, password;
	line = shell_trim(line);
	if (!split_value(line, ':', &user, &password) || !user.n || user.n > 32 || secrets_is_reference(line))
		return;
	for (size_t i = 0; i < user.n; i++)
		if (!is_word_char((uint8_t)user.p[i]) || user.p[i] == '$')
			return;
	if (password.n &&
		(password.p[0] == '$' || memchr(password.p, ':', password.n) || memchr(password.p, ' ', password.n)))
		return;
	emit_password(s, "account-password", user, password);
}

/* echo "root:secret" | chpasswd, printf likewise; or a here-document behind it. */
static void read_chpasswd(struct secrets *s, uint64_t at)
{
	struct text line = secrets_line(s, at);
	size_t before = (size_t)(at - secrets_offset(s, line));
	struct text head = text_of(line.p, before);
	const char *echo = before ? memmem(head.p, head.n, "echo ", 5) : NULL;
	if (!echo)
		echo = before ? memmem(head.p, head.n, "printf ", 7) : NULL;
	struct text words[WORDS_MAX];
	size_t n = echo ? read_words(text_of(echo, head.n - (size_t)(echo - head.p)), words) : 0;
	for (size_t i = 1; i < n; i++) {
		struct text w = words[i];
		const char *escape = w.n ? memmem(w.p, w.n, "\\n", 2) : NULL;
		if (escape)
			w.n = (size_t)(escape - w.p);
		account_line(s, w);
	}
	struct text tail = text_of(line.p + before, line.n - before);
	if (!text_has(tail, "<<"))
		return;
	struct text rest = text_from_span(span_clip(s->subject->bytes, secrets_offset(s, line) + line.n + 1, 1024)), next;
	for (unsigned i = 0; i < 16 && shell_line(&rest, &next) && text_has(next, ":"); i++)
		account_line(s, next);
}

/* echo secret | passwd --stdin root, (echo secret; echo secret) | passwd root */
static void read_passwd(struct secrets *s, uint64_t at)
{
	struct text line = secrets_line(s, at), words[WORDS_MAX];
	size_t before = (size_t)(at - secrets_offset(s, line));
	struct text head = text_of(line.p, before);
	const char *pipe = before ? memrchr(head.p, '|', head.n) : NULL;
	const char *echo = pipe ? memmem(head.p, (size_t)(pipe - head.p), "echo ", 5) : NULL;
	if (!echo || (s->place != SECRETS_SHELL && s->place != SECRETS_BINARY))
		return;
	size_t n = read_words(text_of(echo, (size_t)(pipe - echo)), words), i = 1;
	while (i < n && words[i].n && words[i].p[0] == '-')
		i++;
	if (i >= n)
		return;
	struct text password = words[i];
	const char *escape = password.n ? memmem(password.p, password.n, "\\n", 2) : NULL;
	if (escape)
		password.n = (size_t)(escape - password.p);
	struct text after[WORDS_MAX];
	size_t m = read_words(text_of(line.p + before, line.n - before), after);
	emit_password(s, "account-password", m > 1 ? after[m - 1] : TEXT_NONE, password);
}

void secrets_command(struct secrets *s, uint64_t at)
{
	struct span bytes = s->subject->bytes;
	if (s->place >= SECRETS_LIBRARY || (at > 0 && is_word_char(bytes.p[at - 1])))
		return;
	struct text line = secrets_line(s, at), words[WORDS_MAX];
	size_t i = 0;
	while (i < line.n && shell_blank(line.p[i]))
		i++;
	if (i < line.n && line.p[i] == '#' && s->place != SECRETS_BINARY)
		return;
	struct text source = text_from_span(span_clip(bytes, at, SECRET_TEXT_MAX));
	if (s->place == SECRETS_BINARY || s->place == SECRETS_CODE || s->place == SECRETS_CONFIG)
		source.n = (size_t)(secrets_offset(s, line) + line.n - at);
	if (text_starts(source, "chpasswd")) {
		read_chpasswd(s, at);
		return;
	}
	if (text_starts(source, "passwd ")) {
		read_passwd(s, at);
		return;
	}
	size_t n = read_words(source, words);
	if (n > 1)
		read_options(s, words, n);
}
