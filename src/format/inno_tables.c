/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of Inno Setup's installers, whose records differ from version to version by strings and fields more or less.
 *
 * Specification: github.com/jrsoftware/issrc, Projects/Struct.pas, later Projects/Src/Shared.Struct.pas, of the versions named; for those
 * between them innoextract, src/setup.
 */
#include "format/inno.h"

#include <stdio.h>

#define V(a, b, c) INNO_VERSION(a, b, c, 0)
#define FIRST V(5, 0, 0)
#define LAST INNO_VERSION(6, 5, 2, 0) /* and 6.7.0; of what is between them nothing is known */
#define LATE V(6, 7, 0)
#define WINDOWS 20u /* from which version of Windows on, up to which */
#define LEAD_BYTES 32u
#define EPOCH_1601 INT64_C(11644473600)

/* ---- versions ---- */

bool inno_version_read(struct span at, struct inno_version *v)
{
	struct text id = text_until_nul(span_sub(at, 0, INNO_ID));
	unsigned parts[4] = { 0 }, n = 0;
	size_t i = sizeof INNO_ID_TEXT - 1;
	if (!text_starts(id, INNO_ID_TEXT))
		return false;
	for (; i < id.n && n < 4 && id.p[i] != ')'; i++) {
		if (id.p[i] >= '0' && id.p[i] <= '9')
			parts[n] = (parts[n] * 10 + (unsigned)(id.p[i] - '0')) & 0xff;
		else if (id.p[i] == '.')
			n++;
		else if (id.p[i] != 'a')
			return false;
	}
	v->number = INNO_VERSION(parts[0], parts[1], parts[2], parts[3]);
	v->unicode = v->number >= V(6, 3, 0) || text_has(id, "(u)") || text_has(id, "(U)");
	int length = snprintf(v->text, sizeof v->text, "%u.%u.%u", parts[0], parts[1], parts[2]);
	if (parts[3])
		length += snprintf(v->text + length, sizeof v->text - (size_t)length, ".%u", parts[3]);
	snprintf(v->text + length, sizeof v->text - (size_t)length, "%s", v->unicode ? " (u)" : "");
	return n >= 2 && i < id.n;
}

/* ---- layouts ---- */

/* Bytes of a set: 3 are stored as 4. */
static unsigned set_size(unsigned flags)
{
	unsigned n = (flags + 7) / 8;
	return n == 3 ? 4 : n;
}

static unsigned header_strings(uint32_t v)
{
	unsigned n = 27;
	n += v >= V(5, 1, 13);                       /* AppSupportPhone */
	n += v >= V(5, 2, 1) && v < V(5, 3, 10);     /* SignedUninstallerSignature */
	n += v >= V(5, 3, 8);                        /* CreateUninstallRegKey */
	n += v >= V(5, 3, 10);                       /* Uninstallable */
	n += v >= V(5, 5, 0);                        /* CloseApplicationsFilter */
	n += v >= V(5, 5, 6);                        /* SetupMutex */
	n += v >= V(5, 6, 1) ? 2 : 0;                /* ChangesEnvironment, ChangesAssociations */
	n += v >= V(6, 3, 0) ? 2 : 0;                /* ArchitecturesAllowed, ArchitecturesInstallIn64BitMode */
	n += v >= V(6, 4, 2);                        /* CloseApplicationsFilterExcludes */
	n += v >= V(6, 5, 0);                        /* SevenZipLibraryName */
	n += v >= LATE ? 5 : 0;                      /* UsePreviousAppDir and so on */
	return n;
}

static unsigned header_flags(const struct inno_version *version)
{
	uint32_t v = version->number;
	unsigned n = 37;
	if (v >= LATE)
		return 57;
	n += v < V(5, 3, 10);                        /* Uninstallable */
	n += v < V(5, 3, 3) ? 2 : 0;                 /* DisableDirPage, DisableProgramGroupPage */
	n += v < V(5, 6, 1);                         /* ChangesAssociations */
	n += v < V(5, 3, 8);                         /* CreateUninstallRegKey */
	n += v >= V(5, 0, 4) && v < V(5, 6, 1);      /* ChangesEnvironment */
	n += v >= V(5, 1, 7) && !version->unicode;   /* ShowUndisplayableLanguages */
	n += v >= V(5, 1, 13);                       /* SetupLogging */
	n += v >= V(5, 2, 1);                        /* SignedUninstaller */
	n += v >= V(5, 3, 8);                        /* UsePreviousLanguage */
	n += v >= V(5, 3, 9);                        /* DisableWelcomePage */
	n += v >= V(5, 5, 0) ? 3 : 0;                /* CloseApplications, RestartApplications, AllowNetworkDrive */
	n += v >= V(5, 5, 7);                        /* ForceCloseApplications */
	n += v >= V(6, 0, 0) ? 3 : 0;                /* AppNameHasConsts, UsePreviousPrivileges, WizardResizable */
	n += v >= V(6, 3, 0);                        /* UninstallLogging */
	n -= v >= INNO_VERSION(6, 4, 0, 1) ? 5 : 0;  /* WindowVisible and so on, BackColorHorizontal */
	n -= v >= V(6, 5, 0);                        /* EncryptionUsed */
	return n;
}

