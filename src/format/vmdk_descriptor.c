/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: VMware Virtual Disk Format 5.0, "The Descriptor File". */
#include "format/vmdk.h"

#include "format/guest_disk.h"

#define BEGINS "# Disk DescriptorFile"
#define SHOWN 80u

static bool is_text(uint8_t c)
{
	return (c >= ' ' && c != 0x7f) || c == '\n' || c == '\r' || c == '\t';
}

struct text vmdk_descriptor_text(struct span bytes)
{
	size_t n = 0;
	if (!span_starts(bytes, BEGINS, sizeof BEGINS - 1))
		return TEXT_NONE;
	while (n < bytes.n && n < VMDK_DESCRIPTOR_MAX && is_text(bytes.p[n]))
		n++;
	return text_of((const char *)bytes.p, n);
}

#define CID_DIGITS 8u

bool vmdk_descriptor_is_all(struct span bytes)
{
	struct text d = vmdk_descriptor_text(bytes);
	struct span rest = span_from(bytes, d.n);
	size_t n = 0;
	while (n < CID_DIGITS && n < d.n && !(span_has(rest, 1, d.p + d.n - n, n) && span_is_zero(span_from(rest, 1 + n))))
		n++;
	return d.n && (rest.n == 0 || (rest.p[0] == 0 && n < CID_DIGITS && n < d.n));
}

#define BLANKS " \t\r"

static bool is_blank(char c)
{
	return c && strchr(BLANKS, c);
}

static struct text unquote(struct text t)
{
	t = text_trim(t, BLANKS);
	return t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"' ? text_of(t.p + 1, t.n - 2) : t;
}

/* The line at *at, which moves to the next one. */
static bool next_line(struct text d, size_t *at, struct text *line)
{
	if (*at >= d.n)
		return false;
	const char *from = d.p + *at, *end = memchr(from, '\n', d.n - *at);
	size_t n = end ? (size_t)(end - from) : d.n - *at;
	*line = text_trim(text_of(from, n), BLANKS);
	*at += n + 1;
	return true;
}

struct text vmdk_descriptor_value(struct text descriptor, const char *key)
{
	struct text line;
	for (size_t at = 0; next_line(descriptor, &at, &line);) {
		const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
		size_t n = equals ? (size_t)(equals - line.p) : 0;
		if (equals && text_is(text_trim(text_of(line.p, n), BLANKS), key))
			return unquote(text_of(equals + 1, line.n - n - 1));
	}
	return TEXT_NONE;
}

static struct text word(struct text *line)
{
	*line = text_trim(*line, BLANKS);
	size_t n = 0;
	if (line->n && line->p[0] == '"') {
		const char *end = memchr(line->p + 1, '"', line->n - 1);
		n = end ? (size_t)(end - line->p) + 1 : line->n;
	}
	while (n < line->n && !is_blank(line->p[n]))
		n++;
	struct text t = text_of(line->p, n);
	*line = text_of(line->p + n, line->n - n);
	return t;
}

static bool number(struct text t, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9' || *value > UINT64_MAX / 1000)
			return false;
		*value = *value * 10 + (uint64_t)(t.p[i] - '0');
	}
	return t.n > 0;
}

bool vmdk_descriptor_extent(struct text descriptor, size_t *at, struct vmdk_extent *extent)
{
	struct text line;
	for (size_t from = *at; next_line(descriptor, at, &line); from = *at) {
		struct text access = word(&line);
		if (!text_is(access, "RW") && !text_is(access, "RDONLY") && !text_is(access, "NOACCESS"))
			continue;
		*extent = (struct vmdk_extent){ .at = from };
		if (!number(word(&line), &extent->sectors) || extent->sectors > UINT64_MAX >> 16)
			continue;
		extent->kind = word(&line);
		extent->file = unquote(word(&line));
		struct text first = word(&line);
		if (first.n && !number(first, &extent->first))
			continue;
		return true;
	}
	return false;
}

static void emit_value(struct text d, uint64_t at, const char *key, struct walk *w)
{
	struct text value = vmdk_descriptor_value(d, key);
	if (value.p)
		emit_header_field(w->sink, at, key, "%.*s", (int)(value.n < SHOWN ? value.n : SHOWN), value.p);
}

unsigned vmdk_descriptor_emit(struct text descriptor, uint64_t at, struct walk *w)
{
	unsigned extents = 0;
	struct vmdk_extent e;
	emit_value(descriptor, at, "createType", w);
	emit_value(descriptor, at, "ddb.toolsVersion", w);
	struct text parent = vmdk_descriptor_value(descriptor, "parentCID");
	if (parent.n && !text_is(parent, "ffffffff") && !text_is(parent, "0"))
		guest_disk_needs(w, at, vmdk_descriptor_value(descriptor, "parentFileNameHint"));
	for (size_t i = 0; vmdk_descriptor_extent(descriptor, &i, &e);)
		extents++;
	return extents;
}
