/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and hashes that stand in text: OpenVPN, OpenPGP, WireGuard, crypt(5). */
#include "inspect/secrets_class.h"

#include "inspect/shell.h"

/* The static key of OpenVPN: 256 bytes as lines of 32 hexadecimal digits. */
void secrets_openvpn(struct secrets *s, uint64_t from)
{
	struct span body = span_clip(s->subject->bytes, from, 1024);
	char *key = arena_alloc(s->subject->arena, 513, 1);
	size_t n = 0;
	for (size_t i = 0; key && i < body.n && n < 512; i++) {
		if (secrets_in_class('X', (char)body.p[i]))
			key[n++] = (char)body.p[i];
		else if (body.p[i] != '\n' && body.p[i] != '\r' && body.p[i] != '-' && body.p[i] != ' ')
			break;
	}
	if (!key || n != 512 || secrets_variety(text_of(key, n)) < 8)
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "openvpn-static-key",
									  .value = text_of(key, n),
									  .proof = "structure",
									  .confidence = "proven" });
}

void secrets_pgp(struct secrets *s, uint64_t from)
{
	struct span body = span_clip(s->subject->bytes, from, 65536);
	const uint8_t *end = body.n ? memmem(body.p, body.n, "-----END PGP PRIVATE KEY BLOCK", 30) : NULL;
	if (!end || end - body.p < 200)
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "pgp-private-key",
									  .value = text_from_span(span_sub(body, 0, (uint64_t)(end - body.p))),
									  .proof = "structure",
									  .harmless = s->place >= SECRETS_LIBRARY ? "documentation example" : NULL });
}

/* PrivateKey = and 43 digits of Base64 and '=': `end` is behind them. */
void secrets_wireguard(struct secrets *s, uint64_t end)
{
	struct text key = text_from_span(span_sub(s->subject->bytes, end - 44, 44));
	struct text line = secrets_line(s, end);
	if (secrets_base64(s, key).n != 32 || secrets_variety(key) < 12)
		return;
	bool shared = secrets_contains_nocase(line, "preshared");
	secrets_emit(s, &(struct secret){ .at = end - 44,
									  .kind = shared ? "wireguard-preshared-key" : "wireguard-private-key",
									  .value = key,
									  .proof = "structure",
									  .confidence = "proven" });
}

static bool is_crypt_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
}

/* How many characters follow the last "$" of a whole hash. */
static size_t crypt_length(uint8_t method)
{
	switch (method) {
	case '1':
		return 22;
	case '6':
		return 86;
	case '2':
		return 53; /* with the salt */
	default:
		return 43;
	}
}

void secrets_crypt(struct secrets *s, uint64_t to)
{
	struct span bytes = s->subject->bytes;
	uint64_t body = to - 22, from = body - 1, end = to;
	while (from > 0 && is_crypt_character(bytes.p[from - 1])) /* the salt, or the cost */
		from--;
	if (from < 3 || bytes.p[from - 1] != '$')
		return;
	from -= 2;
	while (from > 0 && bytes.p[from] != '$' && body - from < 24)
		from--;
	while (end < bytes.n && is_crypt_character(bytes.p[end]))
		end++;
	uint8_t method = bytes.p[from + 1];
	if (bytes.p[from] != '$' || end - body != crypt_length(method))
		return;
	/* root:$1$...: alone on its line it is an account's */
	struct text line = secrets_line(s, from), user = TEXT_NONE;
	size_t before = (size_t)(from - secrets_offset(s, line)), n = before;
	if (s->place != SECRETS_BINARY && text_starts(shell_trim(line), "#"))
		return;
	while (n > 1 && line.p[before - 1] == ':' && line.p[n - 2] > ' ' && !strchr("\"':=", line.p[n - 2]))
		n--;
	if (before && line.p[before - 1] == ':')
		user = text_of(line.p + n - 1, before - n);
	if (user.n && n == 1 && strcmp(s->subject->format, "text") == 0)
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "password-hash",
									  .name = user,
									  .value = text_from_span(span_sub(bytes, from, end - from)),
									  .proof = "structure" });
}
