/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Product keys from CPE names and package URLs.
 *
 * Specifications: NISTIR 7695 (CPE 2.3 naming), sections 6.1 (URI binding) and 6.2 (formatted string binding); the
 * package-url specification (PURL-SPECIFICATION), "Rules for each purl component". */

#include "base/ascii.h"
#include "base/cpe.h"
#include "base/purl.h"
#include "feed/field.h"

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

static struct text percent_decode(struct feed_run *run, struct text t)
{
	char *p = arena_strdup(run->arena, t);
	size_t n = 0;
	for (size_t i = 0; p && i < t.n; i++) {
		if (t.p[i] == '%' && i + 2 < t.n && ascii_hex_value(t.p[i + 1]) >= 0 && ascii_hex_value(t.p[i + 2]) >= 0) {
			p[n++] = (char)(ascii_hex_value(t.p[i + 1]) * 16 + ascii_hex_value(t.p[i + 2]));
			i += 2;
		} else {
			p[n++] = t.p[i];
		}
	}
	return p && !memchr(p, 0, n) ? text_of(p, n) : TEXT_NONE;
}

/* A name of CPE 2.2 as a formatted string. */
static struct text formatted_from_uri(struct feed_run *run, struct text uri)
{
	char out[1024];
	size_t n = cpe_from_uri(uri, out, sizeof out);
	return n ? field_print(run, "%.*s", (int)n, out) : TEXT_NONE;
}

bool field_cpe(struct feed_run *run, const struct json_node *node, struct text cpe, bool strict,
			   struct feed_criterion *criterion)
{
	struct cpe split;
	const struct text *a = split.a;
	if (cpe.n > 8 && strncasecmp(cpe.p, "cpe:", 4) == 0 && !text_starts(cpe, "cpe:/") &&
		(!text_starts(cpe, "cpe:") || (cpe.p[8] >= 'A' && cpe.p[8] <= 'Z')))
		cpe = field_lower(run, cpe); /* NISTIR 7695, 5.3.2: values are in any case */
	struct text name = text_starts(cpe, "cpe:/") ? formatted_from_uri(run, cpe) : cpe;
	if (!text_starts(name, "cpe:2.3:") || name.n > 2000 || !cpe_split(name, &split) || a[0].n != 1 ||
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
	struct text package, encoded;
	*product = *version = TEXT_NONE;
	if (purl.n > 2000 || !purl_cut(purl, &package, &encoded))
		return false;
	if (encoded.p)
		*version = percent_decode(run, encoded);
	struct text decoded = percent_decode(run, package);
	*product = decoded.p ? field_package(run, decoded, TEXT_NONE) : TEXT_NONE;
	return product->p != NULL;
}

struct text field_repository(struct feed_run *run, struct text url)
{
	static const char *const hosts[] = { "github.com", "gitlab.com" };
	const char *at = url.n ? memmem(url.p, url.n, "://", 3) : NULL;
	struct text rest = at ? text_of(at + 3, url.n - (size_t)(at + 3 - url.p)) : TEXT_NONE;
	if (text_starts(url, "git@")) /* git's own short form: git@github.com:owner/name */
		rest = text_of(url.p + 4, url.n - 4);
	if (text_starts(rest, "git@"))
		rest = text_of(rest.p + 4, rest.n - 4);
	if (text_starts(rest, "www."))
		rest = text_of(rest.p + 4, rest.n - 4);
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		size_t n = strlen(hosts[i]);
		if (!text_starts(rest, hosts[i]) || rest.n < n + 4 || !strchr("/:", rest.p[n]))
			continue;
		struct text path = text_of(rest.p + n + 1, rest.n - n - 1);
		while (path.n && path.p[path.n - 1] == '/')
			path.n--;
		if (text_ends(path, ".git"))
			path.n -= 4;
		const char *slash = path.n ? memchr(path.p, '/', path.n) : NULL;
		if (!slash || slash == path.p || slash == path.p + path.n - 1 ||
			memchr(slash + 1, '/', path.n - (size_t)(slash + 1 - path.p)))
			return TEXT_NONE; /* a folder or file of it is not all of it */
		struct text name = field_lower(run, path);
		return field_print(run, "purl:%.*s/%.*s", (int)(n - 4), hosts[i], (int)name.n, name.p ? name.p : "");
	}
	return TEXT_NONE;
}

struct text field_package(struct feed_run *run, struct text type, struct text name)
{
	struct text key = field_print(run, "purl:%.*s%s%.*s", (int)type.n, type.p ? type.p : "", name.n ? "/" : "", (int)name.n,
								  name.p ? name.p : "");
	if (!key.p)
		return TEXT_NONE;
	purl_fold_key((char *)(uintptr_t)key.p + sizeof "purl:" - 1);
	return text_c(key.p);
}
