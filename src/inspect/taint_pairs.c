/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What switches a check off by a name and its value alone, wherever these stand. */
#include "inspect/taint.h"

#define PARENTHESES 64u
#define STATEMENT_SHOWN 64 /* words of it before the one that counts */

/* Calls that take verify=False for TLS: of requests, httpx and what is made after them; elsewhere it is about something else. */
static bool is_http_call(struct text name)
{
	static const char *const names[] = { "get",
										 "post",
										 "put",
										 "patch",
										 "delete",
										 "head",
										 "options",
										 "request",
										 "Client",
										 "AsyncClient",
										 "Session",
										 "stream",
										 "urlopen",
										 "connect",
										 "ClientSession",
										 "TCPConnector",
										 "HTTPSConnection",
										 "PoolManager",
										 "create_connection",
										 NULL };
	return scripts_among(name, names);
}

static void report_mention(struct taint *e, const struct code_token *t)
{
	const struct code_token *first = t;
	while (first > e->t && t - first < STATEMENT_SHOWN && first[-1].line == t->line && first[-1].kind != CODE_NEWLINE)
		first--;
	if (!text_ends(e->file->subject->path, "/ssl.py"))
		scripts_emit(e->file, t->line, "tls-verification-off", text_of(first->from, (size_t)(t->to - first->from)),
					 TEXT_NONE, "network", "proven");
}

/* The last name of ssl.CERT_NONE or IO::Socket::SSL::SSL_VERIFY_NONE at k. */
static struct text last_name(const struct taint *e, size_t *k)
{
	while (*k + 2 < e->n && e->t[*k].kind == CODE_NAME &&
		   (taint_operator(&e->t[*k + 1], ".") || taint_operator(&e->t[*k + 1], "::")))
		*k += 2;
	struct text last = e->t[*k].text;
	for (size_t c = last.n; c > 0; c--)
		if (last.p[c - 1] == ':')
			return text_of(last.p + c, last.n - c);
	return last;
}

static void take_pair(struct taint *e, size_t i, struct text callee)
{
	const struct code_token *t = &e->t[i];
	size_t k = i + 1;
	while (k < i + 3 && k + 1 < e->n &&
		   (taint_operator(&e->t[k], "]") || taint_operator(&e->t[k], "}") || taint_operator(&e->t[k], ")")))
		k++;
	static const char *const separators[] = { "=", "=>", ":", ",", "(", NULL };
	if (e->t[k].kind != CODE_OPERATOR || !scripts_among(e->t[k].text, separators) || k + 1 >= e->n)
		return;
	for (const struct code_pair *p = e->knowledge->pairs; p->name; p++) {
		if (!text_is(t->text, p->name))
			continue;
		bool named = taint_operator(&e->t[k], "="), attribute = i > 0 && taint_operator(&e->t[i - 1], ".");
		if (p->argument ? !named || !is_http_call(callee) : e->file->language == LANGUAGE_PYTHON && !attribute)
			continue;
		size_t value = k + 1;
		struct text last = last_name(e, &value);
		bool chosen = value + 1 < e->n && text_is(e->t[value + 1].text, "if");
		for (unsigned v = 0; p->values[v] && !chosen; v++)
			if (text_is(last, p->values[v]))
				scripts_emit(e->file, t->line, p->kind, text_of(t->from, (size_t)(e->t[value].to - t->from)), TEXT_NONE,
							 p->sink, "proven");
	}
}

/* name = value, "name" => value, name: value, (name, value) */
void taint_pairs(struct taint *e)
{
	struct text callees[PARENTHESES] = { TEXT_NONE };
	bool definition = false;
	unsigned depth = 0;
	for (size_t i = 0; i + 2 < e->n; i++) {
		const struct code_token *t = &e->t[i];
		definition = text_is(t->text, "def") && t->kind == CODE_NAME ? true : definition && t->kind != CODE_NEWLINE;
		if (taint_operator(t, "(") && ++depth < PARENTHESES)
			callees[depth] = i > 0 && e->t[i - 1].kind == CODE_NAME ? e->t[i - 1].text : TEXT_NONE;
		depth -= taint_operator(t, ")") && depth;
		if ((t->kind != CODE_NAME && (t->kind != CODE_STRING || t->text.n > 40)) || definition)
			continue;
		if (t->kind == CODE_NAME && scripts_among(t->text, e->knowledge->mentions))
			report_mention(e, t);
		take_pair(e, i, depth && depth < PARENTHESES ? callees[depth] : TEXT_NONE);
	}
}
