/** Remembers the latest answers by key, so that the same event sent again gets the answer of the first time. */
export class IdempotencyWindow<Answer> {
  readonly #answers = new Map<string, Promise<Answer>>()
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  get(key: string): Promise<Answer> | undefined {
    return this.#answers.get(key)
  }

  /** Remembers an answer that is still to come. One that fails is forgotten: the event may be sent again. */
  remember(key: string, answer: Promise<Answer>): void {
    this.#answers.set(key, answer)
    answer.catch(() => this.#answers.delete(key))
    if (this.#answers.size <= this.#size) return
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest)
      return
    }
  }
}
