/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials in JSON: JSON Web Tokens (RFC 7519), service accounts of Google. */
#include "inspect/secrets_class.h"

/* The value of a top-level member, without quotes; TEXT_NONE when there is none. Enough for the short objects here. */
static struct text member(struct text json, const char *name)
{
	const char *at = json.n ? memmem(json.p, json.n, name, strlen(name)) : NULL;
	if (!at)
		return TEXT_NONE;
	size_t i = (size_t)(at - json.p) + strlen(name);
	while (i < json.n && (json.p[i] == ' ' || json.p[i] == ':'))
		i++;
	bool quoted = i < json.n && json.p[i] == '"';
	size_t from = i += quoted;
	while (i < json.n && (quoted ? json.p[i] != '"' : json.p[i] != ',' && json.p[i] != '}' && json.p[i] != ' '))
		i++;
	return text_of(json.p + from, i - from);
}

static bool is_object(struct span json)
{
	size_t n = json.n;
	for (size_t i = 0; i < n; i++)
		if (json.p[i] < 0x20 && json.p[i] != '\n' && json.p[i] != '\r' && json.p[i] != '\t')
			return false;
	while (n > 0 && (json.p[n - 1] == ' ' || json.p[n - 1] == '\n'))
		n--;
	return n >= 2 && json.p[0] == '{' && json.p[n - 1] == '}';
}

void secrets_jwt(struct secrets *s, uint64_t from)
{
	struct span bytes = s->subject->bytes;
	if (from > 0 && (secrets_in_class('W', (char)bytes.p[from - 1]) || bytes.p[from - 1] == '.'))
		return;
	size_t head = secrets_run(bytes, from, 'W', 1000);
	if (!span_has(bytes, from + head, ".", 1))
		return;
	size_t body = secrets_run(bytes, from + head + 1, 'W', SECRET_TEXT_MAX);
	if (!span_has(bytes, from + head + 1 + body, ".", 1))
		return;
	size_t signature = secrets_run(bytes, from + head + body + 2, 'W', 1000);
	struct span header = secrets_base64(s, text_from_span(span_sub(bytes, from, head)));
	struct span claims = secrets_base64(s, text_from_span(span_sub(bytes, from + head + 1, body)));
	struct text alg = member(text_from_span(header), "\"alg\"");
	if (!is_object(header) || !is_object(claims) || !alg.p)
		return;
	struct text iss = member(text_from_span(claims), "\"iss\""), expires = member(text_from_span(claims), "\"exp\"");
	const char *proof =
		arena_printf(s->subject->arena, "structure: alg %.*s%s%.*s%s%.*s", (int)alg.n, alg.p, expires.n ? ", exp " : "",
					 (int)expires.n, expires.n ? expires.p : "", iss.n ? ", iss " : "", (int)iss.n, iss.n ? iss.p : "");
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "jwt",
									  .name = member(text_from_span(claims), "\"sub\""),
									  .value = text_from_span(span_sub(bytes, from, head + body + 2 + signature)),
									  .proof = proof,
									  .confidence = "proven" });
}

/* A service account of Google: JSON with "private_key_id" (at `from`), "client_email" and the key. */
void secrets_service_account(struct secrets *s, uint64_t from)
{
	struct span around = span_clip(s->subject->bytes, from > 1024 ? from - 1024 : 0, 8192);
	struct text json = text_from_span(around),
				id = member(text_from_span(span_clip(s->subject->bytes, from, 512)), "\"private_key_id\"");
	struct text mail = member(json, "\"client_email\"");
	if (id.n != 40 || !secrets_is_hex(id) || !text_has(json, "service_account") ||
		!text_has(json, "PRIVATE KEY-----"))
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "google-service-account",
									  .name = mail,
									  .value = id,
									  .proof = "structure",
									  .confidence = "proven" });
}
