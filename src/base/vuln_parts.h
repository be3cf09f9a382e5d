/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which build options the parts of Linux' source belong to, and which applets CVEs of BusyBox are in: the tables of data/vuln/,
 * whose README.md tells what they mean and where they come from. */
#ifndef ASSAY_BASE_VULN_PARTS_H
#define ASSAY_BASE_VULN_PARTS_H

#include <stddef.h>

/* Lists have a space between two items, `subject` commas; "" when there is none. `since`: a version of the kernel from which
 * on a complete configuration that names none of the options has them off; "": none is known. By path. */
struct kernel_path {
	const char *path, *options, *modules, *subject, *since;
};
extern const struct kernel_path kernel_paths[];
extern const size_t kernel_paths_n;

/* All options that stand there, in order, each once. */
extern const char *const kernel_path_options[];
extern const size_t kernel_path_options_n;

struct busybox_cve {
	const char *cve, *applets;
};
extern const struct busybox_cve busybox_cves[];
extern const size_t busybox_cves_n;

#endif
