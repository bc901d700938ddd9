/** Standard output in large pieces: a write for each line would cost more than the line. */

const PIECE = 1 << 16;

export class Output {
  #text = "";

  line(text: string): void {
    this.#text += `${text}\n`;
    if (this.#text.length >= PIECE) this.flush();
  }

  /** Text that has its line ends. */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) this.flush();
  }

  flush(): void {
    if (this.#text === "") return;
    process.stdout.write(this.#text);
    this.#text = "";
  }
}
