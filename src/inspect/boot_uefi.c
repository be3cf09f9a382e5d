/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of UEFI's secure boot: lists of certificates and digests, in variables (uefi_nvram).
 *
 * Specification: UEFI 2.10, 32.4.1 (EFI_SIGNATURE_LIST), 3.3 and 32.6 (names). */
#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/hash.h"
#include "inspect/boot.h"

#define GUID 16u
#define LIST_HEADER 28u
#define ENTRIES_MAX 8192u
#define X509_GUID "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72"
#define SHA256_GUID "\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28"
#define SUBJECT_MAX 400u

/* By which name the platform looks for these; TEXT_NONE: it is none of them. */
static struct text list_name(struct text path)
{
	static const struct {
		const char *name, *variable;
	} known[] = {
		{ "PK", "PK-8be4df61-93ca-11d2-aa0d-00e098032b8c" },
		{ "KEK", "KEK-8be4df61-93ca-11d2-aa0d-00e098032b8c" },
		{ "db", "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f" },
		{ "dbx", "dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f" },
	};
	struct text base = text_base(path);
	if (base.n + 1 != path.n) /* a file of that name in some folder is a copy, or a way to enroll one */
		return TEXT_NONE;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is(base, known[i].variable))
			return text_c(known[i].name);
	return TEXT_NONE;
}

bool boot_uefi_is_list(const struct subject *s)
{
	return s->kind == ENTRY_FILE && list_name(s->path).p;
}

/* Keys that were made to be replaced: who has the firmware of any such machine has their private half, or everybody has. */
static bool is_for_tests(const char *subject)
{
	static const char *const words[] = { "DO NOT TRUST", "DO NOT SHIP", "SnakeOil", "Snake Oil", "snakeoil" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strstr(subject, words[i]))
			return true;
	return false;
}

static bool subject_of(struct span der, char out[SUBJECT_MAX])
{
	/* Whatever OpenSSL is asked first would look for its configuration file. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	const uint8_t *p = der.p;
	X509 *x = der.n && der.n < 65536 ? d2i_X509(NULL, &p, (long)der.n) : NULL;
	BIO *b = x ? BIO_new(BIO_s_mem()) : NULL;
	char *name = NULL;
	long n = b && X509_NAME_print_ex(b, X509_get_subject_name(x), 0, XN_FLAG_RFC2253) >= 0 ? BIO_get_mem_data(b, &name) : 0;
	if (n > 0)
		snprintf(out, SUBJECT_MAX, "%.*s", (int)n, name);
	BIO_free(b);
	X509_free(x);
	ERR_clear_error();
	return n > 0;
}

struct list {
	const struct subject *s;
	struct sink *sink;
	struct text name;
	unsigned entries;
};

static void emit_entry(struct list *l, uint64_t at, const char *value)
{
	boot_emit(l->sink, (int64_t)at, "uefi", l->name, text_c(value), "variables");
}

static void certificate(struct list *l, uint64_t at, struct span der)
{
	char subject[SUBJECT_MAX], value[SUBJECT_MAX + 8];
	if (!subject_of(der, subject)) {
		emit_damage_at(l->sink, ERR_CORRUPT, at, "a certificate in %s can not be read", l->name.p);
		return;
	}
	snprintf(value, sizeof value, "x509 %s", subject);
	emit_entry(l, at, value);
	if (!is_for_tests(subject) || text_is(l->name, "dbx")) /* there it is refused */
		return;
	char *detail = arena_printf(l->s->arena, "UEFI's %s trusts a key that is for tests: %s", l->name.p, subject);
	emit_leftover(l->sink, &(struct fact_leftover){ .kind = TEXT_LIT("test certificate"), .detail = text_c(detail) });
}

static void digest(struct list *l, uint64_t at, struct span bytes)
{
	char value[80] = "sha256 ";
	hash_hex(bytes.p, bytes.n, value + 7);
	emit_entry(l, at, value);
}

/* One list: entries of one size, each with its owner before it. False: it makes no sense. */
static bool read_list(struct list *l, uint64_t *at)
{
	struct span rest = span_from(l->s->bytes, *at);
	uint32_t size = span_u32le(rest, 16), header = span_u32le(rest, 20), each = span_u32le(rest, 24);
	struct span whole = span_sub(rest, 0, size);
	if (rest.n < LIST_HEADER || !whole.p || size < LIST_HEADER || header > size - LIST_HEADER || each <= GUID)
		return false;
	bool x509 = span_starts(whole, X509_GUID, GUID), sha256 = span_starts(whole, SHA256_GUID, GUID) && each == GUID + 32;
	for (uint64_t i = LIST_HEADER + header; i + each <= size && l->entries < ENTRIES_MAX; i += each, l->entries++) {
		struct span data = span_sub(whole, i + GUID, each - GUID);
		if (x509)
			certificate(l, *at + i + GUID, data);
		else if (sha256)
			digest(l, *at + i + GUID, data);
		else
			emit_entry(l, *at + i, "an entry of a kind that is not read");
	}
	*at += size;
	return true;
}

void boot_uefi_read(const struct subject *s, struct sink *sink)
{
	struct list l = { .s = s, .sink = sink, .name = list_name(s->path) };
	uint64_t at = 0;
	while (at < s->bytes.n && l.entries < ENTRIES_MAX)
		if (!read_list(&l, &at)) {
			emit_damage_at(sink, ERR_CORRUPT, at, "no EFI_SIGNATURE_LIST stands there");
			return;
		}
	if (l.entries == ENTRIES_MAX)
		emit_damage_at(sink, ERR_BUDGET, at, "more entries than are kept");
}
