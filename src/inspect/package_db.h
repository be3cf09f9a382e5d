/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The package databases of dpkg, opkg, apk and RPM. */
#ifndef ASSAY_INSPECT_PACKAGE_DB_H
#define ASSAY_INSPECT_PACKAGE_DB_H

#include "inspect/inspect.h"

enum package_db_kind {
	PACKAGE_DB_NONE,
	PACKAGE_DB_DEB,   /* deb822 stanzas, of dpkg and opkg */
	PACKAGE_DB_YOCTO, /* license.manifest, which builds of Yocto put into the image (COPY_LIC_MANIFEST) */
	PACKAGE_DB_APK,   /* apk's lines of one letter */
	PACKAGE_DB_RPM,   /* RPM's headers, in a database (package_rpm.h) */
};

/* What database the file of that path is. */
enum package_db_kind package_db_kind(struct text path);

/* A row of `component` for each package that is installed. */
void package_db_run(const struct subject *subject, enum package_db_kind kind, struct sink *sink);

/* The upstream part of a distribution's version: without epoch, revision and the mark of a repacked source. */
struct text package_db_upstream(struct text version, enum package_db_kind kind);

#endif
