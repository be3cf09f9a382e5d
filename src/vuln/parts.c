/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts that are not built in: a vulnerability of the kernel in code that its configuration leaves out, one of BusyBox
 * in an applet that it does not have. Only what is certain takes a vulnerability away; what is unknown is said.
 *
 * Where a vulnerability of the kernel is, its text tells: paths of source files, or the subject line of the commit
 * that mends it, which begins with the part's name (Linux, Documentation/process/submitting-patches.rst, "The
 * canonical patch format"). */
#include "base/vuln_parts.h"

#include <ctype.h>

#include "vuln/internal.h"

#define PATHS_MAX 64u
/* The feeds keep that much of a text, less what a character has at the cut. */
#define SUMMARY_CUT 1490u

static struct text next_item(const char **rest, char separator)
{
	const char *end = strchr(*rest, separator);
	struct text item = text_of(*rest, end ? (size_t)(end - *rest) : strlen(*rest));
	*rest = end ? end + 1 : *rest + item.n;
	return item;
}

static bool path_character(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '/' || c == '.';
}

/* The row of the longest path that holds `path`. */
static const struct kernel_path *row_of_path(struct text path)
{
	const struct kernel_path *best = NULL;
	for (size_t i = 0; i < kernel_paths_n; i++) {
		const char *p = kernel_paths[i].path;
		size_t n = strlen(p);
		bool holds = p[n - 1] == '/' ? text_starts(path, p) : text_is(path, p);
		if (holds && (!best || n > strlen(best->path)))
			best = &kernel_paths[i];
	}
	return best;
}

static const struct kernel_path *row_of_subject(struct text subject)
{
	const struct kernel_path *best = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < kernel_paths_n; i++)
		for (const char *rest = kernel_paths[i].subject; *rest;) {
			struct text name = next_item(&rest, ',');
			bool folder = kernel_paths[i].options[0] == '@'; /* "x86/mm: ..." is about that machine, too */
			if (name.n > longest && subject.n > name.n && memcmp(subject.p, name.p, name.n) == 0 &&
				(subject.p[name.n] == ':' || (folder && subject.p[name.n] == '/'))) {
				best = &kernel_paths[i];
				longest = name.n;
			}
		}
	return best;
}

/* The rows of all source files that a text names. False: one of them has no row. */
static bool rows_of_text(struct text t, const struct kernel_path *rows[PATHS_MAX], size_t *n)
{
	bool all = true;
	for (size_t i = 0; i < t.n; i++) {
		size_t from = i, slashes = 0;
		while (i < t.n && path_character(t.p[i]))
			slashes += t.p[i++] == '/';
		struct text path = text_of(t.p + from, i - from);
		while (path.n && (path.p[path.n - 1] == '.' || path.p[path.n - 1] == '/'))
			path.n--;
		if (!slashes || !(text_ends(path, ".c") || text_ends(path, ".h")) || path.p[0] == '/' || path.p[0] == '.')
			continue;
		const struct kernel_path *row = row_of_path(path);
		if (row && *n < PATHS_MAX)
			rows[(*n)++] = row;
		else
			all = false;
	}
	return all;
}

/* What follows the kernel's usual first sentence: the subject of the commit. */
static struct text subject_of(struct text summary)
{
	static const char resolved[] = "the following vulnerability has been resolved:";
	const char *at = summary.n ? memmem(summary.p, summary.n, resolved, sizeof resolved - 1) : NULL;
	if (!at)
		return TEXT_NONE;
	at += sizeof resolved - 1;
	size_t n = summary.n - (size_t)(at - summary.p);
	while (n && isspace((unsigned char)*at)) {
		at++;
		n--;
	}
	return text_of(at, n);
}

/* Whether one of the modules of a row is in the image. */
static bool module_there(const struct image *image, const char *modules)
{
	while (*modules) {
		struct text name = next_item(&modules, ' ');
		char plain[64];
		size_t n = name.n < sizeof plain ? name.n : sizeof plain;
		for (size_t i = 0; i < n; i++)
			plain[i] = name.p[i] == '-' ? '_' : name.p[i];
		if (sorted_has(image->modules, image->nmodules, text_of(plain, n)))
			return true;
	}
	return false;
}

/* Whether code for a machine is in the kernel: 'y', 'n', 0 where nobody can tell. Firmware of other processors lies in
 * images, too: a program or a module for Linux has to show which the kernel's is. */