/* What stands between the counts and how the chunks are packed. */
static unsigned header_before_method(uint32_t v)
{
	unsigned n = WINDOWS + 8 + 4 + 6; /* ExtraDiskSpaceRequired, SlicesPerDisk; UninstallLogMode to LanguageDetectionMethod */
	if (v >= LATE)
		return n + 8 + 1 + 1 + 24 + 2 + 1;       /* the wizard's size and colours */
	n += v < INNO_VERSION(6, 4, 0, 1) ? 8 : 0;   /* BackColor, BackColor2 */
	n += v < V(5, 5, 7) ? 4 : 0;                 /* WizardImageBackColor */
	n += v < V(5, 0, 4) ? 4 : 0;                 /* WizardSmallImageBackColor */
	n += v >= V(6, 0, 0) ? 9 : 0;                /* WizardStyle, WizardSizePercentX and Y */
	n += v >= V(5, 5, 7);                        /* WizardImageAlphaFormat */
	n += v < V(5, 3, 9) ? 24 : v < INNO_VERSION(6, 4, 0, 1) ? 28 : v < V(6, 5, 0) ? 48 : 0; /* the password's hash and salt */
	n -= v < V(5, 7, 0);                         /* PrivilegesRequiredOverridesAllowed */
	return n;
}

static unsigned header_behind_method(const struct inno_version *version)
{
	uint32_t v = version->number;
	unsigned n = 1;
	n += v >= V(5, 1, 0) && v < V(6, 3, 0) ? 2 : 0;  /* ArchitecturesAllowed, ArchitecturesInstallIn64BitMode */
	n += v >= V(5, 2, 1) && v < V(5, 3, 10) ? 8 : 0; /* SignedUninstallerOrigSize, SignedUninstallerHdrChecksum */
	n += v >= V(5, 3, 3) ? 2 : 0;                    /* DisableDirPage, DisableProgramGroupPage */
	n += v >= V(5, 5, 0) ? 8 : v >= V(5, 3, 6) ? 4 : 0; /* UninstallDisplaySize */
	return n + set_size(header_flags(version));
}

/* Languages, messages, permissions, types, components, tasks, directories, keys of signatures. */
static void set_before(const struct inno_version *version, struct inno_layout *l)
{
	uint32_t v = version->number;
	unsigned language = 4 + 16 + (v >= V(5, 2, 3)) + (!version->unicode || v < V(5, 3, 0) ? 4 : 0);
	bool late = v >= LATE;
	const struct inno_record before[INNO_BEFORE_FILES] = {
		{ late ? 8 : 10, (uint16_t)(late ? 19 : language) }, { 2, 4 }, { 1, 0 }, { 4, WINDOWS + 10 }, { 5, late ? 39 : 42 },
		{ 6, late ? 23 : 26 }, { 7, 4 + WINDOWS + 3 }, { 3, 0 },
	};
	memcpy(l->before, before, sizeof before);
	l->before_n = v >= V(6, 5, 0) ? 8 : 7;
}

static void set_location(uint32_t v, struct inno_layout *l)
{
	l->wide_start = v >= V(6, 5, 2);
	l->digest = v < V(5, 3, 9) ? DIGEST_MD5 : v < INNO_VERSION(6, 4, 0, 1) ? DIGEST_SHA1 : DIGEST_SHA256;
	l->digest_at = l->wide_start ? 40 : 36;
	l->flags_at = l->digest_at + (unsigned)digest_size(l->digest) + 16;
	if (v >= V(6, 4, 3)) {
		l->location_size = l->flags_at + 1;
		l->call_bit = 2;
		l->encrypted_bit = 3;
		l->compressed_bit = 4;
		return;
	}
	l->location_size = l->flags_at + (v >= V(5, 1, 13) ? 2 : 1) + (v >= V(6, 3, 0)); /* SolidBreak is the ninth flag; Sign */
	l->call_bit = 4;
	l->encrypted_bit = 6;
	l->compressed_bit = 7;
}

