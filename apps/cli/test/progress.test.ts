import { describe, expect, it } from 'vitest';
import { estimate } from '../src/output/progress.ts';
import { findProgram, shell } from './run.ts';

/** `script` gives what it runs a terminal, and prints what is drawn there. Its own terminal has no width yet. */
const onTerminal = (line: string): string => `script -qec 'stty cols 100 rows 30; ${line}' /dev/null`;

describe('Progress on a terminal', () => {
  it('shows what is done in percent, and then how long it still takes', () => {
    expect(estimate(0.02, 5000)).toBe('2 %');
    expect(estimate(0.5, 200)).toBe('50 %');
    expect(estimate(0.25, 2000)).toBe('25 %, about 6 s left');
    expect(estimate(0.99, 2000)).toBe('99 %, about 1 s left');
  });
  it('is drawn even when standard output goes elsewhere, and not into it', async (context) => {
    if (findProgram('script') === null) return context.skip('there is no script(1)');
    const { stdout } = await shell(
      onTerminal('$BULKHEAD compare --json --systems multiserver --requests 5000 | wc -l'),
    );
    expect(stdout).toMatch(/\d+ %, about \d+ s left/);
    expect(stdout).not.toContain('"systems"');
  });
  it('has no colours when NO_COLOR is set', async (context) => {
    if (findProgram('script') === null) return context.skip('there is no script(1)');
    const { stdout } = await shell(
      `NO_COLOR=1 ${onTerminal('$BULKHEAD compare --systems monolithic --requests 20; $BULKHEAD --help')}`,
    );
    expect(stdout).toContain('monolithic: 20 requests in simulated time');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence that sets a colour
    expect(stdout).not.toMatch(/\x1b\[(3|9)\d/);
  });
});