static char machine_says(struct matcher *m, const struct kernel_path *row, struct text machine, struct text *why)
{
	const struct image *image = &m->image;
	struct text wanted = words(m, " %.*s ", T(machine));
	if (!image->kernel_machines.n)
		return 0;
	if (text_has(image->kernel_machines, wanted.p))
		return 'y';
	*why = words(m, "%s is for other machines; the image is for%.*s", row->path, T(image->kernel_machines));
	return 'n';
}

/* The folder above that has a row: without it, nothing in it is built. */
static const struct kernel_path *row_above(const struct kernel_path *row)
{
	size_t n = strlen(row->path);
	return row_of_path(text_of(row->path, n - 1 - (row->path[n - 1] == '/' ? 0 : 1)));
}

/* What the options of a row say: 'y', 'm', 'n', or 0 where nobody can tell. An option that the configuration does not
 * name tells nothing by itself: it may be younger than the kernel, or have had another name. So one of the row has to be
 * there and off, the whole folder above has to be off, or the kernel has to be one that is known to have the option. */
static char options_say(struct matcher *m, const struct kernel_path *row, struct text version, struct text *why)
{
	bool module = false, off = false, absent = false;
	for (const char *rest = row->options; *rest;) {
		struct text option = next_item(&rest, ' ');
		bool also = option.p[0] == '+'; /* some of the folder is built with it alone */
		option = text_of(option.p + also, option.n - also);
		char say = option.p[0] == '*'   ? 'y'
				   : option.p[0] == '@' ? machine_says(m, row, text_of(option.p + 1, option.n - 1), why)
										: image_option(&m->image, option);
		if (say == 'y' || say == 0)
			return say;
		module |= say == 'm';
		off |= say == 'n' && !also;
		absent |= say == '-' && !also;
		if (say == 'n' && !also && option.p[0] != '@' && !why->n)
			*why = words(m, "CONFIG_%.*s is not set", T(option));
	}
	if (module || off || !absent)
		return module ? 'm' : 'n';
	if (row->since[0] && version.n && version_compare(VERSION_KERNEL, version, text_c(row->since)) >= 0 &&
		version_compare(VERSION_KERNEL, version, text_c(row->since)) != VERSION_INCOMPARABLE) {
		*why = words(m, "its configuration has no CONFIG_%.*s", (int)strcspn(row->options, " "), row->options);
		return 'n';
	}
	const struct kernel_path *above = row_above(row);
	return above && above != row && options_say(m, above, version, why) == 'n' ? 'n' : 0;
}

/* Whether the code of a row is in the image: 1 it is, -1 it is not (*why says what shows it), 0 nobody can tell. A
 * module that is there was built, be it beside the kernel. */
static int row_built(struct matcher *m, const struct kernel_path *row, struct text version, struct text *why)
{
	if (module_there(&m->image, row->modules))
		return 1;
	char say = options_say(m, row, version, why);
	if (say == 'm' && row->modules[0] && !m->image.nmodules)
		return 0; /* its modules lie elsewhere */
	if (say == 'm' && row->modules[0]) {
		*why = words(m, "it is a module, and %s is not in the image", row->modules);
		return -1;
	}
	return say == 'n' ? -1 : say ? 1 : 0;
}

/* What the files that a record names tell: whether what they are in is built in. */
struct files {
	size_t code, out;              /* of them; which are certainly not in the image */
	bool open;                     /* the record does not name all */
	struct text in, unknown, why;  /* one that is built in; one of which nobody can tell; what shows that it is not */
	const struct kernel_path *row; /* of one that is not */
};

/* What is no part of a kernel. */
static bool is_aside(struct text path)
{
	static const char *const aside[] = { "Documentation/", "tools/", "samples/", "scripts/" };
	for (size_t i = 0; i < sizeof aside / sizeof aside[0]; i++)
		if (text_starts(path, aside[i]))
			return true;
	return text_is(path, "MAINTAINERS");
}

/* What is compiled. Of headers nobody knows who includes them, of folders and patterns what is in them. */
static bool is_code(struct text path)
{
	return text_ends(path, ".c") || text_ends(path, ".S") || text_ends(path, ".rs");
}

static struct files files_say(struct matcher *m, const struct software *s, const struct places *p)
{
	struct files f = { .open = p->more };
	for (size_t i = 0; i < p->n; i++) {
		struct text path = p->v[i].name, why = TEXT_NONE;
		if (!text_is(p->v[i].kind, "file") || !software_is(s, p->v[i].product))
			continue;
		if (is_aside(path))
			continue;
		if (!is_code(path)) {
			f.open = true;
			continue;
		}
		const struct kernel_path *row = row_of_path(path);
		int built = row ? row_built(m, row, s->version, &why) : 0;
		f.code++;
		f.out += built < 0;
		if (built < 0 && !f.row) {
			f.row = row;
			f.why = why;
		}
		if (built > 0 && !f.in.n)
			f.in = path;
		if (built == 0 && !f.unknown.n)
			f.unknown = path;
	}
	return f;
}

