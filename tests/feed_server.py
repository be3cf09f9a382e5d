# SPDX-License-Identifier: GPL-3.0-or-later
"""A mirror of feeds for tests, on this machine alone: pages of the NVD, files with ETags, and servers' bad days."""
import http.server
import json
import ssl
import threading
import urllib.parse


class Mirror:
    """files: path -> bytes. faults: path -> list of what the next answers to it are instead: a status, or "cut" (half of
    the body, then the end), "slow-down" (429 with Retry-After), a function of the handler and the body that answers itself, or
    None: as always."""

    def __init__(self, certificate=None):
        """With a certificate (a file that has its key, too) it speaks TLS alone."""
        self.files, self.faults, self.requests, self.headers = {}, {}, [], {}
        self.nvd = []  # records of {"cve": ...}
        self.nvd_page = None
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                mirror.answer(self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *args: None  # a client that has enough hangs up
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.base = f"http{'s' if certificate else ''}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        self.requests.append(handler.path)
        self.headers[handler.path] = dict(handler.headers)
        fault = self.faults.get(url.path, [])
        fault = fault.pop(0) if fault else None
        if isinstance(fault, int):
            return self.send(handler, fault, b"busy", {})
        if fault == "slow-down":
            return self.send(handler, 429, b"busy", {"Retry-After": "0"})
        body = self.page(url) if url.path == "/nvd" else self.files.get(url.path)
        if body is None:
            return self.send(handler, 404, b"no", {})
        if callable(fault):
            return fault(handler, body)
        tag = f'"{hash(body) & 0xffffffff:x}"'
        if handler.headers.get("If-None-Match") == tag:
            return self.send(handler, 304, b"", {"ETag": tag})
        status, part = 200, body
        wanted = handler.headers.get("Range")
        if wanted and handler.headers.get("If-Range") == tag:
            status, part = 206, body[int(wanted[len("bytes="):-1]):]
        extra = {"ETag": tag}
        if status == 206:
            extra["Content-Range"] = f"bytes {len(body) - len(part)}-{len(body) - 1}/{len(body)}"
        self.send(handler, status, part, extra, cut=fault == "cut")

    def page(self, url):
        q = urllib.parse.parse_qs(url.query)
        start, size = int(q["startIndex"][0]), int(q["resultsPerPage"][0])
        size = min(size, self.nvd_page or size)
        found = self.nvd
        if "lastModStartDate" in q:
            first, last = q["lastModStartDate"][0][:19], q["lastModEndDate"][0][:19]
            found = [r for r in found if first <= r["cve"]["lastModified"][:19] <= last]
        return json.dumps({"resultsPerPage": size, "startIndex": start, "totalResults": len(found), "format": "NVD_CVE",
                           "version": "2.0", "timestamp": "2026-08-22T00:00:00.000",
                           "vulnerabilities": found[start:start + size]}).encode()

    @staticmethod
    def send(handler, status, body, headers, cut=False):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        if cut:
            handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            handler.wfile.write(body[:len(body) // 2] if cut else body)
        except BrokenPipeError:
            pass
        handler.close_connection = cut
