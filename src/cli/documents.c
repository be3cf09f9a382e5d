/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/documents.h"

#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/write.h"

enum { OPT_KIND = 256, OPT_PRODUCT = OPT_KIND + DOCUMENT_KINDS_MAX, OPT_VERSION, OPT_SUPPLIER, OPT_URL, OPT_DOCUMENT };

/* The case itself must not be written over, nor two documents over each other. */
static bool check_targets(const struct document_request *r)
{
	struct stat st, c;
	bool have = stat(r->case_path, &c) == 0, any = r->documents.n > 0;
	for (size_t i = 0; i < r->nkinds; i++) {
		if (!r->paths[i])
			continue;
		any = true;
		if (have && stat(r->paths[i], &st) == 0 && st.st_dev == c.st_dev && st.st_ino == c.st_ino)
			return complain(0, r->paths[i], "is the case file: name another file"), false;
		for (size_t k = i + 1; k < r->nkinds; k++)
			if (r->paths[k] && strcmp(r->paths[i], r->paths[k]) == 0)
				return complain(0, r->paths[i], "can not take two documents: name another file for one"), false;
	}
	return any ||
		   (complain(0, NULL, "nothing is to be written: name a file with --%s FILE", r->kinds[0].option), false);
}

static bool take_option(struct document_request *r, int option)
{
	if (option == OPT_PRODUCT)
		r->product.product = optarg;
	else if (option == OPT_VERSION)
		r->product.product_version = optarg;
	else if (option == OPT_SUPPLIER)
		r->product.supplier = optarg;
	else if (option == OPT_URL)
		r->product.supplier_url = optarg;
	else if (option == OPT_DOCUMENT)
		return attach_add(&r->documents, r->takes, optarg);
	else if (option >= OPT_KIND && option < OPT_KIND + (int)r->nkinds)
		r->paths[option - OPT_KIND] = optarg;
	else
		return false;
	return true;
}

bool documents_parse(int argc, char **argv, struct document_request *r)
{
	struct option options[DOCUMENT_KINDS_MAX + 6] = { 0 };
	size_t n = 0;
	int option;
	for (; n < r->nkinds; n++)
		options[n] = (struct option){ r->kinds[n].option, required_argument, NULL, OPT_KIND + (int)n };
	options[n++] = (struct option){ "product", required_argument, NULL, OPT_PRODUCT };
	options[n++] = (struct option){ "product-version", required_argument, NULL, OPT_VERSION };
	options[n++] = (struct option){ "supplier", required_argument, NULL, OPT_SUPPLIER };
	options[n++] = (struct option){ "supplier-url", required_argument, NULL, OPT_URL };
	if (r->takes)
		options[n] = (struct option){ r->takes, required_argument, NULL, OPT_DOCUMENT };
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
		if (!take_option(r, option))
			return complain_option(argv, options, option, argv[0]), false;
	if (argc - optind != 1)
		return complain(0, NULL, "name one case file; see assay %s --help", argv[0]), false;
	r->case_path = argv[optind];
	return check_targets(r);
}

struct rendering {
	struct sbom *sbom;
	struct error (*render)(struct sbom *, FILE *);
};

static struct error render(void *context, FILE *out)
{
	const struct rendering *r = context;
	return r->render(r->sbom, out);
}

static int write_all(const struct document_request *r, sqlite3 *db)
{
	struct error e = error_none();
	struct sbom *s = sbom_load(db, &r->product, &e);
	int code = s ? EXIT_NO_FAIL : complain_error(r->case_path, &e);
	for (size_t i = 0; i < r->nkinds && !code; i++) {
		struct rendering one = { s, r->kinds[i].render };
		if (r->paths[i])
			code = write_file(r->paths[i], render, &one);
	}
	sbom_free(s);
	return code;
}

static bool is_wanted(const struct document_request *r)
{
	for (size_t i = 0; i < r->nkinds; i++)
		if (r->paths[i])
			return true;
	return false;
}

static bool is_on_stdout(const struct document_request *r)
{
	for (size_t i = 0; i < r->nkinds; i++)
		if (r->paths[i] && strcmp(r->paths[i], "-") == 0)
			return true;
	return false;
}

int documents_run(const struct document_request *r)
{
	struct error e = error_none();
	int code = EXIT_NO_FAIL;
	struct attachment *a = r->documents.n ? attach_read(&r->documents, false, &code) : NULL;
	if (code)
		return code;
	struct case_file *c = case_open(r->case_path, a != NULL, &e);
	if (!c)
		code = complain_error(r->case_path, &e);
	if (c && a)
		code = attach_write(a, c);
	if (c && a && !code && strcmp(r->takes, "vex") == 0)
		attach_tell_unknown(c);
	if (c && a && !code && strcmp(r->takes, "sbom") == 0)
		attach_print_differences(c, is_on_stdout(r) ? stderr : stdout);
	if (c && !code && is_wanted(r))
		code = write_all(r, case_db(c));
	case_close(c);
	attach_free(a);
	return code;
}
