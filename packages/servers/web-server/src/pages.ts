/** What there is to see when nobody says otherwise. */

export interface Page {
  /** The value of Content-Type. */
  readonly type: string;
  /** `{{title}}` stands for the configured title, as HTML text. */
  readonly body: string;
}

/**
 * The byte at `offset` of a generated page: the highest of the four bytes of offset × 0x9e3779b1, modulo 2^32. The
 * multiplier is odd, so that no two places of a page look alike for long, and a lost or doubled segment is seen.
 */
export const bytesPage = (offset: number): number => Math.imul(offset, 0x9e3779b1) >>> 24;

const HTML = 'text/html; charset=utf-8';

const page = (heading: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>${heading}</h1>
${content}
</main>
</body>
</html>
`;

const HOME = page(
  '{{title}}',
  `<p>This page left a web server that knows one thing: its sockets. The request came in through a network card, a
driver and a TCP/IP stack, all simulated, instruction-set architecture and page tables included. Whether they shared
one address space or stood in processes of their own, the server that wrote this cannot tell.</p>
<ul>
<li><a href="/about">About this server</a></li>
<li><a href="/bytes/1048576">A mebibyte</a> to download, each byte of it known beforehand</li>
</ul>`,
);

const ABOUT = page(
  'About this server',
  `<dl>
<dt>Protocol</dt><dd>HTTP/1.1 as in RFC 9112, with persistent connections and pipelining</dd>
<dt>Methods</dt><dd><code>GET</code> and <code>HEAD</code></dd>
<dt>Generated pages</dt><dd><code>/bytes/N</code> has N bytes, up to 2<sup>30</sup>. The byte at offset <i>i</i> is the
highest byte of <i>i</i> × 0x9e3779b1, modulo 2<sup>32</sup>.</dd>
</dl>
<p><a href="/">Back</a></p>`,
);

const STYLE = `:root { color-scheme: light dark; --ink: #1b2733; --paper: #f6f4ef; --line: #2f6f8f; }
@media (prefers-color-scheme: dark) { :root { --ink: #dbe4ea; --paper: #10181f; --line: #6fb3d2; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.05rem/1.6 system-ui, sans-serif; }
main { max-width: 38rem; margin: 12vh auto; padding: 0 1.5rem; border-left: 0.35rem solid var(--line); }
h1 { font-weight: 600; letter-spacing: -0.02em; line-height: 1.15; margin: 0 0 1rem; }
a { color: var(--line); }
dt { font-weight: 600; }
dd { margin: 0 0 0.8rem; }
`;

export const DEFAULT_PAGES: Readonly<Record<string, Page>> = {
  '/': { type: HTML, body: HOME },
  '/about': { type: HTML, body: ABOUT },
  '/style.css': { type: 'text/css; charset=utf-8', body: STYLE },
};

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!);

/** @returns the page's body with the title in its place. */
export const bodyOf = ({ body }: Page, title: string): string => body.replaceAll('{{title}}', () => escapeHtml(title));
