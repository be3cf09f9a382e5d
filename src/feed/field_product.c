/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Product keys from CPE names and package URLs.
 *
 * Specifications: NISTIR 7695 (CPE 2.3 naming), sections 6.1 (URI binding) and 6.2 (formatted string binding); the
 * package-url specification (PURL-SPECIFICATION), "Rules for each purl component". */
#include <stdio.h>

#include "feed/field.h"

enum { CPE_ATTRIBUTES = 11 }; /* part to other */

/* The attributes of a formatted string, still with backslashes. */
static bool split_formatted(struct text cpe, struct text attributes[CPE_ATTRIBUTES])
{
	size_t from = strlen("cpe:2.3:"), n = 0;
	for (size_t i = from; i <= cpe.n; i++) {
		if (i < cpe.n && cpe.p[i] == '\\') {
			i++;
			continue;
		}
		if (i < cpe.n && cpe.p[i] != ':')
			continue;
		if (n == CPE_ATTRIBUTES || i == from)
			return false;
		attributes[n++] = text_of(cpe.p + from, i - from);
		from = i + 1;
	}
	return n == CPE_ATTRIBUTES;
}

static struct text unescape(struct feed_run *run, struct text t)
{
	struct text copy = field_lower(run, t);
	size_t n = 0;
	char *p = (char *)copy.p;
	if (!copy.n || !memchr(copy.p, '\\', copy.n))
		return copy;
	for (size_t i = 0; i < copy.n; i++) {
		if (p[i] == '\\' && i + 1 < copy.n)
			i++;
		p[n++] = p[i];
	}
	return text_of(copy.p, n);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static struct text percent_decode(struct feed_run *run, struct text t)
{
	char *p = arena_strdup(run->arena, t);
	size_t n = 0;
	for (size_t i = 0; p && i < t.n; i++) {
		if (t.p[i] == '%' && i + 2 < t.n && hex(t.p[i + 1]) >= 0 && hex(t.p[i + 2]) >= 0) {
			p[n++] = (char)(hex(t.p[i + 1]) << 4 | hex(t.p[i + 2]));
			i += 2;
		} else {
			p[n++] = t.p[i];
		}
	}
	return p && !memchr(p, 0, n) ? text_of(p, n) : TEXT_NONE;
}

/* One attribute of a URI as the formatted string writes it. */
static size_t bind_attribute(struct text t, char *out, size_t size)
{
	size_t n = 0;
	if (!t.n)
		return (size_t)snprintf(out, size, "*");
	for (size_t i = 0; i < t.n && n + 2 < size; i++) {
		char c = t.p[i];
		bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '.' ||
					 c == '-' || (uint8_t)c >= 0x80;
		if (!plain)
			out[n++] = '\\';
		out[n++] = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
	}
	out[n] = '\0';
	return n;
}

/* "cpe:/a:vendor:product:version:update:edition:language" (2.2) as a formatted string. A packed edition is not unpacked. */
static struct text formatted_from_uri(struct feed_run *run, struct text uri)
{
	struct text parts[7] = { TEXT_NONE };
	size_t from = strlen("cpe:/"), n = 0, used = 0;
	char out[1024];
	for (size_t i = from; i <= uri.n; i++) {
		if (i < uri.n && uri.p[i] != ':')
			continue;
		if (n == 7)
			return TEXT_NONE;
		parts[n++] = percent_decode(run, text_of(uri.p + from, i - from));
		from = i + 1;
	}
	used = (size_t)snprintf(out, sizeof out, "cpe:2.3");
	for (size_t i = 0; i < 7 && used + 8 < sizeof out; i++) {
		out[used++] = ':';
		used += bind_attribute(i == 5 && parts[i].n && parts[i].p[0] == '~' ? TEXT_NONE : parts[i], out + used,
							   sizeof out - used - 12);
	}
	return field_print(run, "%s:*:*:*:*", out);
}

bool field_cpe(struct feed_run *run, const struct json_node *node, struct text cpe, bool strict,
			   struct feed_criterion *criterion)
{
	struct text a[CPE_ATTRIBUTES];
	struct text name = text_starts(cpe, "cpe:/") ? formatted_from_uri(run, cpe) : cpe;
	if (!text_starts(name, "cpe:2.3:") || name.n > 2000 || !split_formatted(name, a) || a[0].n != 1 ||
		!strchr("aho*", a[0].p[0])) {
		if (strict && cpe.p)
			field_fault(run, node, "\"%.*s\" is no CPE 2.3 name", (int)(cpe.n < 60 ? cpe.n : 60), cpe.p);
		return false;
	}
	struct text vendor = unescape(run, a[1]), product = unescape(run, a[2]), version = unescape(run, a[3]);
	criterion->cpe = name;
	criterion->product = field_print(run, "cpe:%c:%.*s:%.*s", a[0].p[0], (int)vendor.n, vendor.p ? vendor.p : "",
									 (int)product.n, product.p ? product.p : "");
	criterion->version = text_is(version, "*") ? TEXT_NONE : version;
	return criterion->product.p != NULL;
}

bool field_purl(struct feed_run *run, struct text purl, struct text *product, struct text *version)
{
	*product = *version = TEXT_NONE;
	if (!text_starts(purl, "pkg:") || purl.n > 2000)
		return false;
	struct text rest = text_of(purl.p + 4, purl.n - 4);
	while (rest.n && rest.p[0] == '/') {
		rest.p++;
		rest.n--;
	}
	const char *cut = rest.n ? memchr(rest.p, '#', rest.n) : NULL;
	rest.n = cut ? (size_t)(cut - rest.p) : rest.n;
	cut = rest.n ? memchr(rest.p, '?', rest.n) : NULL;
	rest.n = cut ? (size_t)(cut - rest.p) : rest.n;
	cut = rest.n ? memrchr(rest.p, '@', rest.n) : NULL;
	const char *slash = rest.n ? memrchr(rest.p, '/', rest.n) : NULL;
	if (cut && slash && cut > slash) {
		*version = percent_decode(run, text_of(cut + 1, rest.n - (size_t)(cut + 1 - rest.p)));
		rest.n = (size_t)(cut - rest.p);
	}
	if (!slash || slash == rest.p || rest.n == (size_t)(slash + 1 - rest.p))
		return false;
	struct text decoded = percent_decode(run, rest);
	*product = decoded.p ? field_print(run, "purl:%.*s", (int)decoded.n, decoded.p) : TEXT_NONE;
	return product->p != NULL;
}
