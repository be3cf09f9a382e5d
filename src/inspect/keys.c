/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and certificates anywhere in a blob.
 *
 * Marks that the shared pass finds lead to candidates; each is parsed to its end, and its numbers must belong together.
 * Files that are one DER structure may have no mark and are recognised by their length.
 */
#include <openssl/crypto.h>

#include "base/hash.h"
#include "inspect/keys.h"

/* Less than half a second of arithmetic; the roots of a whole store take a quarter of it. */
#define BUDGET 500000

enum action { AT_PEM, AT_SSH_LINE, AT_USIGN, AT_DROPBEAR, AT_CERTIFICATE, AT_ALGORITHM, AT_NUMBERS };

/* What is looked for, and what it announces. A certificate of version 3 has its version and the tag of its serial
 * number; PKCS#8 and SubjectPublicKeyInfo have the OID of an algorithm; PKCS#1 and SEC 1 their version and the
 * length of their first number, of the sizes that are in use. */
#define MARKS(M)                                                                                                       \
	M("-----BEGIN ", AT_PEM)                                                                                           \
	M("ssh-rsa AAAAB3NzaC1yc2E", AT_SSH_LINE)                                                                          \
	M("ssh-dss AAAAB3NzaC1kc3M", AT_SSH_LINE)                                                                          \
	M("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", AT_SSH_LINE)                                                                 \
	M("ecdsa-sha2-nistp256 AAAAE2VjZHNh", AT_SSH_LINE)                                                                 \
	M("ecdsa-sha2-nistp384 AAAAE2VjZHNh", AT_SSH_LINE)                                                                 \
	M("ecdsa-sha2-nistp521 AAAAE2VjZHNh", AT_SSH_LINE)                                                                 \
	M("untrusted comment:", AT_USIGN)                                                                                  \
	M("\0\0\0\x07ssh-rsa\0", AT_DROPBEAR)                                                                              \
	M("\0\0\0\x07ssh-dss\0", AT_DROPBEAR)                                                                              \
	M("\0\0\0\x0bssh-ed25519\0", AT_DROPBEAR)                                                                          \
	M("\0\0\0\023ecdsa-sha2-nistp", AT_DROPBEAR)                                                                       \
	M("\xa0\x03\x02\x01\x02\x02", AT_CERTIFICATE)                                                                      \
	M("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", AT_ALGORITHM)                                                    \
	M("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", AT_ALGORITHM)                                                            \
	M("\x06\x07\x2a\x86\x48\xce\x38\x04\x01", AT_ALGORITHM)                                                            \
	M("\x06\x03\x2b\x65\x6e", AT_ALGORITHM)                                                                            \
	M("\x06\x03\x2b\x65\x6f", AT_ALGORITHM)                                                                            \
	M("\x06\x03\x2b\x65\x70", AT_ALGORITHM)                                                                            \
	M("\x06\x03\x2b\x65\x71", AT_ALGORITHM)                                                                            \
	M("\x02\x01\0\x02\x82", AT_NUMBERS)                                                                                \
	M("\x02\x01\0\x02\x81", AT_NUMBERS)                                                                                \
	M("\x02\x01\0\x02\x61\0", AT_NUMBERS)                                                                              \
	M("\x02\x01\0\x02\x41\0", AT_NUMBERS)                                                                              \
	M("\x02\x01\x01\x04\x18", AT_NUMBERS)                                                                              \
	M("\x02\x01\x01\x04\x1c", AT_NUMBERS)                                                                              \
	M("\x02\x01\x01\x04\x20", AT_NUMBERS)                                                                              \
	M("\x02\x01\x01\x04\x30", AT_NUMBERS)                                                                              \
	M("\x02\x01\x01\x04\x40", AT_NUMBERS)                                                                              \
	M("\x02\x01\x01\x04\x42", AT_NUMBERS)

#define PATTERN_OF(bytes, action) PATTERN(bytes, PATTERN_LITERAL),
#define ACTION_OF(bytes, action) action,
static const struct pattern keys_patterns[] = { MARKS(PATTERN_OF) PATTERN_END };
static const enum action actions[] = { MARKS(ACTION_OF) };

bool keys_spend(struct keys *k, unsigned cost)
{
	if (k->left < cost)
		k->exhausted = true;
	else
		k->left -= cost;
	return !k->exhausted;
}

uint64_t keys_offset(const struct keys *k, const uint8_t *p)
{
	return (uint64_t)(p - k->subject->bytes.p);
}

