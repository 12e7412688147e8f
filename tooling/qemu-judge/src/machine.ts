/**
 * A QEMU that runs nothing but its devices: the processor halts at its first instruction, and everything else is done
 * from here. It lives in a folder of its own, at most so long as it is told, and is ended with the process that
 * started it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Qtest } from './qtest.ts';
import { Ram } from './ram.ts';
import { Wire } from './wire.ts';

export const QEMU = 'qemu-system-x86_64';
export const RAM_MIB = 64;
const PIPES = ['qtest.in', 'qtest.out', 'wire.in', 'wire.out', 'monitor.in', 'monitor.out'];
const BIOS_BYTES = 0x1_0000;
/** Where an x86 processor starts: cli; hlt; jmp to itself. */
const RESET_VECTOR = 0xfff0;
const HALT: readonly number[] = [0xfa, 0xf4, 0xeb, 0xfd];
/** Intel ICH9 datasheet §13.7.5 "RST_CNT". The reset happens in a later turn of QEMU's loop. */
const RESET_CONTROL = 0xcf9;
const RESET_SYSTEM = 6;
const RESET_TURNS = 3;
const POLL_MS = 2;
const DEFAULT_LIFE_S = 120;

export interface QemuOptions {
  /** What `-device` says of each device; a NIC is on the wire by `netdev=wire`. */
  readonly devices: readonly string[];
  /** QEMU is ended after so many seconds, whatever happens here. @defaultValue 120 */
  readonly lifeS?: number;
}

/** @returns why there is no QEMU to ask, or an empty string. */
export function whyNoQemu(): string {
  for (const program of [QEMU, 'timeout', 'mkfifo']) {
    if (spawnSync(program, ['--version']).error !== undefined) return `${program} is not installed`;
  }
  return '';
}

export class QemuMachine {
  readonly qtest: Qtest;
  readonly ram: Ram;
  readonly wire: Wire;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #files: readonly number[];
  readonly #monitor: number;
  readonly #end: () => void;

  private constructor(child: ChildProcess, folder: string, end: () => void) {
    const open = (name: string, flags: string): number => openSync(join(folder, name), flags);
    this.#child = child;
    this.#folder = folder;
    this.#end = end;
    const [commands, answers] = [open('qtest.in', 'w'), open('qtest.out', 'r')];
    const [ram, toDevice, fromDevice] = [open('ram', 'r+'), open('wire.in', 'w'), open('sent', 'r')];
    this.#monitor = open('monitor.in', 'w');
    this.#files = [commands, answers, ram, toDevice, fromDevice, this.#monitor];
    this.qtest = new Qtest(commands, answers);
    this.ram = new Ram(ram);
    this.wire = new Wire(
      toDevice,
      fromDevice,
      () => this.qtest.settle(),
      () => void this.qtest.ask('readb 0'),
    );
  }

  static async start(options: QemuOptions): Promise<QemuMachine> {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-qemu-'));
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    try {
      spawnSync(
        'mkfifo',
        PIPES.map((pipe) => join(folder, pipe)),
      );
      writeFileSync(join(folder, 'bios'), bios());
      const limit = ['-k', '5', String(options.lifeS ?? DEFAULT_LIFE_S)];
      const child = spawn('timeout', [...limit, QEMU, ...argumentsOf(folder, options)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const end = (): void => {
        child.kill();
        remove();
      };
      process.once('exit', end);
      await answering(child, folder);
      return new QemuMachine(child, folder, end);
    } catch (error) {
      remove();
      throw error;
    }
  }

  readPort(port: number, width: 'b' | 'w' | 'l'): number {
    return Number(this.qtest.ask(`in${width} ${hex(port)}`));
  }
  writePort(port: number, width: 'b' | 'w' | 'l', value: number): void {
    this.qtest.post(`out${width} ${hex(port)} ${hex(value)}`);
  }
  /** A read of physical memory of one, two or four bytes. */
  read(address: number, width: 'b' | 'w' | 'l'): number {
    return Number(this.qtest.ask(`read${width} ${hex(address)}`));
  }
  write(address: number, width: 'b' | 'w' | 'l', value: number): void {
    this.qtest.post(`write${width} ${hex(address)} ${hex(value)}`);
  }

  /** The reset button. RAM stays as it is. */
  reset(): void {
    this.writePort(RESET_CONTROL, 'b', RESET_SYSTEM);
    for (let turn = 0; turn < RESET_TURNS; turn++) this.qtest.ask('readb 0');
  }
  /** A line for QEMU's own monitor, whose answer nobody reads. It has been done when this returns. */
  command(line: string): void {
    this.qtest.settle();
    writeSync(this.#monitor, `${line}\n`);
    this.wire.settle();
  }
  /** Ends QEMU and removes everything it had. */
  async stop(): Promise<void> {
    process.off('exit', this.#end);
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    if (this.#child.exitCode === null) this.#child.kill();
    else this.#child.stderr?.destroy();
    await ended;
    for (const file of this.#files) closeSync(file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

function bios(): Buffer {
  const image = Buffer.alloc(BIOS_BYTES);
  image.set(HALT, RESET_VECTOR);
  return image;
}

function argumentsOf(folder: string, { devices }: QemuOptions): readonly string[] {
  const at = (name: string): string => join(folder, name);
  const ram = `memory-backend-file,id=ram,size=${RAM_MIB}M,share=on,mem-path=${at('ram')}`;
  return [
    ...['-accel', 'tcg', '-nodefaults', '-display', 'none', '-bios', at('bios')],
    ...['-machine', 'q35,memory-backend=ram', '-m', String(RAM_MIB), '-object', ram],
    ...['-qtest', `pipe:${at('qtest')}`, '-qtest-log', 'none'],
    ...['-monitor', `pipe:${at('monitor')}`, '-netdev', 'hubport,id=wire,hubid=0'],
    ...['-chardev', `pipe,id=to,path=${at('wire')}`, '-chardev', `file,id=from,path=${at('sent')}`],
    ...['-object', 'filter-redirector,id=in,netdev=wire,queue=tx,indev=to'],
    ...['-object', 'filter-redirector,id=out,netdev=wire,queue=rx,outdev=from'],
    ...devices.flatMap((device) => ['-device', device]),
  ];
}

/** Resolves when QEMU answers. It may never open its pipes, so they are opened without waiting for it. */
async function answering(child: ChildProcess, folder: string): Promise<void> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  let end: string | undefined;
  child.once('error', (error) => (end = error.message));
  child.once('exit', (code, signal) => (end = `it ended with ${code ?? signal}`));
  const commands = openSync(join(folder, 'qtest.in'), constants.O_RDWR | constants.O_NONBLOCK);
  const answers = openSync(join(folder, 'qtest.out'), constants.O_RDONLY | constants.O_NONBLOCK);
  writeSync(commands, 'readb 0\n');
  while (end === undefined && !isAnswered(answers)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  closeSync(commands);
  closeSync(answers);
  if (end !== undefined) throw new Error(`${QEMU}: ${end}: ${complaint}`);
}

function isAnswered(answers: number): boolean {
  try {
    return readSync(answers, Buffer.alloc(64)) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}
