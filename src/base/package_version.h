/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the version of a distribution's package is the authors' own. */
#ifndef ASSAY_BASE_PACKAGE_VERSION_H
#define ASSAY_BASE_PACKAGE_VERSION_H

#include "base/span.h"

enum package_scheme {
	PACKAGE_DEB,    /* dpkg and opkg: epoch, revision, the mark of a repacked source, "+really" */
	PACKAGE_APK,    /* "-r15" */
	PACKAGE_RPM,    /* epoch and release */
	PACKAGE_RECIPE, /* of Yocto: the commit that the source was taken at */
};

/* The upstream part of it, a part of `version`. */
struct text package_upstream(struct text version, enum package_scheme scheme);

/* "openssl" of "openssl-3.0.7-1.el9.src.rpm": without version, release and what kind of file it is. TEXT_NONE: it has none. */
struct text package_of_source_rpm(struct text file);

#endif
