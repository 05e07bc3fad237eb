/** Reads lines and blocks of known length from a stream of bytes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Returns the bytes up to the next line feed as text, without it. */
  async line(): Promise<string> {
    let from = 0;
    for (;;) {
      const end = this.#rest.indexOf(0x0a, from);
      if (end >= 0) return this.#take(end + 1).toString('utf8', 0, end);
      from = this.#rest.length;
      await this.#more();
    }
  }

  async exactly(length: number): Promise<Buffer> {
    while (this.#rest.length < length) await this.#more();
    return this.#take(length);
  }

  /** What was not read yet. */
  async *rest(): AsyncGenerator<Buffer> {
    if (this.#rest.length > 0) yield this.#take(this.#rest.length);
    for (let next = await this.#chunks.next(); !next.done; next = await this.#chunks.next())
      yield Buffer.from(next.value);
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new Error('it ends too early');
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, value]) : Buffer.from(value);
  }
}
