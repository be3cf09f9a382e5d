/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Xerox' dynamic loadable modules (DLM): lines of attributes of a job between %%XRXbegin and %%XRXend, then the module, mostly an
 * archive. The signature is over what the line says, whose making is not known.
 *
 * Specification: FACT_extractor plugins/unpacking/xerox/code/dlm.py; adindrabkin/xerox_dlm_ripper.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define HEAD_MAX 8192u
#define BEGIN "%%XRXbegin"
#define END "%%XRXend"
#define MODULE "DYNAMIC_LOADABLE_MODULE"

static bool is_printable(struct text line)
{
	for (size_t i = 0; i < line.n; i++)
		if ((uint8_t)line.p[i] >= 0x7f || ((uint8_t)line.p[i] < 0x20 && line.p[i] != '\r' && line.p[i] != '\t'))
			return false;
	return true;
}

static struct text line_at(struct span head, uint64_t at)
{
	struct span rest = span_from(head, at);
	const uint8_t *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	return end ? text_of((const char *)rest.p, (size_t)(end - rest.p)) : TEXT_NONE;
}

/* Where the module begins. The head is lines of "%%", one of which says what it is. */
static bool head_read(struct span at, uint64_t *end)
{
	struct span head = span_clip(at, 0, HEAD_MAX);
	struct text line = line_at(head, 0);
	bool is_module = false, ends = false;
	if (!text_starts(line, BEGIN) || line.n > sizeof BEGIN)
		return false;
	*end = line.n + 1;
	while (!ends && (line = line_at(head, *end)).n) {
		if (!text_starts(line, "%%") || text_starts(line, BEGIN) || !is_printable(line))
			return false;
		is_module |= text_has(line, MODULE);
		ends = text_starts(line, END) && line.n <= sizeof END;
		*end += line.n + 1;
	}
	return is_module && ends && *end < at.n;
}

static bool dlm_probe(struct span at, struct format_match *match)
{
	uint64_t end;
	if (!head_read(at, &end))
		return false;
	match->size = at.n;
	match->confidence = 90;
	return true;
}

static bool name_ends(char c)
{
	return c == ' ' || c == '\t' || c == '=';
}

/* "%%OID_ATT_DLM_VERSION "1.2"": the name, and the value without quotes. */
static void emit_attribute(struct walk *w, uint64_t at, struct text line)
{
	static const struct {
		const char *attribute, *field;
	} kept[] = { { "OID_ATT_DLM_NAME", "name" },
				 { "OID_ATT_DLM_VERSION", "version" },
				 { "OID_ATT_DLM_SIGNATURE", "signature" },
				 { "OID_ATT_DLM_EXTRACTION_CRITERIA", "extraction_criteria" },
				 { "OID_ATT_JOB_COMMENT", "comment" } };
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		size_t n = 2 + strlen(kept[i].attribute);
		if (line.n <= n || memcmp(line.p + 2, kept[i].attribute, n - 2) != 0 || !name_ends(line.p[n]))
			continue;
		struct text value = text_of(line.p + n, line.n - n);
		while (value.n && (name_ends(value.p[0]) || value.p[0] == '"'))
			value = text_of(value.p + 1, value.n - 1);
		while (value.n && (value.p[value.n - 1] == '"' || (uint8_t)value.p[value.n - 1] <= ' '))
			value.n--;
		wrapper_field(w, at, kept[i].field, span_of(value.p, value.n));
	}
}

static struct error dlm_walk(struct span bytes, struct walk *w)
{
	uint64_t end;
	if (!head_read(bytes, &end))
		return error_at(ERR_CORRUPT, 0, "no head of a module");
	for (uint64_t at = 0; at < end;) {
		const uint8_t *next = memchr(bytes.p + at, '\n', end - at);
		uint64_t n = next ? (uint64_t)(next - bytes.p) - at : end - at;
		emit_attribute(w, at, text_of((const char *)bytes.p + at, n));
		at += n + 1;
	}
	(void)region_emit(w, "module", bytes, end, bytes.n - end, NULL);
	return error_none();
}

static const struct format_magic dlm_magics[] = { MAGIC(BEGIN, 0), MAGIC_END };

const struct format xerox_dlm_format = {
	.name = "xerox_dlm",
	.kind = FORMAT_CONTAINER,
	.title = "Xerox dynamic loadable module",
	.spec = "FACT_extractor plugins/unpacking/xerox/code/dlm.py",
	.magics = dlm_magics,
	.probe = dlm_probe,
	.walk = dlm_walk,
	.own_bytes = true,
};
