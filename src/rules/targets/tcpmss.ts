export interface TcpmssTarget {
  readonly name: "TCPMSS";
  readonly mss: number | "path MTU";
}