bool inno_layout_of(const struct inno_version *version, struct inno_layout *l)
{
	uint32_t v = version->number;
	bool keys = v >= V(6, 5, 0);
	*l = (struct inno_layout){ 0 };
	if (v < FIRST || (v > LAST && v != LATE))
		return false;
	l->counts_at = version->unicode ? 0 : LEAD_BYTES;
	l->files_count = keys ? 8 : 7;
	unsigned counts_end = l->counts_at + 4 * (keys ? 17 : 16);
	l->method_at = counts_end + header_before_method(v);
	l->header = (struct inno_record){ (uint8_t)header_strings(v), (uint16_t)(l->method_at + header_behind_method(version)) };
	set_before(version, l);
	unsigned options = v >= LATE ? 8 : keys ? 5 : 4;
	l->file_location_at = WINDOWS + (keys ? 33 : 0); /* Verification: a digest, how */
	l->file = (struct inno_record){ (uint8_t)(keys ? 16 : v >= V(5, 2, 5) ? 10 : 9), (uint16_t)(l->file_location_at + 18 + options + 1) };
	set_location(v, l);
	l->wide_blocks = v >= LATE;
	l->encryption_header = keys;
	return true;
}

/* ---- records ---- */

static struct span take_string(struct reader *r)
{
	return rd_bytes(r, rd_u32(r));
}

/* The first two strings, and what is fixed. */
static struct span take_record(struct reader *r, const struct inno_record *record, struct span strings[2])
{
	for (unsigned i = 0; i < record->strings; i++) {
		struct span s = take_string(r);
		if (i < 2)
			strings[i] = s;
	}
	return rd_bytes(r, record->fixed);
}

bool inno_files_read(const struct inno_layout *l, struct span block, bool whole, struct arena *a, struct inno_tables *t)
{
	struct reader r = reader_le(block);
	struct span strings[2], fixed = take_record(&r, &l->header, strings);
	if (!rd_ok(&r))
		return false;
	t->application = text_from_span(strings[1]);
	t->method = fixed.p[l->method_at];
	for (unsigned kind = 0; kind < l->before_n; kind++)
		for (uint32_t n = span_u32le(fixed, l->counts_at + 4 * kind); n && rd_ok(&r); n--)
			(void)take_record(&r, &l->before[kind], strings);
	uint32_t n = span_u32le(fixed, l->counts_at + 4 * l->files_count), locations = span_u32le(fixed, l->counts_at + 4 * (l->files_count + 1));
	size_t most = rd_left(&r) / (l->file.fixed + 4u * l->file.strings);
	t->files = ARENA_ARRAY(a, struct inno_file, (n < most ? n : most) + 1);
	t->locations_n = locations;
	if (!t->files)
		return false;
	for (uint32_t i = 0; i < n && rd_ok(&r) && t->files_n < most; i++) {
		fixed = take_record(&r, &l->file, strings);
		uint32_t location = span_u32le(fixed, l->file_location_at);
		if (!rd_ok(&r) || (location >= locations && location != INNO_NO_LOCATION))
			break;
		t->files[t->files_n++] = (struct inno_file){ strings[0], strings[1], location };
	}
	return t->files_n == n || !whole;
}

static void read_location(const struct inno_layout *l, struct span s, struct inno_location *o)
{
	struct reader r = reader_le(s);
	o->slice = rd_u32(&r);
	rd_skip(&r, 4);
	o->start = rd_uint(&r, l->wide_start ? 8 : 4);
	o->sub = rd_u64(&r);
	o->size = rd_u64(&r);
	o->packed = rd_u64(&r);
	o->digest = rd_bytes(&r, digest_size(l->digest));
	uint64_t time = rd_u64(&r);
	o->mtime = !time || time >> 63 ? FACT_NULL : (int64_t)(time / 10000000) - EPOCH_1601;
	rd_seek(&r, l->flags_at);
	uint8_t flags = rd_u8(&r);
	o->call = flags >> l->call_bit & 1;
	o->encrypted = flags >> l->encrypted_bit & 1;
	o->compressed = flags >> l->compressed_bit & 1;
}

bool inno_locations_read(const struct inno_layout *l, struct span block, bool whole, struct arena *a, struct inno_tables *t)
{
	size_t there = block.n / l->location_size;
	if (whole && (block.n % l->location_size || there != t->locations_n))
		return false;
	if (there < t->locations_n)
		t->locations_n = there;
	t->locations = ARENA_ARRAY(a, struct inno_location, t->locations_n + 1);
	for (size_t i = 0; t->locations && i < t->locations_n; i++)
		read_location(l, span_sub(block, i * l->location_size, l->location_size), &t->locations[i]);
	return t->locations != NULL;
}
