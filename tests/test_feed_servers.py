#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""assay feed update against servers, and what stands before them, that misbehave: whatever they do, the old data stays whole,
nothing is left out that nobody sees, and the error says what happened.

    test_feed_servers.py ASSAY
"""
import datetime
import email.utils
import gzip
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

import feed_server

ASSAY = os.path.abspath(sys.argv.pop(1))


def record(number, modified="2026-08-01T00:00:00.000", end="1.0"):
    return {"cve": {"id": f"CVE-2022-{number:04}", "published": "2020-01-01T00:00:00.000", "lastModified": modified,
                    "vulnStatus": "Analyzed", "descriptions": [{"lang": "en", "value": "A flaw."}], "configurations": [{"nodes": [
                        {"operator": "OR", "negate": False, "cpeMatch": [{"vulnerable": True, "versionEndExcluding": end,
                                                                          "criteria": "cpe:2.3:a:acme:tool:*:*:*:*:*:*:*:*"}]}]}]}}


def kev(*names, released="2026-08-01T00:00:00Z"):
    return json.dumps({"catalogVersion": "1", "dateReleased": released, "vulnerabilities": [
        {"cveID": n, "dateAdded": "2026-08-01"} for n in names]}).encode()


def answer(status, body=b"", length=True, **headers):
    """An answer as it stands: nothing of it follows from what was asked."""
    def say(handler, _):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if length:
            handler.send_header("Content-Length", str(len(body)))
        else:
            handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = not length
    return say


def cut(handler, body):
    """Half of it, under a tag, and no word of how long it is."""
    answer(200, body[:len(body) // 2], False)(handler, body)


def drip(handler, body):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    for i in range(60):
        handler.wfile.write(body[i:i + 1])
        handler.wfile.flush()
        time.sleep(0.1)
    handler.close_connection = True


class Servers(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-feed-"))
        self.feeds = self.folder / "feeds.db"
        self.mirror = feed_server.Mirror()
        self.mirror.nvd = [record(i, f"2026-08-0{1 + i % 9}T00:00:00.000") for i in range(25)]
        self.mirror.nvd_page = 10
        self.mirror.files = {"/kev": kev("CVE-2022-0001"), "/epss": b"#model_version:v1,score_date:2026-08-16T00:00:00+0000\n"
                             b"cve,epss,percentile\n" + b"".join(b"CVE-2022-%04d,0.5,0.25\n" % i for i in range(5000))}

    def tearDown(self):
        self.mirror.close()
        shutil.rmtree(self.folder)

    def update(self, *arguments, code=0):
        bases = (x for s in ("nvd", "kev", "epss") for x in ("--base-url", f"{s}={self.mirror.base}/{s}"))
        r = subprocess.run([ASSAY, "feed", "update", *arguments, "--insecure-http", "--pause", "0", "--retry-wait", "0.01", *bases,
                            "--feeds", str(self.feeds)], capture_output=True, text=True, timeout=120,
                           env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return r

    def one(self, sql):
        with sqlite3.connect(f"file:{self.feeds}?mode=ro", uri=True) as db:
            return db.execute(sql).fetchone()[0]

    def faulty(self, source, fault, words, times=6):
        """The update fails with these words, and what is there stays as it was, byte for byte."""
        before = self.feeds.read_bytes() if self.feeds.exists() else None
        self.mirror.faults["/" + source] = [fault] * times
        r = self.update(source, code=2)
        self.assertIn(words, r.stderr)
        self.assertIn("of this source the database is as it was", r.stderr)
        self.assertEqual(self.feeds.read_bytes() if self.feeds.exists() else None, before)
        self.mirror.faults.clear()
        return r

    def pages(self, change):
        """Answers of the NVD, which `change(page, number of the request)` may alter."""
        real, count = self.mirror.page, [0]

        def page(url):
            count[0] += 1
            p = json.loads(real(url))
            changed = change(p, count[0])
            return json.dumps(p if changed is None else changed).encode()
        self.mirror.page = page
        return real

    def test_a_web_page_in_place_of_a_file(self):
        self.update("kev", "epss")
        for body in (b"<!DOCTYPE html><html>Log in", b"\n  <HTML><body>Not now"):
            self.faulty("kev", answer(200, body, Content_Type="text/html"), "a web page in place of the file", 1)
            self.faulty("epss", answer(200, body, Content_Type="text/csv"), "a web page in place of the file", 1)
        self.faulty("nvd", answer(200, b"<html>", Content_Type="text/html"), "a web page in place of the file", 1)

    def test_another_kind_of_file(self):
        self.update("kev")
        before = self.feeds.read_bytes()
        self.mirror.files["/kev"] = b'{"hello": 1}'
        self.assertIn("kev", self.update("kev", code=2).stderr)
        self.assertEqual(self.feeds.read_bytes(), before)

    def test_unchanged_although_nobody_asked(self):
        self.faulty("kev", answer(304), "304")
        self.faulty("nvd", answer(304), "304")
        self.assertFalse(self.feeds.exists())
        self.mirror.faults["/kev"] = [answer(304), answer(304)]  # a bad minute
        self.update("kev")
        self.assertEqual(self.one("SELECT count(*) FROM kev"), 1)

    def test_unchanged(self):
        self.update("kev")
        self.assertIn("nothing new", self.update("kev").stdout)
        self.mirror.files["/kev"] = kev("CVE-2022-0001", "CVE-2022-0002", released="2026-08-02T00:00:00Z")
        self.update("kev")
        self.assertEqual(self.one("SELECT count(*) FROM kev"), 2)

    def test_unchanged_by_the_day(self):
        day = "Sat, 01 Aug 2026 00:00:00 GMT"
        self.mirror.faults["/kev"] = [answer(200, kev("CVE-2022-0001"), Last_Modified=day)]
        self.update("kev")
        self.mirror.faults["/kev"] = [answer(304)]
        self.assertIn("nothing new", self.update("kev").stdout)
        self.assertEqual(self.mirror.headers["/kev"].get("If-Modified-Since"), day)

    def test_busy(self):
        for status in (403, 408, 429, 500, 502, 503):
            self.mirror.faults["/kev"] = [status]
            self.mirror.files["/kev"] = kev("CVE-2022-0001", released=f"2026-08-02T00:0{status % 10}:{status // 10}Z")
            self.update("kev")
        for status in (400, 401, 418):
            self.mirror.requests.clear()
            self.faulty("kev", status, f"status {status}")
            self.assertEqual(len(self.mirror.requests), 1)  # asking again does not help

    def test_when_to_come_again(self):
        soon = email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1), True)
        self.mirror.faults["/kev"] = [answer(503, Retry_After=soon), answer(429, Retry_After="0"), answer(503, Retry_After="soon")]
        self.update("kev")
        self.assertEqual(len(self.mirror.requests), 4)
        tomorrow = email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1), True)
        for late in ("86400", "99999999999999999999999", tomorrow):
            self.mirror.requests.clear()
            self.faulty("epss", answer(429, Retry_After=late), "asks to come again in ", 1)
            self.assertEqual(len(self.mirror.requests), 1)

    def test_cut_without_a_length(self):
        self.update("kev")
        before = self.feeds.read_bytes()
        self.mirror.files["/kev"] = kev(*(f"CVE-2022-{i:04}" for i in range(500)), released="2026-08-02T00:00:00Z")
        self.mirror.faults["/kev"] = [cut]
        self.update("kev", code=2)
        self.assertEqual(self.feeds.read_bytes(), before)
        self.update("kev")
        self.assertEqual(self.one("SELECT count(*) FROM kev"), 500)

    def test_page_cut_without_a_length(self):
        self.mirror.faults["/nvd"] = [None, cut]
        self.update("nvd", code=2)
        self.assertFalse(self.feeds.exists())
        self.mirror.requests.clear()
        self.update("nvd")  # the first page is there; the second is asked for again
        self.assertEqual(len(self.mirror.requests), 2)
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), 25)

    def test_page_cut(self):
        self.mirror.faults["/nvd"] = [None, "cut", "cut"]
        self.update("nvd")
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), 25)

    def test_another_part_than_was_asked_for(self):
        whole = self.mirror.files["/epss"]
        half = len(whole) // 2

        def other(handler, body):
            answer(206, body[5:], Content_Range=f"bytes 5-{len(body) - 1}/{len(body)}", ETag='"x"')(handler, body)

        def begun(handler, body):
            handler.send_response(200)
            handler.send_header("ETag", '"x"')
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:half])
            handler.close_connection = True
        self.mirror.faults["/epss"] = [begun, other, answer(206, whole[half:], ETag='"x"')]
        self.update("epss")
        self.assertEqual(self.one("SELECT count(*) FROM epss"), 5000)
        self.assertEqual(self.one("SELECT count(DISTINCT vulnerability_id) FROM epss"), 5000)

    def test_a_part_that_nobody_asked_for(self):
        self.faulty("kev", answer(206, kev("CVE-2022-0009")[10:], Content_Range="bytes 10-99/100"), "another part")

    def test_redirects(self):
        base = self.mirror.base
        self.mirror.files["/moved"] = kev("CVE-2022-0007")
        self.mirror.faults["/kev"] = [answer(302, Location=base + "/moved")]
        self.update("kev")
        self.assertEqual(self.one("SELECT count(*) FROM kev"), 1)
        for to in ("file:///etc/passwd", "ftp://127.0.0.1/kev", "gopher://127.0.0.1/", "dict://127.0.0.1/"):
            self.faulty("kev", answer(302, Location=to), f"leads to {to}", 1)
        self.faulty("kev", answer(302, Location=base + "/kev"), "redirect", 20)
        # a key is not carried elsewhere
        (self.folder / "key").write_text("secret")
        self.mirror.faults["/nvd"] = [answer(302, Location=base + "/moved")]
        self.mirror.requests.clear()
        self.assertIn("status 302", self.update("nvd", "--nvd-key-file", str(self.folder / "key"), code=2).stderr)
        self.assertEqual([r for r in self.mirror.requests if "moved" in r], [])

    def test_packed_although_nobody_asked(self):
        self.mirror.faults["/kev"] = [answer(200, gzip.compress(self.mirror.files["/kev"]), Content_Encoding="gzip")]
        self.update("kev")
        self.assertEqual(self.one("SELECT count(*) FROM kev"), 1)

    def test_packed_pages(self):
        def packed(handler, body):
            self.assertIn("gzip", handler.headers.get("Accept-Encoding", ""))
            answer(200, gzip.compress(body), Content_Encoding="gzip")(handler, body)
        self.mirror.faults["/nvd"] = [packed] * 3
        self.update("nvd")
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), 25)

    def test_bomb(self):
        self.mirror.faults["/nvd"] = [answer(200, gzip.compress(b" " * 5000000), Content_Encoding="gzip")]
        self.assertIn("larger than", self.update("nvd", "--max-size", "1M", code=2).stderr)
        self.assertFalse(self.feeds.exists())
        parts = list((self.folder / "feeds.db.download" / "nvd").glob("*"))
        self.assertLessEqual(sum(p.stat().st_size for p in parts), 1 << 20)

    def test_too_much_without_a_length(self):
        def endless(handler, _):
            handler.send_response(200)
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.close_connection = True
            try:
                for _ in range(4000):
                    handler.wfile.write(b" " * 65536)
            except OSError:
                pass
        self.mirror.faults["/kev"] = [endless]
        self.assertIn("larger than 102400 bytes", self.update("kev", "--max-size", "100K", code=2).stderr)

    def test_drip(self):
        self.mirror.faults["/kev"] = [drip]
        self.update("kev", "--stall", "1")
        self.assertEqual(len(self.mirror.requests), 2)
        self.assertEqual(self.one("SELECT count(*) FROM kev"), 1)

    def test_nvd_the_same_page_for_all(self):
        """A cache that does not look at the question."""
        real = self.mirror.page
        self.mirror.page = lambda url: real(urllib.parse.urlsplit("http://x/nvd?startIndex=0&resultsPerPage=10"))
        r = self.update("nvd", code=2)
        self.assertIn("gives the records from 0 on, not those from 10", r.stderr)
        self.assertFalse(self.feeds.exists())

    def test_nvd_page_that_is_not_whole(self):
        real = self.pages(lambda p, n: dict(p, vulnerabilities=p["vulnerabilities"][:4]) if n == 2 else None)
        r = self.update("nvd", code=2)
        self.assertIn("has 4 of the 10 records", r.stderr)
        self.mirror.page = real
        self.update("nvd")
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), 25)

    def test_nvd_no_page(self):
        for page in ({}, {"totalResults": 25}, {"totalResults": "many", "resultsPerPage": 1, "startIndex": 0, "timestamp": "x"},
                     {"totalResults": -1, "resultsPerPage": 10, "startIndex": 0, "timestamp": "2026-08-22T00:00:00.000"},
                     {"totalResults": 25, "resultsPerPage": 0, "startIndex": 0, "timestamp": "2026-08-22T00:00:00.000", "vulnerabilities": []}):
            real = self.pages(lambda p, n, page=page: page)
            self.update("nvd", code=2)
            self.assertFalse(self.feeds.exists())
            self.mirror.page = real

    def test_nvd_grows_while_it_is_read(self):
        def grow(p, n):
            if n == 2:
                self.mirror.nvd.append(record(99))
        self.pages(grow)
        self.update("nvd")
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), 26)

    def test_nvd_records_leave_the_window_while_it_is_read(self):
        """One is changed again: those behind it move up, and one of them would be on no page."""
        self.update("nvd")
        self.mirror.nvd = [record(i, "2026-09-01T00:00:00.000", "2.0") for i in range(25)]

        def leave(p, n):
            if n == 1:
                del self.mirror.nvd[0]
        self.pages(leave)
        self.update("nvd")
        self.assertEqual(self.one("SELECT count(*) FROM criterion WHERE \"end\" = '2.0'"), 24)  # all that are in the window

    def test_nvd_never_the_same(self):
        self.update("nvd")
        before = self.feeds.read_bytes()
        self.pages(lambda p, n: dict(p, totalResults=p["totalResults"] + 20 + n))
        r = self.update("nvd", code=2)
        self.assertTrue("totalResults changes" in r.stderr or "records" in r.stderr, r.stderr)
        self.assertEqual(self.feeds.read_bytes(), before)

    def test_nvd_a_time_in_the_future(self):
        """It would be where the next update begins: nothing would ever be new again."""
        for wrong in ("9999-12-31T00:00:00.000", "1970-01-01T00:00:00.000", "yesterday"):
            real = self.pages(lambda p, n, wrong=wrong: dict(p, timestamp=wrong))
            self.assertIn("clocks", self.update("nvd", code=2).stderr)
            self.assertFalse(self.feeds.exists())
            self.mirror.page = real

    def test_nvd_windows(self):
        self.update("nvd")
        with sqlite3.connect(self.feeds) as db:
            db.execute("UPDATE source SET cursor = '2025-01-01T00:00:00Z'")
        self.mirror.requests.clear()
        self.update("nvd")
        spans = []
        for request in self.mirror.requests:
            q = urllib.parse.parse_qs(urllib.parse.urlsplit(request).query)
            if q["startIndex"] == ["0"]:
                spans.append([datetime.datetime.fromisoformat(q[k][0]) for k in ("lastModStartDate", "lastModEndDate")])
        self.assertGreater(len(spans), 3)
        for i, (first, last) in enumerate(spans):
            self.assertLess(first, last)
            self.assertLessEqual(last - first, datetime.timedelta(days=120))
            self.assertEqual(i + 1 < len(spans) and last != spans[i + 1][0], False)  # no gap

    def test_nvd_a_cursor_that_nobody_can_have(self):
        self.update("nvd")
        for cursor in ("9999-01-01T00:00:00Z", "x", "0000-00-00T00:00:00Z"):
            with sqlite3.connect(self.feeds) as db:
                db.execute("UPDATE source SET cursor = ?", (cursor,))
            self.mirror.requests.clear()
            self.update("nvd")
            self.assertNotIn("lastModStartDate", self.mirror.requests[0])
            self.assertEqual(self.one("SELECT cursor FROM source"), "2026-08-22T00:00:00Z")

    def test_nvd_one_bad_record(self):
        self.update("nvd")
        before = self.feeds.read_bytes()
        self.mirror.nvd = [record(1, "2026-09-01T00:00:00.000"), {"cve": {"id": 5, "lastModified": "2026-09-01T00:00:00.000"}}]
        self.assertIn("cve.id", self.update("nvd", code=2).stderr)
        self.assertEqual(self.feeds.read_bytes(), before)

    def test_no_server(self):
        self.update("kev")
        before = self.feeds.read_bytes()
        self.mirror.base = "http://127.0.0.1:1"
        self.assertIn("connect", self.update("kev", code=2).stderr.lower())
        self.assertEqual(self.feeds.read_bytes(), before)


unittest.main(argv=sys.argv)
