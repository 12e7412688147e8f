/** Sees who runs when, and changes nothing. Components by index. */
export interface Observer {
  /** A handler begins. @param caller who called it and waits below it on the stack; -1 when it was woken. */
  entered(component: number, caller: number): void;
  left(component: number): void;
}
