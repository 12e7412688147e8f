#!/usr/bin/env node
/** The command `bulkhead`. */
import { enableCompileCache } from 'node:module';

// A few hundred small files: the second run starts in a third of the time.
enableCompileCache();
const { main } = await import('./application.ts');
await main(process);
