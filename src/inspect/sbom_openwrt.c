/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What OpenWrt publishes beside an image: its manifest ("busybox - 1.36.1-1", a package a line), and the index of a repository
 * ("Packages": paragraphs as of deb822(5), with CPE-ID), which lists what can be installed, not what is. */
#include <string.h>

#include "base/purl.h"
#include "inspect/sbom.h"

struct lines {
	struct span bytes;
	size_t at;
	int64_t number;
};

static bool next_line(struct lines *l, struct text *line)
{
	if (l->at >= l->bytes.n)
		return false;
	const uint8_t *from = l->bytes.p + l->at, *end = memchr(from, '\n', l->bytes.n - l->at);
	size_t n = end ? (size_t)(end - from) : l->bytes.n - l->at;
	*line = text_of((const char *)from, n && from[n - 1] == '\r' ? n - 1 : n);
	l->at += n + 1;
	l->number++;
	return true;
}

static void told(struct sbom_reader *r)
{
	if (r->failed)
		emit_damage_at(r->sink, ERR_BUDGET, 0, "more in one document than is taken: %u rows at most", SBOM_ROWS_MAX);
}

/* "name - version" */
static bool next_package(struct lines *l, struct text *name, struct text *version)
{
	struct text line;
	while (next_line(l, &line)) {
		const char *dash = line.n ? memmem(line.p, line.n, " - ", 3) : NULL;
		size_t n = dash ? (size_t)(dash - line.p) : 0;
		*name = text_of(line.p, n);
		if (n) {
			*version = text_of(dash + 3, line.n - n - 3);
			return true;
		}
	}
	return false;
}

/* Whether apk is the manager of its packages: from OpenWrt 25.12 on, where it is one of them in two variants. */
static bool is_of_apk(struct span bytes)
{
	struct lines l = { .bytes = bytes };
	struct text name, version;
	while (next_package(&l, &name, &version))
		if (text_is(name, "apk-mbedtls") || text_is(name, "apk-openssl"))
			return true;
	return false;
}

/* The order of versions is that of the manager, which the type of the address tells. */
static struct text address_of(struct sbom_reader *r, struct text name, struct text version)
{
	struct purl p = { .type = TEXT_LIT("apk"), .name_space = TEXT_LIT("openwrt"), .name = name, .version = version };
	return text_c(purl_build(&p, r->arena));
}

void sbom_read_openwrt(struct sbom_reader *r)
{
	struct lines l = { .bytes = r->bytes };
	bool apk = is_of_apk(r->bytes);
	struct text name, version;
	r->format = "OpenWrt manifest";
	while (!r->failed && next_package(&l, &name, &version))
		sbom_emit_component(r, &(struct fact_declared_component){ .line = l.number,
																  .name = name,
																  .version = version,
																  .purl = apk ? address_of(r, name, version) : TEXT_NONE,
																  .distribution = TEXT_LIT("openwrt"),
																  .kind = TEXT_LIT("package") });
	told(r);
}

static struct text value_of(struct text line, const char *name)
{
	size_t n = strlen(name);
	if (line.n <= n || memcmp(line.p, name, n) != 0 || line.p[n] != ':')
		return TEXT_NONE;
	line = text_of(line.p + n + 1, line.n - n - 1);
	while (line.n && line.p[0] == ' ')
		line = text_of(line.p + 1, line.n - 1);
	return line;
}

void sbom_read_openwrt_index(struct sbom_reader *r)
{
	struct lines l = { .bytes = r->bytes };
	struct fact_declared_component row = { .line = 1 };
	struct text line;
	bool more;
	r->format = "OpenWrt Packages";
	do {
		more = next_line(&l, &line);
		if (!more || !line.n) {
			row.kind = TEXT_LIT("available");
			sbom_emit_component(r, &row);
			row = (struct fact_declared_component){ .line = l.number + 1 };
			continue;
		}
		struct {
			const char *name;
			struct text *to;
		} fields[] = {
			{ "Package", &row.name }, { "Version", &row.version }, { "License", &row.licence }, { "CPE-ID", &row.cpe }
		};
		for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
			struct text value = value_of(line, fields[i].name);
			if (value.n)
				*fields[i].to = value;
		}
	} while (more);
	told(r);
}