/* What a private key is for, where its place tells. */
static const char *use_of(struct text path, const struct key *key)
{
	struct text name = text_base(path);
	if (strcmp(key->container, "dropbear") == 0 || text_starts(name, "ssh_host_") || text_has(path, "/dropbear/"))
		return "ssh-host";
	if (strcmp(key->container, "usign") == 0 || text_has(name, "signing"))
		return "signing";
	static const char *const places[] = { "/ssl/",   "/tls/",   "/nginx/", "/lighttpd/",
										  "/apache", "/httpd/", "/uhttpd", "/pki/" };
	bool pem = text_ends(name, ".pem") || text_ends(name, ".der") || text_ends(name, ".p12") || text_ends(name, ".pfx");
	for (size_t i = 0; pem && i < sizeof places / sizeof places[0]; i++)
		if (text_has(path, places[i]))
			return "tls";
	return text_ends(name, ".key") ? "tls" : NULL;
}

/* A file that is such a key serves as one, wherever it came from; inside a program it is there for the self-test, and so
 * are keys of algorithms that OpenSSL does not know, whose numbers can not be checked. */
static bool is_for_self_test(const struct keys *k, const struct key *key)
{
	bool in_program = strcmp(k->subject->format, "elf") == 0 || k->subject->kind != ENTRY_FILE;
	return in_program && (keys_is_self_test(key->fingerprint) || (!key->encrypted && !key->type));
}

void keys_emit_private(struct keys *k, uint64_t offset, const struct key *key)
{
	if (is_for_self_test(k, key))
		return;
	struct fact_private_key row = {
		.offset = (int64_t)offset,
		.type = text_c(key->type),
		.bits = key->bits,
		.container = text_c(key->container),
		.encrypted = key->encrypted,
		.fingerprint = text_c(key->fingerprint[0] ? key->fingerprint : NULL),
		.use = text_c(use_of(k->subject->path, key)),
	};
	emit_private_key(k->sink, &row);
}

const char *keys_hex(struct keys *k, struct span bytes)
{
	char *hex = bytes.n && bytes.n <= KEYS_HEX_MAX ? arena_alloc(k->arena, 2 * bytes.n + 1, 1) : NULL;
	if (hex)
		hash_hex(bytes.p, bytes.n, hex);
	return hex;
}

void keys_emit_public(struct keys *k, uint64_t offset, const struct key *key)
{
	/* Nothing else is signed by those, and there may be many. */
	bool ssh = strcmp(key->container, "openssh") == 0 || strcmp(key->container, "dropbear") == 0;
	struct fact_public_key row = {
		.offset = (int64_t)offset,
		.type = text_c(key->type),
		.bits = key->bits,
		.container = text_c(key->container),
		.fingerprint = text_c(key->fingerprint[0] ? key->fingerprint : NULL),
		.name = text_c(key->name),
		.spki = text_c(ssh ? NULL : keys_hex(k, key->spki)),
		.not_before = key->not_before,
		.not_after = key->not_after,
		.revoked = key->revoked,
		.may_sign = key->may_sign,
	};
	emit_public_key(k->sink, &row);
}

static void take_private(struct keys *k, struct span whole)
{
	struct key key;
	if (!keys_private(k, whole, "der", &key) || !key.checked)
		return;
	keys_emit_private(k, keys_offset(k, whole.p), &key);
	k->covered = keys_offset(k, whole.p) + whole.n;
}

static void at_certificate(struct keys *k, uint64_t at)
{
	struct span bytes = k->subject->bytes, body, whole;
	if (!der_enclosing(bytes, at, &body) || !der_enclosing(bytes, keys_offset(k, body.p), &whole))
		return;
	uint64_t from = keys_offset(k, whole.p);
	if (keys_certificate(k, from, whole))
		k->covered = from + whole.n;
}

/* A public key among other bytes. Programs hold the first bytes of such structures as constants: of the curves whose
 * points are any bytes, nothing tells a key from what happens to follow. */
static void take_public(struct keys *k, struct span whole)
{
	struct key key = KEY_INIT("der");
	uint64_t from = keys_offset(k, whole.p);
	if (!keys_spki(k, whole, &key) || keys_certificate_around(k, from) || k->exhausted || !key.type)
		return;
	bool ec = strcmp(key.type, "ec") == 0 && key.checked;
	if (!ec && strcmp(key.type, "rsa") != 0 && strcmp(key.type, "dsa") != 0)
		return;
	keys_emit_public(k, from, &key);
	k->covered = from + whole.n;
}

