/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts that are not built in: of the kernel by its configuration, of BusyBox by its applets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/vuln_parts.h"
#include "vuln/internal.h"
#include "vuln_trap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct
	trap
		traps
			[] = {
				{ "a part of the kernel that is off",
				  ROOT
				  "UPDATE vulnerability SET summary = 'In the Linux kernel, the following vulnerability has been resolved: Bluetooth: L2CAP: fix it';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "not_affected", "it is in net/bluetooth/: CONFIG_BT is not set" },
				{ "that is on",
				  ROOT
				  "UPDATE vulnerability SET summary = 'In the Linux kernel, the following vulnerability has been resolved: Bluetooth: L2CAP: fix it';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'y', 'config')",
				  "5.10", "affected", "which is built in" },
				{ "that is a module which is not there",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw in l2cap_config_req in net/bluetooth/l2cap_core.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'm', 'config');"
				  "INSERT INTO blob(id, input_id, parent_id, path, kind, file_name) VALUES(9, 1, 2, '/lib/modules/5.10/fat.ko', 'file', 'fat.ko')",
				  "5.10", "not_affected", "bluetooth is not in the image" },
				{ "that is a module which is there",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw in l2cap_config_req in net/bluetooth/l2cap_core.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'm', 'config');"
				  "INSERT INTO blob(id, input_id, parent_id, path, kind, file_name) VALUES(9, 1, 2, '/lib/modules/5.10/kernel/net/bluetooth/bluetooth.ko', 'file', 'bluetooth.ko')",
				  "5.10", "affected", "" },
				{ "that is off, but was built beside the kernel",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/mac80211/rx.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_MAC80211', 'n', 'config');"
				  "INSERT INTO blob(id, input_id, parent_id, path, kind, file_name) VALUES(9, 1, 2, '/lib/modules/5.10/mac80211.ko', 'file', 'mac80211.ko')",
				  "5.10", "affected", "which is built in" },
				{ "of two files one is on",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/smp.c and net/sctp/input.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config'),(3, 'CONFIG_IP_SCTP', 'y', 'config')",
				  "5.10", "affected", "net/sctp/" },
				{ "a file that nobody knows",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/smp.c and drivers/weird/x.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "the record names a file that is not built",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "not_affected", "it is in net/bluetooth/: CONFIG_BT is not set" },
				{ "the record names a file that is built",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/sctp/input.c');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_IP_SCTP', 'y', 'config')",
				  "5.10", "affected", "it is in net/sctp/input.c, which is built in" },
				{ "one of its files is built, whatever the subject says",
				  ROOT
				  "UPDATE vulnerability SET summary = 'In the Linux kernel, the following vulnerability has been resolved: Bluetooth: fix it';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/sctp/input.c');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config'),(3, 'CONFIG_IP_SCTP', 'y', 'config')",
				  "5.10", "affected", "net/sctp/input.c, which is built in" },
				{ "one of its files is nowhere known, whatever the subject says",
				  ROOT
				  "UPDATE vulnerability SET summary = 'In the Linux kernel, the following vulnerability has been resolved: Bluetooth: fix it';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'drivers/weird/x.c');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "drivers/weird/x.c: the image does not tell" },
				{ "none of two files is built",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/sctp/input.c');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'Documentation/networking/sctp.rst');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'tools/testing/selftests/net/sctp.c');" RANGE("cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL",
																																																																																																																																																	 0,
																																																																																																																																																	 "'9'",
																																																																																																																																																	 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config'),(3, 'CONFIG_IP_SCTP', 'n', 'config')",
				  "5.10", "not_affected", "is not set" },
				{ "a header beside a file that is not built: others may include it",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'include/linux/skbuff.h');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "a header, and a subject that is not built",
				  ROOT
				  "UPDATE vulnerability SET summary = 'In the Linux kernel, the following vulnerability has been resolved: Bluetooth: fix it';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'include/net/bluetooth/l2cap.h');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "not_affected", "CONFIG_BT is not set" },
				{ "the record does not name all of its files",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c');INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', '');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "a folder beside a file that is not built",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c'),(1, 1, 'cpe:a:linux:linux', 'file', 'net/core');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "a pattern beside a file that is not built",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/smp.c'),(1, 1, 'cpe:a:linux:linux', 'file', 'net/core/*');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "more files than are read",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2001) SELECT 1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/' || i || '.c' FROM n;" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "as many files as are read",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT 1, 1, 'cpe:a:linux:linux', 'file', 'net/bluetooth/' || i || '.c' FROM n;" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "not_affected", "CONFIG_BT is not set" },
				{ "files of another product",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:x:y', 'file', 'net/bluetooth/smp.c');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "documentation alone",
				  ROOT
				  "UPDATE vulnerability SET summary = 'A flaw.';"
				  "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(1, 1, 'cpe:a:linux:linux', 'file', 'Documentation/process/x.rst');" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "no configuration",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/smp.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'", "5.10", "affected",
				  "does not tell whether that is built in" },
				{ "another machine",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in arch/s390/mm/fault.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO elf(blob_id, machine, type, interpreter) VALUES(3, 'arm', 'executable', '/lib/ld.so.1')",
				  "5.10", "not_affected", "other machines" },
				{ "two kernels",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/smp.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel(blob_id, version) VALUES(3, '5.10'),(3, '4.9');"
				  "INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "an option that the configuration does not name",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in drivers/tty/n_tty.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "2.6.36", "affected", "does not tell whether that is built in" },
				{ "the same, of a kernel that has it",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in drivers/tty/n_tty.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "4.14.20", "not_affected", "its configuration has no CONFIG_TTY" },
				{ "no configuration, and symbols that are not there: nobody can tell",
				  ROOT
				  "UPDATE vulnerability SET summary = 'In the Linux kernel, the following vulnerability has been resolved: Bluetooth: L2CAP: fix it';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES"
				  "(3, 'CONFIG_BT', 'n', 'symbols'),(3, 'CONFIG_MODULES', 'n', 'symbols')",
				  "3.10.14", "affected", "does not tell whether that is built in" },
				{ "a kernel before the option, with a configuration that does not name it",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in arch/arm64/kvm/arm.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "4.1.15", "affected", "does not tell whether that is built in" },
				{ "the same, with the first that has it",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in arch/arm64/kvm/arm.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "4.4", "not_affected", "CONFIG_KVM" },
				{ "the folder above is off",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/hidp/core.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'n', 'config')",
				  "2.6.36", "not_affected", "CONFIG_BT is not set" },
				{ "an option of a part of the folder is off, that of the folder is not there",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in drivers/tty/n_tty.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_MAGIC_SYSRQ', 'n', 'config')",
				  "3.0.8", "affected", "does not tell whether that is built in" },
				{ "an option of a part of the folder is on",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in drivers/media/rc/ir-raw.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES"
				  "(3, 'CONFIG_MEDIA_SUPPORT', 'n', 'config'),(3, 'CONFIG_RC_CORE', 'y', 'config')",
				  "5.10", "affected", "which is built in" },
				{ "a driver that an older kernel selects by its own option",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in drivers/net/usb/pegasus.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES"
				  "(3, 'CONFIG_USB_USBNET', 'n', 'config'),(3, 'CONFIG_USB_PEGASUS', 'y', 'config')",
				  "3.10.14", "affected", "which is built in" },
				{ "a queue that is there without the option of its folder",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/sched/sch_generic.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES"
				  "(3, 'CONFIG_NET_SCHED', 'n', 'config'),(3, 'CONFIG_NET', 'y', 'config')",
				  "5.10", "affected", "which is built in" },
				{ "a module, in an image without any",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/l2cap_core.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'm', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "a module that is packed",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/l2cap_core.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(3, 'CONFIG_BT', 'm', 'config');"
				  "INSERT INTO blob(id, input_id, parent_id, path, kind, file_name) VALUES(9, 1, 2, '/lib/modules/5.10/bluetooth.ko.xz', 'file', 'bluetooth.ko.xz')",
				  "5.10", "affected", "which is built in" },
				{ "another machine by its subject",
				  ROOT
				  "UPDATE vulnerability SET summary = 'In the Linux kernel, the following vulnerability has been resolved: x86/mm: fix it';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO elf(blob_id, machine, type, interpreter) VALUES(3, 'mips', 'executable', '/lib/ld-uClibc.so.0')",
				  "5.10", "not_affected", "other machines" },
				{ "another machine, but no program for Linux shows which",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in arch/mips/mm/fault.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO elf(blob_id, machine, type) VALUES(3, 'arm', 'executable')",
				  "5.10", "affected", "does not tell" },
				{ "the configuration of another version",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/smp.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel(blob_id, version) VALUES(3, '5.10.0');"
				  "INSERT INTO blob(id, input_id, parent_id, path, kind, file_name) VALUES(9, 1, 2, '/boot/config-6.1.0', 'file', 'config-6.1.0');"
				  "INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(9, 'CONFIG_BT', 'n', 'config')",
				  "5.10", "affected", "does not tell" },
				{ "the configuration of this version",
				  ROOT "UPDATE vulnerability SET summary = 'A flaw in net/bluetooth/smp.c';" RANGE(
					  "cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'o:linux:linux_kernel'; INSERT INTO kernel(blob_id, version) VALUES(3, '6.1.0');"
				  "INSERT INTO blob(id, input_id, parent_id, path, kind, file_name) VALUES(9, 1, 2, '/boot/config-6.1.0', 'file', 'config-6.1.0');"
				  "INSERT INTO kernel_option(blob_id, name, value, origin) VALUES(9, 'CONFIG_BT', 'n', 'config')",
				  "6.1", "not_affected", "CONFIG_BT is not set" },
				{ "an applet that is not built in",
				  ROOT "UPDATE vulnerability SET name = 'CVE-2016-2148';" RANGE(
					  "cpe:a:busybox:busybox", CPE("a:busybox:busybox:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'busybox:busybox'; INSERT INTO applet(blob_id, program, name) VALUES(3, 'busybox', 'ls'),(3, 'busybox', 'sh')",
				  "1.20", "not_affected", "it is in udhcpc udhcpc6: not built in" },
				{ "an applet that is built in",
				  ROOT "UPDATE vulnerability SET name = 'CVE-2016-2148';" RANGE(
					  "cpe:a:busybox:busybox", CPE("a:busybox:busybox:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'busybox:busybox'; INSERT INTO applet(blob_id, program, name) VALUES(3, 'busybox', 'udhcpc'),(3, 'busybox', 'sh')",
				  "1.20", "affected", "in the applet udhcpc, which is built in" },
				{ "a second BusyBox, of which nobody knows them",
				  ROOT "UPDATE vulnerability SET name = 'CVE-2016-2148';" RANGE(
					  "cpe:a:busybox:busybox", CPE("a:busybox:busybox:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'busybox:busybox'; INSERT INTO applet(blob_id, program, name) VALUES(3, 'busybox', 'ls');"
				  "INSERT INTO blob(id, input_id, parent_id, path, kind) VALUES(9, 1, 2, '/sbin/busybox', 'file');"
				  "INSERT INTO elf(blob_id, machine, type) VALUES(9, 'arm', 'executable'); INSERT INTO component(blob_id, name) VALUES(9, 'busybox')",
				  "1.20", "affected", "does not tell" },
				{ "applets that nobody knows",
				  ROOT "UPDATE vulnerability SET name = 'CVE-2016-2148';" RANGE(
					  "cpe:a:busybox:busybox", CPE("a:busybox:busybox:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
				  "UPDATE software SET cpe = 'busybox:busybox'", "1.20", "affected", "does not tell" },
			};

static void test_traps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(traps); i++)
		vuln_trap(&traps[i]);
}

/* Each row of data/vuln/kernel-paths.tsv, by its path and by each of its subjects: off when the first of its options is, on with it. */
static void check_row(const struct kernel_path *row, const char *summary)
{
	bool always = row->options[0] == '*' || row->options[0] == '@';
	for (int on = 0; on < 2; on++) {
		char name[128];
		snprintf(name, sizeof name, "CONFIG_%.*s", (int)strcspn(row->options, " "), row->options);
		struct option option = { text_c(name), text_c(on ? "y" : "n") };
		struct arena *arena = arena_new(0);
		struct matcher m = { .arena = arena,
							 .scratch = arena,
							 .image = { .one_kernel = true, .has_config = true, .options = &option, .noptions = 1 } };
		struct software kernel = { .keys = { TEXT_LIT("cpe:o:linux:linux_kernel") }, .nkeys = 1 };
		struct info info = { .name = TEXT_LIT("CVE-1"), .summary = text_c(summary) };
		struct decision d = { .state = STATE_AFFECTED, .reason = TEXT_LIT("") };
		parts_apply(&m, &kernel, &info, &(struct places){ 0 }, &d);
		if (!always && d.state != (on ? STATE_AFFECTED : STATE_NOT_AFFECTED))
			fail_msg("%s, %s, %s: %.*s", row->path, summary, on ? "on" : "off", T(d.reason));
		if (!text_has(d.reason, row->path))
			fail_msg("%s is not where \"%s\" is: %.*s", row->path, summary, T(d.reason));
		arena_free(arena);
	}
}

static void test_kernel_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < kernel_paths_n; i++) {
		const struct kernel_path *row = &kernel_paths[i];
		char summary[512];
		bool folder = row->path[strlen(row->path) - 1] == '/';
		snprintf(summary, sizeof summary, "A flaw in %s%s allows something.", row->path, folder ? "x.c" : "");
		check_row(row, summary);
		for (const char *p = row->subject; *p;) {
			size_t n = strcspn(p, ",");
			snprintf(summary, sizeof summary,
					 "In the Linux kernel, the following vulnerability has been resolved:\n\n%.*s: Fix it", (int)n, p);
			check_row(row, summary);
			p += n + (p[n] == ',');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traps),
		cmocka_unit_test(test_kernel_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
