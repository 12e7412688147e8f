/** What a system may tell the web server. */
import { type Accepts, portNumber, wholeNumber } from '@bulkhead/runtime';
import { RECORD_BYTES } from './connections.ts';
import { utf8 } from './grammar.ts';
import type { Page } from './pages.ts';
import { DOCUMENT_PAGES, type WebServerConfig } from './server.ts';

/** What the parser's table holds. */
const MAX_PAGES = 30;
/** Room for heads, for what is answered to bad requests, and for titles. */
const SPARE_BYTES = 32_768;
const MAX_BODIES_BYTES: number = DOCUMENT_PAGES * RECORD_BYTES - SPARE_BYTES;
const MAX_TITLE_BYTES = 256;
/** Differences of simulated time stay far below 2^31 microseconds. */
const LONGEST_TIMEOUT_US = 600_000_000;

export const ACCEPTS: Accepts<WebServerConfig> = {
  port: portNumber,
  title: (title) => (utf8(title).length <= MAX_TITLE_BYTES ? null : `give at most ${MAX_TITLE_BYTES} bytes`),
  pages: mendOfPages,
  idleTimeoutUs: wholeNumber(1, LONGEST_TIMEOUT_US),
};

function mendOfPages(pages: Readonly<Record<string, Page>>): string | null {
  const paths = Object.keys(pages);
  if (paths.length > MAX_PAGES) return `give at most ${MAX_PAGES} pages`;
  if (paths.some((path) => !path.startsWith('/'))) return "give pages by paths that begin with '/'";
  if (Object.values(pages).some((page) => typeof page?.type !== 'string' || typeof page.body !== 'string'))
    return 'give each page a type and a body, both texts';
  const lenBytes = Object.values(pages).reduce((sum, { body }) => sum + utf8(body).length, 0);
  return lenBytes <= MAX_BODIES_BYTES ? null : `give bodies of at most ${MAX_BODIES_BYTES} bytes together`;
}
