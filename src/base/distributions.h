/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributions of Linux by their CPE names. */
#ifndef ASSAY_BASE_DISTRIBUTIONS_H
#define ASSAY_BASE_DISTRIBUTIONS_H

#include <stdbool.h>

#include "base/span.h"

/* ID of os-release(5) of the distribution with the CPE name "o:vendor:product"; TEXT_NONE: it is none that is known. */
struct text distribution_of_cpe(struct text name);

/* Whether it is one that packages run on, in any edition: what has its name is a place, and no part of a product. */
bool distribution_is_platform(struct text name);

/* "12" of Debian's "bookworm", "3.11" of "v3.11"; any other release as it is. */
struct text distribution_release(struct text name, struct text release);
/* Whether two names are of one machine: amd64 of Debian and x86_64 of others. */
bool architecture_is_same(struct text a, struct text b);

#endif
