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

#endif
