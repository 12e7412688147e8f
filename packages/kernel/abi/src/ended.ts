/**
 * Thrown inside a component whose epoch is over, by whatever it touches next: a gate, a window, a charge.
 * Only gates catch it. It carries no stack: unwinding a dead component is not an error of anybody's code.
 */
export class Ended {
  readonly component: number;
  constructor(component: number) {
    this.component = component;
  }
}
