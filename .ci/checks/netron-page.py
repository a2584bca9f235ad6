"""Netron with one model open, on a port of its own, as a page that asks nothing and reports nothing: prints its address, serves until it is ended.

    python netron-page.py MODEL.onnx
"""

import re
import sys
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import netron

FOLDER = Path(netron.__file__).parent

# Netron begins when its page has loaded, and that is when a browser takes its picture or prints the page. So Netron stands in a frame, beside a
# picture that keeps the browser waiting for so many seconds; shortly before they are over, the texts of the drawing are copied to where they are printed.
DRAWN = 6
FRAME = f"""<!doctype html><style>body {{margin: 0}} iframe {{border: 0; width: 100vw; height: 100vh}}</style>
<iframe src="/netron"></iframe><img src="/wait" hidden><pre hidden></pre>
<script>
  const copy = () => [...frames[0].document.querySelectorAll("svg text")].map((text) => text.textContent.trim()).join("\\n");
  setTimeout(() => (document.querySelector("pre").textContent = copy()), {1000 * DRAWN - 500});
</script>"""


class Page(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self.answer(FRAME.encode(), "text/html")
        elif path == "/netron":
            head = '<meta name="file" content="/model.onnx"><meta name="version" content="0.0.0">'
            page = re.sub(r'<meta name="version" content=".*?">', head, (FOLDER / "index.html").read_text())
            self.answer(page.encode(), "text/html")
        elif path == "/model.onnx":
            self.answer(Path(sys.argv[1]).read_bytes(), "application/octet-stream")
        elif path == "/wait":
            time.sleep(DRAWN)
            self.answer(b"", "image/png")
        elif path == "/view.js":
            # Brackets around shapes that fonts without Chinese have, too.
            script = (FOLDER / "view.js").read_text().replace("\\u3008", "\\u27e8").replace("\\u3009", "\\u27e9")
            self.answer(script.encode(), "text/javascript")
        else:
            super().do_GET()

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "consent=1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


with ThreadingHTTPServer(("127.0.0.1", 0), partial(Page, directory=FOLDER)) as server:
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
