/**
 * An SPI EEPROM with an address of one byte, at the ends of its wires, as software drives them through EECD: a command
 * byte, for READ and WRITE an address byte (RDSR has none), then data, high bit first. Bits are taken in when the clock
 * rises and given out when it falls. The commands are those of the 25-series (AT25040); not checked against a datasheet.
 *
 * UNIMPLEMENTED: WRITE (it is taken in and stores nothing; EEWR writes).
 */
const READ = 0x03;
const COMMAND_BITS = 8;
const ADDRESSED_BITS = 16;

export class SerialEeprom {
  /** The level of the output wire. */
  output = false;
  readonly #words: Uint16Array;
  #clock = false;
  /** Bits taken in since the chip was selected, the last 16 of them, and the address that goes on. */
  #bits = 0;
  #shift = 0;
  #command = 0;
  #address = 0;

  constructor(words: Uint16Array) {
    this.#words = words;
  }

  drive(isSelected: boolean, clock: boolean, input: boolean): void {
    const rises = clock && !this.#clock;
    const falls = !clock && this.#clock;
    this.#clock = clock;
    if (!isSelected) {
      this.#bits = 0;
      this.output = false;
    } else if (rises) this.#takeIn(input);
    else if (falls) this.#giveOut();
  }

  #takeIn(input: boolean): void {
    this.#shift = ((this.#shift << 1) | (input ? 1 : 0)) & 0xffff;
    this.#bits += 1;
    if (this.#bits === COMMAND_BITS) this.#command = this.#shift & 0xff;
    if (this.#bits === ADDRESSED_BITS) this.#address = this.#shift & 0xff;
    if (this.#bits >= 1 << 20) this.#bits -= 1 << 16; // a read without end; whole bytes are left out
  }
  /** What is not read data is 0, the status among it: ready, and nothing is protected. */
  #giveOut(): void {
    this.output = this.#command === READ && this.#bits >= ADDRESSED_BITS && this.#bitOf();
  }
  /** A word's low byte has the even address. */
  #bitOf(): boolean {
    const given = this.#bits - ADDRESSED_BITS;
    const byte = (this.#address + (given >>> 3)) & 0xff;
    const word = byte >>> 1 < this.#words.length ? this.#words[byte >>> 1]! : 0xffff;
    const value = (byte & 1) === 0 ? word & 0xff : word >>> 8;
    return (value & (0x80 >>> (given & 7))) !== 0;
  }
}
