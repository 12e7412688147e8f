import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../src/commands/audit.ts';
import { command } from './execute.ts';
import { fixture } from './run.ts';

const audit = (...args: string[]) => command('audit', ...args);

describe('bulkhead audit', () => {
  it('prints domains, reach, the containment matrix, starvation and what must be trusted', async () => {
    const { status, stdout, stderr } = await audit('multiserver');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^net-stack +data +· +data +–/m);
    // It has a budget: it stalls nobody.
    expect(stdout).toMatch(/^nic-driver +– +data +· +notices/m);
    expect(stdout).toMatch(/^time: Whoever has a budget leaves time to others/m);
    expect(stdout).toMatch(/^web-server +[\d,]+ +[\d,]+ +[\d,]+ +iommu-driver$/m);
  });
  it('says of every component which memory, devices, interrupts and components it reaches', async () => {
    const { stdout } = await audit('multiserver');
    expect(stdout).toMatch(/^component +writes memory +programs +interrupts +calls or casts to$/m);
    expect(stdout).toMatch(/^web-server +of net-stack +– +– +net-stack$/m);
    expect(stdout).toMatch(/^nic-driver +of net-stack +NIC +its own +net-stack, pci-bus-driver, /m);
    expect(stdout).toMatch(/^iommu-driver +– +IOMMU +its own, any that nobody has +nic-driver, /m);
    expect((await audit('hybrid')).stdout).toMatch(/^net-stack +everything +everything +all +/m);
  });
  it('says of every edge which attack shows it, or why none does', async () => {
    const { stdout } = await audit('multiserver');
    expect(stdout).toMatch(/^signal +5 +signals$/m);
    expect(stdout).toMatch(/^kernel runs-in domain kernel:\n {2}the kernel is the privileged mode itself/m);
    const report = JSON.parse((await audit('multiserver', '--json')).stdout) as AuditReport;
    expect(report.showings.map(({ edge }) => edge)).toEqual(report.audit.edges);
  });
  it.each([
    [
      'monolithic',
      'can nic-driver write web-server',
      /^yes: nic-driver can write web-server\n {2}1\. nic-driver runs in domain kernel/,
    ],
    ['multiserver', 'can nic-driver write web-server', /^no: /],
    ['multiserver', 'Can the NIC driver corrupt net-stack?', /^yes: .*only memory that carries data/],
    ['multiserver', 'who owns the NIC', /^who owns NIC: nic-driver\n {2}nic-driver runs in domain nic-driver, /],
    ['multiserver', 'how large is the trusted base of web-server', /: iommu-driver, kernel\n {2}\d+ lines of code: /],
    ['multiserver', 'who could starve whom of memory or time', /\n {2}web-server: –\n {2}net-stack: web-server\n/],
    ['monolithic', 'is web-server isolated from nic-driver', /^no: .*\n {2}1\. nic-driver runs in domain kernel: /],
    ['exokernel', 'what falls if nic-driver falls', /^what falls if nic-driver falls: web-server, net-stack\n/],
  ] as const)('answers of %s: %s', async (system, question, answer) => {
    const { status, stdout } = await audit(system, '--question', question);
    expect(status).toBe(0);
    expect(stdout).toMatch(answer);
  });
  it('runs the system where only a run can tell, and so answers which rights were never used', async () => {
    const { status, stdout } = await audit('multiserver', '--question', 'Which rights does web-server never use?');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^rights granted and never used by web-server in the run\n {2}web-server: .*net-stack\.sendTo/,
    );
    const asked = ['--json', '--question', 'which rights are never used'] as const;
    expect(JSON.parse((await audit('multiserver', ...asked)).stdout)).toMatchObject({
      answer: { kind: 'table', rows: [{ name: 'web-server' }, {}, {}, {}, {}, {}] },
    });
  });
  it('says which questions it understands when it does not, and that this was a mistake', async () => {
    const { status, stdout, stderr } = await audit('multiserver', '--question', 'why');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^bulkhead: 'why' is no question that is understood: ask 'can A read\|write/);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
  it('gives all of it as one object, and an answer as one', async () => {
    const report = JSON.parse((await audit('hybrid', '--json')).stdout) as AuditReport;
    expect(report.audit.system).toBe('hybrid');
    expect(report.containment.components).toContain('kernel');
    expect(report.trustedBases.every(({ lines }) => lines > 0)).toBe(true);
    const answer: unknown = JSON.parse((await audit('hybrid', '--json', '--question', 'who can write kernel')).stdout);
    expect(answer).toMatchObject({ question: 'who can write kernel', answer: { kind: 'list' } });
  });
  it('draws the graph for others, a box for every domain', async () => {
    const dot = (await audit('multiserver', '--dot')).stdout;
    expect(dot).toMatch(/^digraph "multiserver" \{\n/);
    expect(dot.match(/subgraph cluster_/g)).toHaveLength(7);
    expect((await audit('multiserver', '--mermaid')).stdout).toMatch(
      /^flowchart LR\n {2}subgraph n0 \["domain kernel"\]\n/,
    );
  });
  it('with --live reads it off a run, and lists what was never used', async () => {
    const report = JSON.parse((await audit('multiserver', '--live', '--json')).stdout) as AuditReport;
    expect(report.audit.source).toBe('live');
    expect(report.live).toMatchObject({ requests: 64, unforeseen: [] });
    expect(report.live!.unused).toContainEqual({ holder: 'web-server', kind: 'method', right: 'net-stack.sendTo' });
    const { stdout } = await audit('multiserver', '--live');
    expect(stdout).toContain('The run allows nothing that the description did not foretell');
  });
  it('takes a system by the path of its module', async () => {
    expect((await audit(fixture('sixth.ts'), '--question', 'who can write kernel')).status).toBe(0);
  });
  it.each([
    [['multiserver', '--json', '--dot'], /exclude each other/],
    [['multiserver', '--question', 'x', '--dot'], /leave --dot and --mermaid out/],
    [['nowhere'], /no system 'nowhere'/],
  ] as const)('refuses %j', async (args, message) => {
    const { status, stderr } = await audit(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
