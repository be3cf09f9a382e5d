/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenVEX 0.2.0 (https://github.com/openvex/spec). A document of it has at least one statement. */
#ifndef ASSAY_REPORT_OPENVEX_H
#define ASSAY_REPORT_OPENVEX_H

#include <stdio.h>

#include "report/sbom.h"

struct error report_openvex(struct sbom *s, FILE *out) MUST_USE;

#endif
