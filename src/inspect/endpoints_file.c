/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of file an address stands in: that decides what is a comment there, and what is prose. */
#include "inspect/endpoints_text.h"

static bool starts_with_one(struct text name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_starts(name, list[i]))
			return true;
	return false;
}

static bool is_documentation(struct text path, struct text name)
{
	static const char *const names[] = { "README",    "COPYING",   "LICENSE", "LICENCE",    "NOTICE",
										 "CHANGELOG", "ChangeLog", "NEWS",    "AUTHORS",    "CONTRIBUTING",
										 "INSTALL",   "copyright", "FAQ",     "MAINTAINERS" };
	return text_has(path, "/share/doc/") || text_has(path, "/share/man/") || text_has(path, "/share/info/") ||
		   text_has(path, "/share/licenses/") || text_has(path, "/share/common-licenses/") ||
		   text_has(path, "/share/help/") || text_has(path, "/gtk-doc/") || text_has(path, "/examples/") ||
		   text_has(path, "/help/") || text_has(path, "/share/vim/") || text_has(path, "/share/nano/") ||
		   text_has(path, "/share/emacs/") || ends_with_one(name, ".md .rst .adoc .texi .example .sample .pod") ||
		   starts_with_one(name, names, sizeof names / sizeof names[0]);
}

/* What was installed when the image was made, not what the product does. */
static bool is_log_of_packages(struct text path, struct text name)
{
	return text_has(path, "/var/log/") &&
		   (text_has(path, "/log/apt/") || text_has(path, "/log/installer/") ||
			starts_with_one(name, (const char *const[]){ "dpkg.log", "bootstrap.log", "opkg.log", "dnf." }, 4));
}

/* Lists of what a repository offers. */
static bool is_package_list(struct text path)
{
	return text_has(path, "/var/lib/apt/lists/") || text_has(path, "/opkg-lists/") ||
		   text_has(path, "/lib/opkg/lists/") || text_has(path, "/var/cache/apt/") || text_has(path, "/var/cache/apk/");
}

static bool is_metadata(struct text path, struct text name)
{
	static const char *const names[] = { "PKG-INFO",   "METADATA",      "package.json", "package-lock.json",
										 "bower.json", "composer.json", "Cargo.toml",   "pyproject.toml",
										 "setup.py",   "setup.cfg" };
	return text_has(path, "/var/lib/dpkg/") || text_has(path, "/lib/opkg/") || text_has(path, "/lib/apk/") ||
		   is_log_of_packages(path, name) || is_package_list(path) || text_has(path, ".egg-info/") ||
		   text_has(path, ".dist-info/") ||
		   ends_with_one(name,
						 ".control .pc .la .metainfo.xml .appdata.xml .desktop .gemspec .spdx .spdx.json .cdx.json") ||
		   starts_with_one(name, names, sizeof names / sizeof names[0]);
}

static bool is_translation(struct text path, struct text name)
{
	return text_has(path, "/locale/") || text_is(name, "templates.dat") || text_is(name, "questions.dat") ||
		   ends_with_one(name, ".po .mo .gmo .qm .lmo .templates");
}

static bool begins_as_markup(struct span bytes)
{
	size_t at = 0;
	while (at < bytes.n && at < 64 && bytes.p[at] <= ' ')
		at++;
	struct span s = span_from(bytes, at);
	return span_starts(s, "<?xml", 5) || span_starts(s, "<!DOC", 5) || span_starts(s, "<!doc", 5) ||
		   span_starts(s, "<html", 5) || span_starts(s, "<HTML", 5);
}

/* By its name, or by the interpreter that its first line names. */
static bool is_other_language(const struct subject *s, struct text name)
{
	struct text line = text_from_span(span_clip(s->bytes, 0, 64));
	size_t n = 0;
	while (n < line.n && line.p[n] != '\n')
		n++;
	line.n = n;
	return ends_with_one(name, ".py .pyw .pl .pm .lua .rb .tcl .uc") ||
		   (text_starts(line, "#!") &&
			endpoint_has_word(line, "python* perl* lua* ruby* tclsh* wish* php* node* ucode"));
}

/* What stands in a compressed file has no name of its own: a manual or a list of changes has the words of a language, and
 * little of what programs and settings are made of. */
static bool is_prose(struct span bytes)
{
	static const char code[] = "{}();=<>\"[]$";
	struct span s = span_clip(bytes, 0, 8192);
	size_t marks = 0, words = 0;
	for (size_t i = 0; i < s.n; i++) {
		marks += s.p[i] && strchr(code, s.p[i]);
		words += s.p[i] == ' ' || s.p[i] == '\n';
	}
	return span_starts(s, ".\\\"", 3) || span_starts(s, "'\\\"", 3) || span_starts(s, ".TH ", 4) ||
		   span_starts(s, "This is ", 8) || (words > 8 && marks * 100 < s.n * 4);
}

/* pci.ids and usb.ids: names of hardware, some of which look like hosts. Compressed ones have no name. */
static bool is_hardware_list(struct span bytes)
{
	struct text head = text_from_span(span_clip(bytes, 0, 64));
	return text_has(head, "List of PCI ID's") || text_has(head, "List of USB ID's");
}

enum endpoint_file endpoint_file_of(const struct subject *s)
{
	struct text name = text_base(s->path);
	if (is_documentation(s->path, name) || is_hardware_list(s->bytes))
		return FILE_DOCUMENTATION;
	if (is_metadata(s->path, name))
		return FILE_METADATA;
	if (is_translation(s->path, name))
		return FILE_TRANSLATION;
	if (text_has(s->path, "/tests/") || text_has(s->path, "/test/") || text_has(s->path, "/testdata/") ||
		(text_has(s->path, "/share/") && text_starts(name, "test") && ends_with_one(name, ".sh .sql .py .pl")))
		return FILE_TEST;
	bool nameless = s->path.n == 0 || !memchr(s->path.p, '/', s->path.n);
	if (nameless && span_starts(s->bytes, "This is ", 8)) /* Info, which has a control character */
		return FILE_DOCUMENTATION;
	if (strcmp(s->format, "text") != 0 && strcmp(s->format, "script") != 0)
		return FILE_BINARY;
	if (nameless && !begins_as_markup(s->bytes) && is_prose(s->bytes))
		return FILE_DOCUMENTATION;
	if (begins_as_markup(s->bytes) ||
		ends_with_one(name, ".html .htm .xhtml .xml .svg .xsl .xslt .dtd .xsd .css .asp .shtml .tpl"))
		return FILE_MARKUP;
	if (ends_with_one(name, ".js .mjs .cjs .ts .jsx .vue .c .h .cc .cpp .hpp .java .go .rs .php .scss .less"))
		return FILE_SOURCE;
	if (is_other_language(s, name))
		return FILE_PROGRAM;
	if (strcmp(s->format, "script") == 0 || ends_with_one(name, ".sh .awk .cgi"))
		return FILE_SCRIPT;
	return FILE_CONFIGURATION;
}
