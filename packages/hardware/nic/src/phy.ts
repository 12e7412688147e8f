/**
 * The PHY behind MDIC. IEEE 802.3-2018 §22.2.4 "Management functions".
 * CHOICE: auto-negotiation and reset are complete when the write that asks for them returns.
 */
import { get, has, set } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';

const CONTROL_SELF_CLEARING = reg.PHY_CONTROL_RESET.mask | reg.PHY_CONTROL_RESTART_AUTONEGOTIATION.mask;
const LINK_UP = reg.PHY_STATUS_LINK.mask | reg.PHY_STATUS_AUTONEGOTIATION_COMPLETE.mask;
const SPECIFIC_LINK_UP =
  set(0, reg.PHY_SPECIFIC_STATUS_SPEED, 2) |
  reg.PHY_SPECIFIC_STATUS_DUPLEX.mask |
  reg.PHY_SPECIFIC_STATUS_RESOLVED.mask |
  reg.PHY_SPECIFIC_STATUS_LINK.mask;

export class Phy {
  readonly #registers: Uint16Array = new Uint16Array(reg.PHY_REGISTER_COUNT);
  linkUp = true;

  constructor() {
    this.reset();
  }

  /** What is sent comes back. §22.2.4.1.2 "Loopback". */
  get isLoopback(): boolean {
    return has(this.#registers[reg.PHY_CONTROL]!, reg.PHY_CONTROL_LOOPBACK);
  }
  reset(): void {
    this.#registers.fill(0);
    this.#registers[reg.PHY_CONTROL] = reg.PHY_CONTROL_INITIAL;
    this.#registers[reg.PHY_AUTONEGOTIATION_ADVERTISEMENT] = reg.PHY_AUTONEGOTIATION_ADVERTISEMENT_INITIAL;
    this.#registers[reg.PHY_1000BASE_T_CONTROL] = reg.PHY_1000BASE_T_CONTROL_INITIAL;
  }

  /** Carries out a command of MDIC. @returns the register's value afterwards: ready, with data or error. */
  command(mdic: number): number {
    const operation = get(mdic, reg.MDIC_OP);
    const address = get(mdic, reg.MDIC_REGADD);
    const done = mdic | reg.MDIC_READY.mask;
    if (get(mdic, reg.MDIC_PHYADD) !== reg.PHY_ADDRESS) return done | reg.MDIC_ERROR.mask;
    if (operation === reg.MDIC_OP_READ) return set(done, reg.MDIC_DATA, this.#read(address)) & ~reg.MDIC_ERROR.mask;
    if (operation !== reg.MDIC_OP_WRITE) return done | reg.MDIC_ERROR.mask;
    this.#write(address, get(mdic, reg.MDIC_DATA));
    return done & ~reg.MDIC_ERROR.mask;
  }

  #read(address: number): number {
    switch (address) {
      case reg.PHY_STATUS:
        return reg.PHY_STATUS_ABILITIES | (this.linkUp ? LINK_UP : 0);
      case reg.PHY_IDENTIFIER_1:
        return reg.PHY_IDENTIFIER_1_VALUE;
      case reg.PHY_IDENTIFIER_2:
        return reg.PHY_IDENTIFIER_2_VALUE;
      case reg.PHY_LINK_PARTNER_ABILITY:
        return this.linkUp ? reg.PHY_LINK_PARTNER_ABILITY_1000 : 0;
      case reg.PHY_1000BASE_T_STATUS:
        return this.linkUp ? reg.PHY_1000BASE_T_STATUS_1000 : 0;
      case reg.PHY_EXTENDED_STATUS:
        return reg.PHY_EXTENDED_STATUS_1000BASE_T;
      case reg.PHY_SPECIFIC_STATUS:
        return this.linkUp ? SPECIFIC_LINK_UP : 0;
      default:
        return this.#registers[address]!;
    }
  }

  #write(address: number, value: number): void {
    if (address !== reg.PHY_CONTROL) {
      this.#registers[address] = value;
      return;
    }
    if (has(value, reg.PHY_CONTROL_RESET)) this.reset();
    else this.#registers[reg.PHY_CONTROL] = value & ~CONTROL_SELF_CLEARING;
  }
}
