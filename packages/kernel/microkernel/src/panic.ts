/** The end of a system: something that shares the kernel's domain failed, or the kernel found its own state broken. */
export class Panic {
  /** One line for people, which names who and why. */
  readonly message: string;
  readonly component: string;
  /** One of FAULT_*. */
  readonly cause: number;

  constructor(component: string, cause: number, message: string) {
    this.component = component;
    this.cause = cause;
    this.message = message;
  }
}
