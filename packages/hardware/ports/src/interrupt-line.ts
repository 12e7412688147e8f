/** A level-triggered wire from a device to a controller, or from a controller to a hart. */
export interface InterruptLine {
  set(asserted: boolean): void;
}
