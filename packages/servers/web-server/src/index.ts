export { bytesPage, DEFAULT_PAGES, type Page } from './pages.ts';
export type { WebServerConfig } from './server.ts';
export { webServer } from './web-server.ts';
