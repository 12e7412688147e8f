/**
 * A slow second opinion of RISC-V IOMMU 1.0 §2.3, in bigint, on absolute byte addresses, without a cache, written from
 * the text of the specifications. Shares no code with the model.
 */
export interface Asked {
  readonly device: number;
  /** null: no process_id. */
  readonly process: number | null;
  readonly supervisor: boolean;
  readonly translated: boolean;
  readonly kind: 'read' | 'write' | 'execute';
  readonly page: bigint;
}
/** What came of it: a page, `mrif`, or a cause; with `iotval2`, and whether it is to be reported. */
export interface Outcome {
  readonly page?: bigint;
  readonly mrif?: true;
  readonly cause?: number;
  readonly iotval2?: bigint;
  readonly reported?: boolean;
}
class Stop {
  readonly cause: number;
  readonly iotval2: bigint;
  constructor(cause: number, iotval2 = 0n) {
    this.cause = cause;
    this.iotval2 = iotval2;
  }
}

const field = (value: bigint, high: number, low: number): bigint =>
  (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
const flag = (value: bigint, bit: number): boolean => field(value, bit, bit) === 1n;
const ALWAYS_REPORTED = [256, 257, 258, 259, 268, 272, 273];

export class Reference {
  readonly #view: DataView;
  readonly #base: bigint;
  readonly #capabilities: bigint;
  #asked!: Asked;
  #gatp = 0n;
  #tc = 0n;

  /** @param bytes memory that starts at byte address `base`; it is changed where A and D are. */
  constructor(bytes: Uint8Array, base: bigint, capabilities: bigint) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#base = base;
    this.#capabilities = capabilities;
  }
  #can(bit: number): boolean {
    return flag(this.#capabilities, bit);
  }
  #load(address: bigint): bigint | null {
    const at = address - this.#base;
    return at < 0n || at + 8n > BigInt(this.#view.byteLength) ? null : this.#view.getBigUint64(Number(at), true);
  }
  #store(address: bigint, value: bigint): void {
    this.#view.setBigUint64(Number(address - this.#base), value, true);
  }
  /** The cause that belongs to the access: execute, read, write. */
  #cause(three: readonly [number, number, number]): number {
    return three[['execute', 'read', 'write'].indexOf(this.#asked.kind)]!;
  }

  run(ddtp: bigint, asked: Asked): Outcome {
    this.#asked = asked;
    this.#tc = 0n;
    try {
      return this.#translate(ddtp);
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      const reported = !flag(this.#tc, 4) || ALWAYS_REPORTED.includes(stop.cause);
      return { cause: stop.cause, iotval2: stop.iotval2, reported };
    }
  }

  #translate(ddtp: bigint): Outcome {
    const { device, process, translated, page, supervisor } = this.#asked;
    const mode = Number(field(ddtp, 3, 0));
    if (mode === 0) throw new Stop(256);
    if (mode === 1) {
      if (translated) throw new Stop(260);
      return { page };
    }
    const extended = this.#can(22);
    const id = BigInt(device);
    const ddi = extended
      ? [field(id, 5, 0), field(id, 14, 6), field(id, 23, 15)]
      : [field(id, 6, 0), field(id, 15, 7), field(id, 23, 16)];
    if (mode === 3 && ddi[2] !== 0n) throw new Stop(260);
    if (mode === 2 && (ddi[2] !== 0n || ddi[1] !== 0n)) throw new Stop(260);
    let a = field(ddtp, 53, 10) << 12n;
    for (let i = mode - 2; i > 0; i--) {
      const ddte = this.#load(a + ddi[i]! * 8n);
      if (ddte === null) throw new Stop(257);
      if (!flag(ddte, 0)) throw new Stop(258);
      if (field(ddte, 9, 1) !== 0n || field(ddte, 63, 54) !== 0n) throw new Stop(259);
      a = field(ddte, 53, 10) << 12n;
    }
    const size = extended ? 64n : 32n;
    const dc: bigint[] = [];
    for (let offset = 0n; offset < size; offset += 8n) {
      const doubleword = this.#load(a + ddi[0]! * size + offset);
      if (doubleword === null) throw new Stop(257);
      dc.push(doubleword);
    }
    const [tc, gatp, ta, fsc] = dc as [bigint, bigint, bigint, bigint];
    if (!flag(tc, 0)) throw new Stop(258);
    this.#check(dc);
    this.#tc = tc;
    this.#gatp = gatp;
    if (translated && !flag(tc, 1)) throw new Stop(260);
    const pdtv = flag(tc, 5);
    const pdtpMode = Number(field(fsc, 63, 60));
    if (process !== null && !pdtv) throw new Stop(260);
    if (process !== null && pdtpMode === 1 && process > 0xff) throw new Stop(260);
    if (process !== null && pdtpMode === 2 && process > 0x1ffff) throw new Stop(260);
    if (translated && !flag(tc, 3)) return { page };
    if (translated) return this.#second(page << 12n, dc);
    if (!pdtv) return this.#second(this.#first(fsc, false, false), dc);
    const pid = process ?? (flag(tc, 9) ? 0 : null);
    if (pid === null || pdtpMode === 0) return this.#second(page << 12n, dc);
    const [pcTa, pcFsc] = this.#processContext(fsc, BigInt(pid));
    const priv = process !== null && supervisor;
    if (priv && !flag(pcTa, 1)) throw new Stop(260);
    void ta;
    return this.#second(this.#first(pcFsc, priv, flag(pcTa, 2)), dc);
  }

  /** §2.1.4, one line a condition, in its order. */
  #check(dc: readonly bigint[]): void {
    const [tc, gatp, ta, fsc, msiptp = 0n, mask = 0n, pattern = 0n, last = 0n] = dc as [bigint, bigint, bigint, bigint];
    const pdtv = flag(tc, 5);
    const stage = Number(field(fsc, 63, 60));
    const guest = Number(field(gatp, 63, 60));
    const bad = [
      field(tc, 23, 12) !== 0n || field(tc, 63, 32) !== 0n || field(ta, 11, 0) !== 0n || field(ta, 63, 32) !== 0n,
      field(fsc, 59, 44) !== 0n || field(msiptp, 59, 44) !== 0n || last !== 0n,
      field(mask, 63, 52) !== 0n || field(pattern, 63, 52) !== 0n,
      !this.#can(25) && (flag(tc, 1) || flag(tc, 2) || flag(tc, 6)),
      !flag(tc, 1) && flag(tc, 3),
      !flag(tc, 1) && flag(tc, 2),
      !flag(tc, 2) && flag(tc, 6),
      !this.#can(26) && flag(tc, 3),
      flag(tc, 3) && guest === 0,
      pdtv && (stage > 3 || (stage > 0 && !this.#can(37 + stage))),
      !pdtv && !this.#knowsStage(stage),
      !pdtv && flag(tc, 9),
      guest !== 0 && (guest < 8 || guest > 10 || !this.#can(9 + guest)),
      field(msiptp, 63, 60) > 1n,
      guest !== 0 && field(gatp, 1, 0) !== 0n,
      !this.#can(24) && (flag(tc, 7) || flag(tc, 8)),
      flag(tc, 10) || flag(tc, 11),
    ];
    if (bad.includes(true)) throw new Stop(259);
  }
  #knowsStage(mode: number): boolean {
    return mode === 0 || (mode >= 8 && mode <= 10 && this.#can(mode + 1));
  }

  #processContext(fsc: bigint, pid: bigint): readonly [bigint, bigint] {
    const pdi = [field(pid, 7, 0), field(pid, 16, 8), field(pid, 19, 17)];
    let a = field(fsc, 43, 0) << 12n;
    for (let i = Number(field(fsc, 63, 60)) - 1; ; i--) {
      const entry = a + pdi[i]! * (i === 0 ? 16n : 8n);
      const spa = this.#guest(entry, 'read', 21, 265, 1n);
      if (i === 0) {
        const ta = this.#load(spa);
        const context = this.#load(spa + 8n);
        if (ta === null || context === null) throw new Stop(265);
        if (!flag(ta, 0)) throw new Stop(266);
        if (field(ta, 11, 3) !== 0n || field(ta, 63, 32) !== 0n || field(context, 59, 44) !== 0n) throw new Stop(267);
        if (!this.#knowsStage(Number(field(context, 63, 60)))) throw new Stop(267);
        return [ta, context];
      }
      const pdte = this.#load(spa);
      if (pdte === null) throw new Stop(265);
      if (!flag(pdte, 0)) throw new Stop(266);
      if (field(pdte, 9, 1) !== 0n || field(pdte, 63, 54) !== 0n) throw new Stop(267);
      a = field(pdte, 53, 10) << 12n;
    }
  }

  /** Step 17. @returns the guest address of the page. */
  #first(fsc: bigint, supervisor: boolean, sum: boolean): bigint {
    const iova = this.#asked.page << 12n;
    const mode = Number(field(fsc, 63, 60));
    if (mode === 0) return iova;
    const levels = mode - 5;
    const width = 12 + 9 * levels;
    const pageFault = this.#cause([12, 13, 15]);
    const accessFault = this.#cause([1, 5, 7]);
    const guestFault = this.#cause([20, 21, 23]);
    if (BigInt.asUintN(64, BigInt.asIntN(width, iova)) !== iova) throw new Stop(pageFault);
    let a = field(fsc, 43, 0) << 12n;
    for (let i = levels - 1; i >= 0; i--) {
      const gpa = a + field(iova, 20 + 9 * i, 12 + 9 * i) * 8n;
      const spa = this.#guest(gpa, 'read', guestFault, accessFault, 1n);
      const pte = this.#load(spa);
      if (pte === null) throw new Stop(accessFault);
      if (this.#isBadPte(pte, i)) throw new Stop(pageFault);
      if (!flag(pte, 1) && !flag(pte, 3)) {
        a = field(pte, 53, 10) << 12n;
        continue;
      }
      const { kind } = this.#asked;
      const user = flag(pte, 4);
      if (!flag(pte, { read: 1, write: 2, execute: 3 }[kind])) throw new Stop(pageFault);
      if (!supervisor && !user) throw new Stop(pageFault);
      if (supervisor && user && (kind === 'execute' || !sum)) throw new Stop(pageFault);
      if (field(pte, 53, 10) % (1n << BigInt(9 * i)) !== 0n) throw new Stop(pageFault);
      if (!flag(pte, 6) || (kind === 'write' && !flag(pte, 7))) {
        if (!flag(this.#tc, 8)) throw new Stop(pageFault);
        const where = this.#guest(gpa, 'write', guestFault, accessFault, 3n);
        if (this.#load(where) === null) throw new Stop(accessFault);
        this.#store(where, pte | (kind === 'write' ? 0xc0n : 0x40n));
      }
      return leafAddress(pte, i, iova);
    }
    throw new Stop(pageFault);
  }
  #isBadPte(pte: bigint, level: number): boolean {
    if (!flag(pte, 0) || (!flag(pte, 1) && flag(pte, 2)) || field(pte, 60, 54) !== 0n) return true;
    const leaf = flag(pte, 1) || flag(pte, 3);
    if (!leaf) return field(pte, 63, 61) !== 0n || flag(pte, 4) || flag(pte, 6) || flag(pte, 7);
    if (field(pte, 62, 61) === 3n || (field(pte, 62, 61) !== 0n && !this.#can(15))) return true;
    return flag(pte, 63) && (level > 0 || field(pte, 13, 10) !== 8n);
  }

  /** Steps 18 to 20. */
  #second(gpa: bigint, dc: readonly bigint[]): Outcome {
    const [, , , , msiptp = 0n, mask = 0n, pattern = 0n] = dc;
    const page = gpa >> 12n;
    if (field(msiptp, 63, 60) === 1n && (page & ~mask) === (pattern & ~mask)) return this.#message(msiptp, mask, page);
    const spa = this.#guest(gpa, this.#asked.kind, this.#cause([20, 21, 23]), this.#cause([1, 5, 7]), 0n);
    return { page: spa >> 12n };
  }
  #message(msiptp: bigint, mask: bigint, page: bigint): Outcome {
    let number = 0n;
    for (let bit = 51; bit >= 0; bit--) if (flag(mask, bit)) number = number * 2n + field(page, bit, bit);
    const at = (field(msiptp, 43, 0) << 12n) + number * 16n;
    const low = this.#load(at);
    const high = this.#load(at + 8n);
    if (low === null || high === null) throw new Stop(261);
    if (!flag(low, 0)) throw new Stop(262);
    if (flag(low, 63)) throw new Stop(263);
    const m = Number(field(low, 2, 1));
    if (m === 0 || m === 2) throw new Stop(263);
    if (m === 3 && (field(low, 9, 3) !== 0n || field(low, 62, 54) !== 0n)) throw new Stop(263);
    if (m === 1 && !this.#can(23)) throw new Stop(263);
    if (m === 1 && (field(low, 6, 3) !== 0n || field(low, 62, 54) !== 0n)) throw new Stop(263);
    if (m === 1 && (field(high, 59, 54) !== 0n || field(high, 63, 61) !== 0n)) throw new Stop(263);
    if (this.#asked.kind === 'execute') throw new Stop(1);
    return m === 3 ? { page: field(low, 53, 10) } : { mrif: true };
  }

  /** A guest address by the second stage. @param implicit the low bits of `iotval2`, 0 for the access itself. */
  #guest(gpa: bigint, kind: Asked['kind'], pageFault: number, accessFault: number, implicit: bigint): bigint {
    const mode = Number(field(this.#gatp, 63, 60));
    if (mode === 0) return gpa;
    const fault = new Stop(pageFault, ((implicit === 0n ? (gpa >> 12n) << 12n : gpa) & ~3n) | implicit);
    const levels = mode - 5;
    if (gpa >> BigInt(14 + 9 * levels) !== 0n) throw fault;
    let a = field(this.#gatp, 43, 0) << 12n;
    for (let i = levels - 1; i >= 0; i--) {
      const vpn = field(gpa, (i === levels - 1 ? 22 : 20) + 9 * i, 12 + 9 * i);
      const pte = this.#load(a + vpn * 8n);
      if (pte === null) throw new Stop(accessFault);
      if (this.#isBadPte(pte, i)) throw fault;
      if (!flag(pte, 1) && !flag(pte, 3)) {
        a = field(pte, 53, 10) << 12n;
        continue;
      }
      if (!flag(pte, { read: 1, write: 2, execute: 3 }[kind]) || !flag(pte, 4)) throw fault;
      if (field(pte, 53, 10) % (1n << BigInt(9 * i)) !== 0n) throw fault;
      if (!flag(pte, 6) || (kind === 'write' && !flag(pte, 7))) {
        if (!flag(this.#tc, 7)) throw fault;
        this.#store(a + vpn * 8n, pte | (kind === 'write' ? 0xc0n : 0x40n));
      }
      return leafAddress(pte, i, gpa);
    }
    throw fault;
  }
}

/** §4.3.2 step 8, with Svnapot's substitution. */
function leafAddress(pte: bigint, level: number, address: bigint): bigint {
  const low = 1n << BigInt(flag(pte, 63) ? 16 : 12 + 9 * level);
  const base = field(pte, 53, 10) << 12n;
  return (base - (base % low)) | (address % low);
}