/* Whether the files settle it. */
static bool apply_files(struct matcher *m, const struct files *f, struct decision *d)
{
	if (f->in.n)
		d->reason = words(m, "%.*s; it is in %.*s, which is built in", T(d->reason), T(f->in));
	else if (f->unknown.n)
		d->reason = words(m, "%.*s; it is in %.*s: the image does not tell whether that is built in", T(d->reason),
						  T(f->unknown));
	if (f->in.n || f->unknown.n)
		return true;
	if (!f->code || f->open)
		return false;
	d->state = STATE_NOT_AFFECTED;
	d->reason = words(m, "it is in %s: %.*s", f->row->path, T(f->why));
	return true;
}

static void apply_kernel(struct matcher *m, const struct software *s, const struct info *info,
						 const struct places *places, struct decision *d)
{
	struct text version = s->version;
	const struct kernel_path *rows[PATHS_MAX];
	size_t n = 0;
	image_need(m, IMAGE_OPTIONS | IMAGE_MODULES | IMAGE_MACHINES);
	struct files files = files_say(m, s, places);
	if (apply_files(m, &files, d))
		return;
	struct text subject = subject_of(info->summary), why = TEXT_NONE;
	bool all = true;
	const struct kernel_path *row = subject.n ? row_of_subject(subject) : NULL;
	if (row)
		rows[n++] = row; /* stack traces in the text name files all over the kernel: the subject counts */
	else if (!subject.n) /* what was cut off may name another file */
		all = rows_of_text(info->summary, rows, &n) && info->summary.n < SUMMARY_CUT;
	if (!n || !all) {
		d->reason = words(m, "%.*s; which part of the kernel it is in, its text does not tell", T(d->reason));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct text because = TEXT_NONE;
		int built = row_built(m, rows[i], version, &because);
		if (built == 0)
			d->reason = words(m, "%.*s; it is in %s (%s): the image does not tell whether that is built in",
							  T(d->reason), rows[i]->path, rows[i]->options);
		else if (built > 0)
			d->reason = words(m, "%.*s; it is in %s, which is built in", T(d->reason), rows[i]->path);
		if (built >= 0)
			return;
		why = because;
	}
	d->state = STATE_NOT_AFFECTED;
	d->reason = words(m, "it is in %s: %.*s", rows[0]->path, T(why));
}

static void apply_busybox(struct matcher *m, const struct info *info, struct decision *d)
{
	const struct image *image = &m->image;
	const char *applets = NULL;
	for (size_t i = 0; i < busybox_cves_n; i++)
		if (text_is(info->name, busybox_cves[i].cve))
			applets = busybox_cves[i].applets;
	if (!applets)
		return;
	image_need(m, IMAGE_APPLETS);
	if (!image->napplets) {
		d->reason =
			words(m, "%.*s; it is in %s: which applets are built in, the image does not tell", T(d->reason), applets);
		return;
	}
	image_need(m, IMAGE_LISTENING);
	struct text has = TEXT_NONE;
	bool listens = false;
	for (const char *rest = applets; *rest;) {
		struct text name = next_item(&rest, ' ');
		if (!sorted_has(image->applets, image->napplets, name))
			continue;
		if (!has.n)
			has = name;
		listens |= sorted_has(image->listening, image->nlistening, name);
	}
	if (has.n) {
		d->reason = words(m, "%.*s; it is in the applet %.*s, which is built in", T(d->reason), T(has));
		d->has_exposure = true;
		d->exposure = listens ? EXPOSURE_LISTENS : EXPOSURE_PRESENT;
	} else {
		d->state = STATE_NOT_AFFECTED;
		d->reason = words(m, "it is in %s: not built in", applets);
	}
}

void parts_apply(struct matcher *m, const struct software *s, const struct info *info, const struct places *places,
				 struct decision *d)
{
	if (d->state != STATE_AFFECTED)
		return;
	if (software_has_key(s, "cpe:o:linux:linux_kernel"))
		apply_kernel(m, s, info, places, d);
	else if (software_has_key(s, "cpe:a:busybox:busybox"))
		apply_busybox(m, info, d);
	if (d->state == STATE_AFFECTED)
		places_tell(m, s, places, d);
}
