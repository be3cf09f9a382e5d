/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A product file on the command line: its inputs, opened, and how they become a case. */
#ifndef ASSAY_CLI_PRODUCT_H
#define ASSAY_CLI_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "cli/attach.h"
#include "cli/image_run.h"
#include "cli/match.h"
#include "cli/suite.h"
#include "product/product.h"

/* What an input of the product file names. */
struct product_opened {
	int fd;         /* -1: it is no file (an address) */
	struct stat st;
	char *location; /* as input.location: from where we are, not from the product file's folder */
};

/* A product file with its files. */
struct product_set {
	struct product *product;
	const char *path; /* of the product file, as it was named */
	struct stat st;
	uint64_t size; /* of its text, as it was read */
	char *text;    /* it, for excerpts; not terminated */
	struct product_opened *opened; /* of product->inputs[i] */
	/* The declared files testing.model and testing.suite; NULL: not declared. */
	const struct product_value *model, *suite;
	int model_fd, suite_fd;
	char sha256[65];
};

/* Opens the file when it is a product file: its text is read and checked, and all its files are opened. An exit code; what is
 * wrong has been said, with the line. *set is NULL, without an error, for anything else. Files outside of its folder are
 * refused unless `outside`. `quiet`: nothing is said of what may have been meant as one. */
int product_set_open(const char *path, bool outside, bool quiet, struct product_set **set);
void product_set_free(struct product_set *set);

/* The first image of the version that is assessed, or SIZE_MAX. */
size_t product_set_first(const struct product_set *set);
size_t product_set_images(const struct product_set *set); /* how many there are of it */

/* Opens that input as image_run() takes it. An exit code, as above. */
int product_set_input(const struct product_set *set, size_t i, const struct image_options *o, struct input *input);

/* "ACME-Camera.assay", from the product's name; the file's own name where nothing remains of it. */
void product_set_case_name(const struct product_set *set, char *out, size_t size);

/* Adds what has probes beside the image to the list: it is read by attach_read(). False: too many, which has been said. */
bool product_set_documents(const struct product_set *set, struct document_list *list);

/* Everything of the product file but its first image and its documents becomes part of the case: further images, earlier
 * releases (each matched, with `match`, in a case of its own), the declarations, inputs that no probe reads. `c` is NULL when
 * there is no image: then the case is begun at `path`, and given in *c. An exit code; what is wrong has been said. */
struct product_request {
	const struct product_set *set;
	const struct image_options *options;
	const struct match_request *match; /* NULL: against nothing */
	const char *path;
	bool gave_up, changed; /* as in struct image_run, of any image */
	struct suite_coverage coverage; /* by product_set_count() */
};
/* Counts what the declared tests cover of the declared model (nothing where not both are declared), before anything else is
 * done: an exit code; what is wrong with them has been said. */
int product_set_count(struct product_request *r);
int product_set_add(struct product_request *r, struct case_file **c);

#endif
