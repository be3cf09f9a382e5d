/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vulnerability database: one SQLite file made from published feeds, read by matching.
 *
 *   source         where records come from, how many there are, how new they are
 *   vulnerability  one row for each CVE (or other id where there is no CVE), merged from all sources
 *   alias          other names of it (GHSA-, OSV-, BIT-, DLA- ...)
 *   criterion      what is affected: a lookup by `product`, or by `vulnerability_id` for all of a configuration
 *   node           how the criteria of a configuration belong together
 *   package_fix    in which version a distribution's package is fixed
 *   kev, epss      known exploited; chance of exploitation within 30 days
 *   vex            what vendors say about their products
 *   part           where in a product the flaw lies, as its record says (CVE records)
 *   import, change which import last changed what is known of a vulnerability
 *
 * `criterion` and `node` are views (over criterion_row, product, record), so that a row takes some 30 bytes; they are asked
 * like tables and a condition on product, vulnerability_id or record_id is an index lookup.
 *
 * criterion.product is 'cpe:<part>:<vendor>:<product>' in lower case without the CPE's backslashes, or
 * 'purl:<type>/<namespace>/<name>'. `cpe` is the name as the feed has it (CPE 2.3 formatted string). `version` is the
 * version attribute of that name without backslashes when it is neither '*' nor part of a range ('-' stays '-'); an update
 * ("p10" of 4.2.8:p10) is only in `cpe`. start/end are bounds; NULL: open. Without version, start and end: every version.
 * An end may have a wildcard as CVE records write it ('5.10.*': all of that branch).
 * `status` is 'affected', 'unaffected' or 'unknown' (CVE records): within a configuration an unaffected criterion that holds outweighs
 * the affected ones ("everything is affected but 1.5 and 2.0 to 2.5"). versions_order: '', 'semver', 'deb',
 * 'rpm', 'apk', 'git' ...: what the source says of how its versions order.
 *
 * A configuration (vulnerability_id, source_id, record_id, configuration) is a tree of nodes: node 0 is its root (parent
 * NULL), with operator AND or OR and negate; criteria hang on nodes. Every configuration has its root. Configurations of one
 * vulnerability are alternatives.
 *
 * vex.product and vex.component are keys like criterion.product, or 'name:<name in lower case>' where a statement has no
 * better one, 'sha256:<digest>' for one file. Behind a purl may stand '?distro=debian-12&arch=amd64': of these alone
 * (and '&checksum=...' and other qualifiers: of what has them, too). With a
 * component the statement is about that component in that product, which may then have '@' and a version behind it, or be
 * 'bom:<serial number>'. A VEX `version` may be a range in the
 * words of its document.
 *
 * package_fix.distribution: 'alpine 3.11', 'debian 12', 'debian sid', 'ubuntu 22.04', 'buildroot'. status fixed: `version` is
 * the first that has the fix; affected_before, affected_through: "FROM TO", without or with the last ("0": from the first on; "*":
 * no end); affected, not_affected: all versions.
 *
 * part.product is a key like criterion.product; kind file, routine or module; a file without a name: its record does not say
 * all of them. Databases of version 2 and 1 have none.
 *
 * import has a row for each import into this database; its token tells it from an import of that number into another copy.
 * change.sequence is the last one that changed anything that decides whether a vulnerability applies, or what is shown of
 * it; scores of EPSS, which change all the time, do not count. A vulnerability without a row has not changed since the
 * table is there (databases of version 1 have neither).
 *
 * Times are UTC as 2026-08-22T00:00:00Z. cvss columns are vectors. cwe: ids parted by spaces.
 */
#ifndef ASSAY_FEED_FEED_H
#define ASSAY_FEED_FEED_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/error.h"

#define FEED_APPLICATION_ID 0x41534644 /* "ASFD" */
/* 4: names of packages in the one form of their type; 5: orders of NuGet and Composer; 6: all versions of CPE names without one, and ranges
 * behind a first version, in CVE records */
#define FEED_SCHEMA_VERSION 6
/* The oldest that is read; an import makes it the present one. */
#define FEED_SCHEMA_OLDEST 1

/* $XDG_DATA_HOME/assay/feeds.db or ~/.local/share/assay/feeds.db; false when neither is set or it does not fit. */
bool feed_default_path(char *out, size_t size);

/* Opens it for reading; *db is NULL after an error (ERR_IO: there is none or it can not be read; ERR_CORRUPT: it is no
 * feed database; ERR_UNSUPPORTED: of another version). To be closed by sqlite3_close(). The file is never changed in place:
 * an import puts a new one in its place, and who has it open goes on seeing the old one. */
struct error feed_open(const char *path, sqlite3 **db) MUST_USE;

#endif
