/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strings of NSIS installers: bytes or units of 16 bits, among which codes stand for variables, folders of the system and texts.
 *
 * Specification: nsis.sourceforge.io, Source/exehead/fileform.h (NS_SKIP_CODE and so on), util.c (GetNSISString).
 */
#include <stdio.h>

#include "format/notation.h"
#include "format/nsis.h"

enum code { CODE_NONE, CODE_LANGUAGE, CODE_FOLDER, CODE_VARIABLE, CODE_SKIP };

#define PARK_FIRST 0xe000u /* of the older Unicode variant: skip, variable, folder, language */

/* What the unit stands for. */
static enum code code_of(const struct nsis_strings *s, unsigned unit)
{
	static const enum code reversed[] = { CODE_SKIP, CODE_VARIABLE, CODE_FOLDER, CODE_LANGUAGE };
	if ((s->unicode || s->modern) && unit >= 1 && unit <= 4)
		return (enum code)unit;
	if (s->unicode && unit >= PARK_FIRST && unit < PARK_FIRST + 4)
		return reversed[unit - PARK_FIRST];
	if (!s->unicode && !s->modern && unit >= 252)
		return reversed[unit - 252];
	return CODE_NONE;
}

/* 0 at the end of the string, and behind all of them. */
static unsigned unit_at(const struct nsis_strings *s, uint64_t at)
{
	struct span one = span_sub(s->bytes, at, 1);
	return s->unicode ? span_u16le(s->bytes, 2 * at) : one.p ? one.p[0] : 0;
}

void nsis_strings_note(struct nsis_strings *s, uint32_t at)
{
	unsigned unit;
	for (uint64_t i = at; i < (uint64_t)at + NSIS_NAME_MAX && (unit = unit_at(s, i)); i++)
		s->modern |= unit <= 4;
}

static void append(char out[NSIS_NAME_MAX], size_t *n, const char *text)
{
	size_t more = strlen(text);
	if (more < NSIS_NAME_MAX - *n) {
		memcpy(out + *n, text, more);
		*n += more;
	}
}

static void append_variable(char out[NSIS_NAME_MAX], size_t *n, unsigned number)
{
	static const char *const names[] = { "CMDLINE", "INSTDIR", "OUTDIR",  "EXEDIR",     "LANGUAGE", "TEMP",
										 "PLUGINSDIR", "EXEPATH", "EXEFILE", "HWNDPARENT", "_CLICK", "_OUTDIR" };
	char text[32];
	if (number < 20)
		snprintf(text, sizeof text, "$%s%u", number < 10 ? "" : "R", number % 10);
	else if (number - 20 < sizeof names / sizeof names[0])
		snprintf(text, sizeof text, "$%s", names[number - 20]);
	else
		snprintf(text, sizeof text, "$_%u_", number);
	append(out, n, text);
}

/* By CSIDL, for the current user or for all; of the folders of programs the string in the registry. */
static void append_folder(const struct nsis_strings *s, char out[NSIS_NAME_MAX], size_t *n, unsigned user, unsigned all)
{
	static const struct {
		unsigned id;
		const char *name;
	} folders[] = { { 0x00, "DESKTOP" },  { 0x02, "SMPROGRAMS" }, { 0x05, "DOCUMENTS" },      { 0x06, "FAVORITES" }, { 0x07, "SMSTARTUP" },
					{ 0x09, "SENDTO" },   { 0x0b, "STARTMENU" },  { 0x10, "DESKTOP" },        { 0x14, "FONTS" },     { 0x15, "TEMPLATES" },
					{ 0x1a, "APPDATA" },  { 0x1c, "LOCALAPPDATA" }, { 0x23, "APPDATA" },      { 0x24, "WINDIR" },    { 0x25, "SYSDIR" },
					{ 0x26, "PROGRAMFILES" }, { 0x28, "PROFILE" }, { 0x2b, "COMMONFILES" },   { 0x2e, "DOCUMENTS" } };
	char text[32];
	if (user & 0x80) {
		unsigned at = user & 0x3f;
		append(out, n, unit_at(s, at) == 'C' ? "$COMMONFILES" : "$PROGRAMFILES");
		append(out, n, user & 0x40 ? "64" : "");
		return;
	}
	for (size_t i = 0; i < 2 * sizeof folders / sizeof folders[0]; i++) {
		size_t k = i / 2;
		if (folders[k].id == (i & 1 ? all : user)) {
			append(out, n, "$");
			append(out, n, folders[k].name);
			return;
		}
	}
	snprintf(text, sizeof text, "$_FOLDER_%u_", user);
	append(out, n, text);
}

static void append_code(const struct nsis_strings *s, char out[NSIS_NAME_MAX], size_t *n, enum code code, unsigned low, unsigned high)
{
	unsigned number = (low & 0x7f) | (high & 0x7f) << 7;
	char text[32];
	if (code == CODE_FOLDER) {
		append_folder(s, out, n, low, high);
	} else if (code == CODE_VARIABLE) {
		append_variable(out, n, number);
	} else {
		snprintf(text, sizeof text, "$(LSTR_%u)", number);
		append(out, n, text);
	}
}

static void append_unit(const struct nsis_strings *s, char out[NSIS_NAME_MAX], size_t *n, uint64_t at)
{
	char text[8] = { 0 };
	unsigned unit = unit_at(s, at);
	bool pair = s->unicode && unit >= 0xd800 && unit < 0xdc00;
	if (s->unicode)
		text[utf16_to_utf8(span_sub(s->bytes, 2 * at, pair ? 4 : 2), false, false, text)] = '\0';
	else
		text[0] = (char)unit;
	append(out, n, text);
}

bool nsis_string(const struct nsis_strings *s, uint32_t at, char out[NSIS_NAME_MAX])
{
	size_t n = 0;
	uint64_t i = at, end = (uint64_t)at + NSIS_NAME_MAX;
	unsigned unit;
	while (i < end && (unit = unit_at(s, i))) {
		enum code code = code_of(s, unit);
		unsigned value = code ? unit_at(s, i + 1) : 0;
		bool pair = s->unicode && unit >= 0xd800 && unit < 0xdc00;
		if (code == CODE_NONE || code == CODE_SKIP) {
			append_unit(s, out, &n, code ? i + 1 : i);
			i += code || pair ? 2 : 1;
			continue;
		}
		bool park = unit >= PARK_FIRST;
		unsigned high = !s->unicode ? unit_at(s, i + 2) : park && code != CODE_FOLDER ? value >> 7 : value >> 8;
		append_code(s, out, &n, code, s->unicode ? value & 0xff : value, high);
		i += s->unicode ? 2 : 3;
	}
	out[n] = '\0';
	return n > 0;
}