/* An AlgorithmIdentifier stands behind the version in PKCS#8, and first in SubjectPublicKeyInfo. */
static void at_algorithm(struct keys *k, uint64_t at)
{
	struct span bytes = k->subject->bytes, algorithm, whole;
	if (!der_enclosing(bytes, at, &algorithm))
		return;
	uint64_t from = keys_offset(k, algorithm.p);
	struct span version = from >= 3 ? span_sub(bytes, from - 3, 3) : SPAN_NONE;
	if (version.n && (der_version(&version, 0) || der_version(&version, 1))) {
		if (der_enclosing(bytes, from - 3, &whole))
			take_private(k, whole);
	} else if (der_enclosing(bytes, from, &whole)) {
		take_public(k, whole);
	}
}

static void at_mark(struct keys *k, enum action action, uint64_t at)
{
	struct span whole;
	switch (action) {
	case AT_PEM:
		if (!keys_openpgp_armor(k, at))
			keys_pem(k, at);
		break;
	case AT_SSH_LINE:
		keys_ssh_line(k, at);
		break;
	case AT_USIGN:
		keys_usign(k, at);
		break;
	case AT_DROPBEAR:
		keys_dropbear(k, at);
		break;
	case AT_CERTIFICATE:
		at_certificate(k, at);
		break;
	case AT_ALGORITHM:
		at_algorithm(k, at);
		break;
	case AT_NUMBERS:
		if (der_enclosing(k->subject->bytes, at, &whole))
			take_private(k, whole);
		break;
	}
}

/* A file that is one structure. */
static bool whole_file(struct keys *k)
{
	struct span bytes = k->subject->bytes, rest = bytes, whole;
	struct key key = KEY_INIT("der");
	if (!der_whole(&rest, DER_SEQUENCE, &whole) || rest.n)
		return keys_pkcs12(k, bytes);
	if (keys_certificate(k, 0, bytes) || keys_pkcs12(k, bytes))
		return true;
	if (bytes.n > KEYS_OBJECT_MAX)
		return false;
	if (keys_private(k, bytes, "der", &key)) {
		/* Without a known algorithm only a PEM label tells what it is. */
		bool known = key.type || key.encrypted;
		if (known)
			keys_emit_private(k, 0, &key);
		return known;
	}
	key = (struct key)KEY_INIT("der");
	bool public = keys_spki(k, bytes, &key) && key.type;
	if (!public) {
		key = (struct key)KEY_INIT("der");
		public = keys_pkcs1_public(k, bytes, &key);
	}
	if (public)
		keys_emit_public(k, 0, &key);
	return public;
}

static bool keys_wants(const struct subject *subject)
{
	return subject->bytes.n >= 32 &&
		   (subject->nhits || subject->bytes.p[0] == DER_SEQUENCE || keys_is_openpgp_ring(subject->bytes));
}

static void keys_run(const struct subject *subject, struct sink *sink)
{
	struct keys k = { .subject = subject, .sink = sink, .arena = subject->arena, .left = BUDGET };
	uint64_t at = 0;
	/* Whatever OpenSSL is asked first would look for its configuration file. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (!subject->bytes.n || (subject->bytes.p[0] == DER_SEQUENCE && whole_file(&k)))
		return;
	if (keys_is_openpgp_ring(subject->bytes)) {
		keys_openpgp_ring(&k);
		k.covered = subject->bytes.n;
	}
	for (size_t i = 0; i < subject->nhits && !k.exhausted; i++) {
		at = subject->hits[i].from;
		if (at >= k.covered)
			at_mark(&k, actions[subject->hits[i].pattern], at);
	}
	if (k.exhausted)
		emit_damage_at(sink, ERR_BUDGET, at, "more keys than there is time for: those from here on were not looked at");
}

const struct inspector keys_inspector = {
	.name = "keys",
	.title = "Private and public keys, certificates: PEM, DER, PKCS#8, PKCS#12, OpenSSH, dropbear, signify, OpenPGP",
	.spec = "RFC 5280, 5915, 5958, 7292, 7468, 8017, 9580; OpenSSH PROTOCOL.key; dropbear src/signkey.c",
	.patterns = keys_patterns,
	.wants = keys_wants,
	.run = keys_run,
};
