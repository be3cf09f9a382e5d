/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A user and a password together: in URLs (RFC 3986 3.2.1), Basic headers (RFC 7617), as a published pair in a program. */
#include "inspect/secrets_class.h"

static bool is_host_char(char c)
{
	return secrets_in_class('A', c) || c == '.' || c == '-' || c == '[' || c == ':';
}

const char *secrets_pair_harmless(struct text user, struct text password)
{
	static const char *const users[] = { "user", "username", "login", "myuser", "name", "uname",
										 "foo",  "user1",    "joe",   "bob",    "alice" };
	static const char *const passwords[] = { "pass",   "password", "passwd", "pwd",     "pw",
											 "secret", "mypass",   "bar",    "passwrd", "p" };
	bool u = false, p = false;
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
		u |= secrets_eq_nocase(user, users[i]);
	for (size_t i = 0; i < sizeof passwords / sizeof passwords[0]; i++)
		p |= secrets_eq_nocase(password, passwords[i]);
	return u || p ? "placeholder" : secrets_harmless(password);
}

static const char *url_harmless(struct text user, struct text password, struct text host)
{
	if (secrets_contains_nocase(host, "example") || secrets_contains_nocase(host, "host") ||
		text_starts(host, "server") || text_starts(host, "domain") || text_starts(host, "foo"))
		return "documentation example";
	return secrets_pair_harmless(user, password);
}

/* `at_sign` is the offset behind the '@' of scheme://user:password@host. */
void secrets_url(struct secrets *s, uint64_t at_sign)
{
	struct span bytes = s->subject->bytes;
	uint64_t at = at_sign - 1, colon = 0, low = at_sign > 256 ? at_sign - 256 : 0, from = at;
	while (from > low && bytes.p[from - 1] > ' ' && bytes.p[from - 1] < 0x7f && bytes.p[from - 1] != '/' &&
		   bytes.p[from - 1] != '@')
		if (bytes.p[--from] == ':')
			colon = from;
	if (from < 3 || !span_has(bytes, from - 3, "://", 3) || colon <= from)
		return;
	struct text user = text_from_span(span_sub(bytes, from, colon - from));
	struct text password = text_from_span(span_sub(bytes, colon + 1, at - colon - 1));
	struct text host = text_from_span(span_clip(bytes, at_sign, 128));
	size_t n = 0;
	while (n < host.n && is_host_char(host.p[n]))
		n++;
	host.n = n;
	uint64_t scheme = from - 3;
	while (scheme > 0 && from - scheme < 20 &&
		   (secrets_in_class('A', (char)bytes.p[scheme - 1]) || bytes.p[scheme - 1] == '+'))
		scheme--;
	if (host.n < 2 || scheme == from - 3 || password.n < 2 || secrets_is_reference(password) ||
		secrets_is_reference(user) || memchr(password.p, '*', password.n) || memchr(password.p, '"', password.n) ||
		memchr(password.p, '\'', password.n) || memchr(password.p, '<', password.n) ||
		memchr(password.p, '{', password.n) || memchr(user.p, '<', user.n) || memchr(password.p, '(', password.n) ||
		memchr(password.p, '[', password.n) || memchr(password.p, '\\', password.n))
		return;
	const char *name = arena_printf(s->subject->arena, "%.*s at %.*s", (int)user.n, user.p, (int)host.n, host.p);
	secrets_emit(s, &(struct secret){ .at = scheme,
									  .kind = "url-password",
									  .name = text_c(name),
									  .value = password,
									  .proof = "structure",
									  .harmless = s->place != SECRETS_BINARY && secrets_is_commented(s, secrets_line(s, scheme))
													  ? "documentation example"
													  : url_harmless(user, password, host) });
}

/* `end` lies eight characters into the Base64 of "Basic ". */
void secrets_basic(struct secrets *s, uint64_t end)
{
	struct span bytes = s->subject->bytes;
	uint64_t from = end - 8;
	size_t n = secrets_run(bytes, from, 'B', 400);
	struct text coded = text_from_span(span_sub(bytes, from, n));
	struct span plain = secrets_base64(s, coded);
	const uint8_t *colon = plain.n ? memchr(plain.p, ':', plain.n) : NULL;
	if (!colon || colon == plain.p || colon + 1 == plain.p + plain.n)
		return;
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] < 0x20 || plain.p[i] >= 0x7f)
			return;
	size_t user = (size_t)(colon - plain.p);
	struct text password = text_from_span(span_from(plain, user + 1));
	const char *harmless = secrets_harmless(coded) ? secrets_harmless(coded) : secrets_harmless(password);
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "basic-auth",
									  .name = text_from_span(span_sub(plain, 0, user)),
									  .value = password,
									  .proof = "structure: decodes to user and password",
									  .confidence = "proven",
									  .harmless = harmless });
}

/* "admin:1234" as a string of its own in a program, when it is a published pair. */
void secrets_pair(struct secrets *s, uint64_t from, uint64_t to)
{
	struct span bytes = s->subject->bytes;
	uint8_t before = from ? bytes.p[from - 1] : 0;
	struct text user = text_from_span(span_sub(bytes, from, to - from - 1));
	struct text password = text_from_span(span_clip(bytes, to, 40));
	size_t n = 0;
	while (n < password.n && password.p[n] > ' ' && password.p[n] < 0x7f && password.p[n] != ':' &&
		   password.p[n] != '"' && password.p[n] != '\'')
		n++;
	uint8_t after = n < password.n ? (uint8_t)password.p[n] : 0;
	bool whole = (before == 0 || before == '"' || before == '\'') && (after == 0 || after == before);
	password.n = n;
	if (!whole || n < 4 || n == 40 || s->place != SECRETS_BINARY ||
		(text_eq(user, password) && text_is(user, "root")) || !secrets_is_default_pair(user, password))
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "password",
									  .name = user,
									  .value = password,
									  .proof = "published default of this user" });
}
