/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variables of UEFI as EDK II keeps them in flash: each becomes a file of the name that Linux gives it (efivarfs), its
 * data, and of those that say whether secure boot is set up, a row. Only stores in volumes of that kind are read.
 *
 * Specification: EDK II, MdeModulePkg/Include/Guid/VariableFormat.h; UEFI 2.10, 3.3 (global variables), 32.4 (keys).
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/format.h"
#include "format/notation.h"

#define STORE_HEADER 28u
#define VARIABLE_MAX 8192u
#define GUID_SIZE 16u
#define NAME_UNITS_MAX 128u
#define NAME_ROOM (3 * NAME_UNITS_MAX + 1)
#define AUTHENTICATED "aaf32c78-947b-439a-a180-2e144ec37792"
#define PLAIN "ddcf3616-3275-4164-98b6-fe85707ffe7d"
#define GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define ENABLED "f0a30bc7-af08-4556-99c4-001009c93a44"

enum { ADDED = 0x3f, BEING_REPLACED = 0x3e };

struct store {
	uint64_t size;
	bool authenticated;
};

struct variable {
	uint64_t at, data, end;
	uint8_t state;
	struct span name, guid, bytes;
};

static bool store_read(struct span at, struct store *s)
{
	char guid[GUID_TEXT];
	struct span header = span_sub(at, 0, STORE_HEADER);
	if (!header.p)
		return false;
	guid_text(span_sub(header, 0, GUID_SIZE), guid);
	s->authenticated = strcmp(guid, AUTHENTICATED) == 0;
	s->size = span_u32le(header, 16);
	return (s->authenticated || strcmp(guid, PLAIN) == 0) && header.p[20] == 0x5a && header.p[21] == 0xfe &&
		   s->size >= STORE_HEADER;
}

static bool nvram_probe(struct span at, struct format_match *match)
{
	struct store s;
	if (!store_read(at, &s))
		return false;
	match->size = s.size;
	match->confidence = 95;
	return true;
}

/* The variable at `at`. False: none stands there. */
static bool variable_read(struct span bytes, const struct store *s, uint64_t at, struct variable *v)
{
	struct reader r = reader_le(span_from(bytes, at < bytes.n ? at : bytes.n));
	uint16_t mark = rd_u16(&r);
	*v = (struct variable){ .at = at, .state = rd_u8(&r) };
	rd_skip(&r, 5); /* reserved, attributes */
	if (s->authenticated)
		rd_skip(&r, 28); /* count, time, index of a key */
	uint32_t name = rd_u32(&r), data = rd_u32(&r);
	v->guid = rd_bytes(&r, GUID_SIZE);
	v->name = rd_bytes(&r, name);
	v->data = at + r.at;
	v->bytes = rd_bytes(&r, data);
	v->end = at + r.at;
	return rd_ok(&r) && mark == 0x55aa && v->end <= s->size;
}

static bool next(struct span bytes, const struct store *s, uint64_t *at, struct variable *v)
{
	if (!variable_read(bytes, s, *at, v))
		return false;
	*at = (v->end + 3) & ~(uint64_t)3;
	return true;
}

static bool is_same(const struct variable *a, const struct variable *b)
{
	return a->name.n == b->name.n && memcmp(a->name.p, b->name.p, a->name.n) == 0 &&
		   memcmp(a->guid.p, b->guid.p, GUID_SIZE) == 0;
}

/* A variable that is being replaced is the one that counts until the new one is there. */
static bool is_replaced(struct span bytes, const struct store *s, const struct variable *old)
{
	struct variable v;
	uint64_t at = STORE_HEADER;
	for (unsigned i = 0; i < VARIABLE_MAX && next(bytes, s, &at, &v); i++)
		if (v.state == ADDED && is_same(&v, old))
			return true;
	return false;
}

/* ---- what it says of secure boot ---- */

struct secure {
	bool keyed, disabled;
	uint64_t at; /* of the platform's key, or of the store */
};

static void tell(struct walk *w, uint64_t at, const char *key, const char *value)
{
	emit_boot_setting(w->sink, &(struct fact_boot_setting){ .offset = (int64_t)at,
															.loader = TEXT_LIT("uefi"),
															.key = text_c(key),
															.value = text_c(value),
															.origin = TEXT_LIT("variables") });
}

static void note(struct walk *w, const struct variable *v, const char *name, const char *guid, struct secure *s)
{
	char value[8];
	bool global = strcmp(guid, GLOBAL) == 0;
	if (global && strcmp(name, "PK") == 0 && v->bytes.n) {
		s->keyed = true;
		s->at = v->at;
	}
	if (v->bytes.n != 1)
		return;
	snprintf(value, sizeof value, "%u", v->bytes.p[0]);
	if (strcmp(guid, ENABLED) == 0 && strcmp(name, "SecureBootEnable") == 0) {
		s->disabled = v->bytes.p[0] == 0;
		tell(w, v->data, name, value);
	}
}

static bool emit_variable(struct walk *w, const struct variable *v, struct secure *secure)
{
	char name[NAME_ROOM], guid[GUID_TEXT], path[NAME_ROOM + GUID_TEXT + 2];
	size_t n = v->name.n <= 2 * NAME_UNITS_MAX ? utf16_to_utf8(v->name, false, true, name) : 0;
	guid_text(v->guid, guid);
	if (!n)
		return true;
	name[n] = '\0';
	snprintf(path, sizeof path, "/%s-%s", name, guid);
	for (char *p = path + 1; *p; p++)
		if (*p == '/')
			*p = '_';
	note(w, v, name, guid, secure);
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE, .path = text_c(path) };
	e.offset = v->data;
	e.size = v->bytes.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = v->bytes };
	return w->child(w, &e);
}

static struct error nvram_walk(struct span bytes, struct walk *w)
{
	struct store s;
	struct variable v;
	struct secure secure = { .at = 0 };
	uint64_t at = STORE_HEADER;
	unsigned replacing = 0, n = 0;
	if (!store_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no store of variables");
	for (; n < VARIABLE_MAX && next(bytes, &s, &at, &v); n++) {
		bool live = v.state == ADDED || (v.state == BEING_REPLACED && replacing++ < 16 && !is_replaced(bytes, &s, &v));
		if (live && !emit_variable(w, &v, &secure))
			return error_none();
	}
	if (s.authenticated && (s.size <= bytes.n || secure.keyed)) /* what is cut off may have the key */
		tell(w, secure.at, "SecureBoot",
					 !secure.keyed      ? "setup mode: there is no platform key (PK)"
					 : secure.disabled  ? "user mode, but switched off (SecureBootEnable)"
										: "user mode: a platform key (PK) is there");
	struct span rest = span_from(bytes, at < bytes.n ? at : bytes.n);
	if (n == VARIABLE_MAX || (rest.n > 2 && span_u16le(rest, 0) == 0x55aa))
		return error_at(ERR_CORRUPT, at, "a variable's header does not make sense, or there are too many");
	return s.size > bytes.n ? error_at(ERR_TRUNCATED, bytes.n, "the store of variables is cut off") : error_none();
}

const struct format uefi_nvram_format = {
	.name = "uefi_nvram",
	.kind = FORMAT_FILESYSTEM,
	.title = "variables of UEFI (EDK II)",
	.spec = "EDK II MdeModulePkg/Include/Guid/VariableFormat.h",
	.probe = nvram_probe,
	.walk = nvram_walk,
};
