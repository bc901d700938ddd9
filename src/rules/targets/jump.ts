/** To a user chain of the same table. */
export interface JumpTarget {
  readonly name: "jump";
  readonly chain: string;
  /** With -g: at the end of that chain evaluation goes on where this rule's chain was called. */
  readonly goto: boolean;
}
