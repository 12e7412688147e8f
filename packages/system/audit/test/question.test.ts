import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, auditDescription } from '../src/index.ts';
import { answerOf, kindOf } from './ask.ts';
import { multiserver } from './systems.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const audit = auditDescription(multiserver);

describe('a question', () => {
  it.each([
    ['can nic-driver write web-server', 'no'],
    ['Can the NIC-driver corrupt the web server?', 'no'],
    ['can nic driver write to heap of nic-driver', 'yes'],
    ['can iommu-driver overwrite kernel memory', 'yes'],
    ['can nic-driver read the memory of web-server?', 'no'],
    ['can kernel write memory of the web server', 'yes'],
    ['can kernel write memory', 'yes'],
    ['can web-server call net-stack', 'yes'],
    ['can web-server talk to net-stack?', 'yes'],
    ['can web-server call nic-driver', 'no'],
    ['can web-server reach nic-driver', 'yes'],
    ['can supervisor kill nic-driver', 'yes'],
    ['can supervisor restart nic-driver', 'yes'],
    ['can nic-driver start supervisor', 'no'],
    ['can nic-driver DMA into net-stack', 'yes'],
    ['can nic-driver dma web-server', 'no'],
    ['can NIC interrupt nic-driver', 'yes'],
    ['can web-server interrupt nic-driver', 'no'],
    ['can net-stack signal nic-driver', 'no'],
    ['can nic-driver signal net-stack', 'yes'],
    ['can net-stack read web-server', 'yes'],
    ['can web-server read kernel', 'no'],
    ['can pci-bus-driver starve nic-driver', 'yes'],
    ['can nic-driver reach nic-driver', 'yes'],
    ['who can write web-server', 'list'],
    ['what can nic-driver reach', 'list'],
    ['what can nic-driver write?', 'list'],
    ['what falls if net-stack dies', 'list'],
    ['what dies with nic-driver', 'list'],
  ] as const)('%s: %s', (question, kind) => {
    expect([question, kindOf(multiserver, question)]).toEqual([question, kind]);
  });
  it('is answered with the shortest chain, each step with its reason', () => {
    const answer = answerOf(multiserver, 'can web-server reach NIC');
    expect(
      answer.text
        .split('\n')
        .slice(1)
        .map((line) => line.split(':')[0]!.trim()),
    ).toEqual([
      '1. web-server calls net-stack',
      '2. net-stack casts nic-driver',
      '3. nic-driver runs in domain nic-driver',
      '4. domain nic-driver programs NIC',
    ]);
  });
  it('about who can write names exactly those who are trusted with it', () => {
    expect(answerOf(multiserver, 'who can write heap of web-server')).toMatchObject({
      names: ['web-server', 'iommu-driver', 'kernel'],
    });
  });
  it('about what is reached tells apart what one does and what others do for it', () => {
    const { text } = answerOf(multiserver, 'what can web-server reach');
    const [own, through] = text.split('\n');
    expect(own).toContain('net-stack');
    expect(own).not.toContain('NIC');
    expect(through).toMatch(/^only through others: .*NIC/);
  });
  it('that cannot be understood gives one line with the forms and the names', () => {
    for (const question of [
      '',
      'why',
      'can nobody write kernel',
      'can nic-driver eat kernel',
      'can nic-driver write',
    ]) {
      const { kind, text } = ask(audit, question);
      expect([question, kind]).toEqual([question, 'not-understood']);
      expect(text).not.toContain('\n');
      expect(text).toContain("'who can write B'");
      expect(text).toContain('pci-bus-driver');
    }
  });
  it('never throws, whatever it is, and answers the same twice', () => {
    const words = fc.constantFrom(
      'can',
      'who',
      'what',
      'write',
      'reach',
      'falls',
      'if',
      'nic-driver',
      'NIC',
      'the',
      '?',
    );
    const questions = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 7 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(questions, (question) => {
        expect(ask(audit, question)).toEqual(ask(audit, question));
      }),
      { numRuns: 200 * EFFORT },
    );
  });
});
