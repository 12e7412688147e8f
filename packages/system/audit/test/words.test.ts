/** What people ask, in their own words. */
import { describe, expect, it } from 'vitest';
import { type Answer, ask, auditDescription, FORMS } from '../src/index.ts';
import { answerOf } from './ask.ts';
import { exokernel, exokernelTwo, hybrid, monolithic, multiserver } from './systems.ts';

const audit = auditDescription(multiserver);
const namesIn = (answer: Answer): readonly string[] =>
  answer.kind === 'list' ? answer.names : answer.kind === 'table' ? answer.rows.map(({ name }) => name) : [answer.kind];
const rowOf = (question: string, name: string): readonly string[] | undefined => {
  const answer = ask(audit, question);
  return answer.kind === 'table' ? answer.rows.find((row) => row.name === name)?.names : undefined;
};

describe('whoever asks', () => {
  it.each(FORMS)('%s: a form that is told is understood', (form) => {
    const question = form
      .replace(/\|.*(?= B$)|\|\S+/, '')
      .replace(/\bA\b/, 'nic-driver')
      .replace(/\bB\b/, 'net-stack');
    expect([question, ask(audit, question).kind]).not.toContain('not-understood');
  });
  it('each verb that is told is understood, in the passive, too', () => {
    const verbs = FORMS.find((form) => form.startsWith('can A '))!
      .slice('can A '.length, -' B'.length)
      .split('|');
    for (const verb of verbs) {
      expect([verb, ask(audit, `can nic-driver ${verb} net-stack`).kind]).not.toContain('not-understood');
      expect([verb, ask(audit, `who can ${verb} net-stack`).kind]).toEqual([verb, 'list']);
      expect([verb, ask(audit, `who can ${verb} whom`).kind]).toEqual([verb, 'table']);
    }
    for (const done of [
      'read by',
      'written by',
      'reached from',
      'reachable from',
      'killed by',
      'starved by',
      'notified by',
    ])
      expect([done, ask(audit, `can net-stack be ${done} nic-driver`).kind]).not.toContain('not-understood');
  });

  it.each([
    ['who owns the NIC', ['nic-driver']],
    ['Who drives the network card?', ['nic-driver']],
    ['who owns the IOMMU', ['iommu-driver']],
    ['who owns the heap of web-server', ['web-server']],
    ['who owns nic-driver', ['supervisor']],
    ['who can access the network card', ['nic-driver', 'iommu-driver', 'pci-bus-driver', 'kernel']],
    ['which devices can nic-driver access', ['NIC']],
    ["who has access to web-server's memory", ['net-stack', 'iommu-driver', 'kernel']],
    ['trusted base of web-server', ['iommu-driver', 'kernel']],
    ['how large is the trusted computing base of the web server', ['iommu-driver', 'kernel']],
    ['what must web-server trust', ['iommu-driver', 'kernel']],
    ['what does the web-server trust', ['iommu-driver', 'kernel']],
    ['who trusts nic-driver', []],
    ['who must trust pci-bus-driver', ['nic-driver']],
    ['who could starve net-stack of time', ['supervisor', 'iommu-driver', 'pci-bus-driver', 'kernel']],
    ['what falls with nic-driver', []],
    ['what happens if the nic-driver crashes', []],
    ['does anything else fall if the supervisor dies', []],
    ['what is in the TCB of net-stack', ['iommu-driver', 'kernel']],
    ['what does web-server depend on', ['kernel', 'iommu-driver', 'net-stack', 'supervisor', 'pci-bus-driver']],
    ['which interrupts does nic-driver get', ['NIC', 'interrupt file']],
    ["who handles the NIC's interrupts", ['nic-driver']],
    ['which devices can DMA into net-stack', ['NIC', 'IOMMU', 'PCI configuration space']],
    ['who talks to net-stack', ['web-server', 'nic-driver', 'kernel']],
    ['who shares memory with nic-driver', ['net-stack']],
    ['in which domain does nic-driver run', ['domain nic-driver']],
    ['what runs in the same domain as nic-driver', []],
    ['who can kill nic-driver', ['supervisor', 'iommu-driver', 'pci-bus-driver', 'kernel']],
  ] as const)('%s: %j', (question, names) => {
    expect([question, namesIn(ask(audit, question))]).toEqual([question, names]);
  });
  it.each([
    ['how can nic-driver reach web-server', 'yes'],
    ['what is the shortest path from web-server to the NIC', 'yes'],
    ['can the nic DMA into web-server', 'no'],
    ['can web-server talk to nic-driver', 'no'],
    ['can net-stack talk to web-server', 'yes'],
    ['can web-server and net-stack communicate', 'yes'],
    ['do web-server and nic-driver share memory', 'no'],
    ['is web-server isolated from nic-driver', 'yes'],
    ['is nic-driver isolated from pci-bus-driver', 'no'],
    ['are web-server and nic-driver isolated from each other', 'yes'],
    ['what protects web-server from nic-driver', 'yes'],
    ['does web-server fall if net-stack falls', 'no'],
    ['does web-server survive a crash of nic-driver', 'yes'],
    ['does web-server survive if the kernel crashes', 'no'],
    ['does web-server trust nic-driver', 'no'],
    ['is iommu-driver trusted by web-server', 'yes'],
    ['is nic-driver part of the TCB of web-server', 'no'],
    ['what stops nic-driver from writing to web-server', 'no'],
    ['must nic-driver trust pci-bus-driver', 'yes'],
    ['does nic-driver have access to kernel memory', 'no'],
    ['can web-server be written by nic-driver', 'no'],
    ['is nic-driver able to corrupt net-stack', 'yes'],
    ["why can't nic-driver write web-server", 'no'],
    ["can a compromised nic-driver read web-server's memory", 'no'],
    ['can net-stack starve web-server of time', 'yes'],
    ['can web-server starve net-stack of time', 'no'],
    ['can web-server starve net-stack of queue space', 'yes'],
    ['can web-server starve net-stack of memory', 'no'],
  ] as const)('%s: %s', (question, kind) => {
    expect([question, ask(audit, question).kind]).toEqual([question, kind]);
  });

  it('about everybody has a row for each', () => {
    expect(rowOf('which component can access which device', 'nic-driver')).toEqual(['NIC']);
    expect(rowOf('who can communicate with whom', 'web-server')).toEqual(['net-stack']);
    expect(rowOf('who could starve whom of memory or time', 'nic-driver')).toEqual([]);
    expect(rowOf('who can starve whom', 'nic-driver')).toEqual(['supervisor', 'iommu-driver']);
    expect(rowOf('which component can access which interrupt', 'iommu-driver')).toEqual(['interrupt file']);
    expect(rowOf('what rights does nic-driver have', 'calls')).toEqual(['pci-bus-driver', 'iommu-driver', 'kernel']);
    expect(ask(audit, 'which component can access which memory').text).toMatch(
      /^ {2}nic-driver: its own, shared region of net-stack/m,
    );
  });
  it('finds the walls where each system has them', () => {
    const kinds = [monolithic, hybrid, multiserver, exokernel].map(
      (system) => answerOf(system, 'is web-server isolated from nic-driver').kind,
    );
    expect(kinds).toEqual(['no', 'yes', 'yes', 'no']);
    expect(answerOf(monolithic, 'who owns the NIC')).toMatchObject({ names: ['nic-driver'] });
    expect(namesIn(answerOf(exokernel, 'who runs with nic-driver'))).toEqual(['web-server', 'net-stack']);
    expect(namesIn(answerOf(exokernel, 'what falls with nic-driver'))).toEqual(['web-server', 'net-stack']);
  });
  it('is told with each name by which chain', () => {
    const answer = ask(audit, 'who can kill nic-driver');
    expect(answer).toMatchObject({ chains: [[{ verb: 'runs-in' }, { verb: 'ends' }], {}, {}, {}] });
    expect(answer.text.split('\n')[1]).toBe(
      '  supervisor runs in domain supervisor, domain supervisor ends domain nic-driver',
    );
  });
  it("is told, where the answer is no, what comes nearest: which others' help it takes", () => {
    expect(ask(audit, 'can web-server talk to nic-driver').text).toBe(
      'no: nothing lets web-server talk to nic-driver. What comes nearest: web-server calls net-stack, net-stack casts nic-driver',
    );
  });
  it('is asked which, where a name may be one of several', () => {
    const { kind, text } = answerOf(exokernelTwo, 'who owns the NIC');
    expect(kind).toBe('not-understood');
    expect(text).toMatch(/^'nic' may be NIC of nic-driver or NIC of nic-driver-b in .*: say which/);
    expect(namesIn(answerOf(exokernelTwo, 'who owns the NIC of nic-driver-b'))).toEqual(['nic-driver-b']);
  });
  it('hears that only a run shows what is never used, and with a run what', () => {
    const question = 'which rights does web-server never use';
    expect(ask(audit, question).kind).toBe('needs-run');
    const unused = [
      { holder: 'web-server', kind: 'method', right: 'net-stack.bind' },
      { holder: 'supervisor', kind: 'method', right: 'nic-driver.ping' },
    ] as const;
    expect(ask(audit, question, { unused })).toMatchObject({
      rows: [{ name: 'web-server', names: ['net-stack.bind'] }],
    });
    expect(namesIn(ask(audit, 'which rights are never used', { unused }))).toEqual(['web-server', 'supervisor']);
  });
  it.each(['can nic-driver not write web-server', 'who can not write web-server', 'does the NIC fall if wire falls'])(
    '%s: what would be answered wrong is not understood',
    (question) => {
      expect(ask(audit, question).kind).toBe('not-understood');
    },
  );
  it.each(['and', 'is', 'to', 'A', 'who', 'can write'])(
    'may say %s as often as it likes, and has an answer soon',
    (word) => {
      const question = `is ${`${word} `.repeat(300)}isolated`;
      expect(ask(audit, question).kind).toBe('not-understood');
    },
  );
});
