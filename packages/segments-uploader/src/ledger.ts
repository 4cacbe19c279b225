import { createHash } from 'node:crypto'
import { randomName } from './random-name.ts'
import type { SegmentTarget } from './segment-target.ts'
import { isObjectMissing } from './segments-errors.ts'

/**
 * Which events a daily file already counts, for all writers together. Objects beside the file form a chain:
 *
 *     <file>.ledger/<id>   { "previous": <id> | null, "keys": "<key> <position> <key> <position> …" }
 *
 * A writer puts its link first and then names it in the metadata of the commit, so link and data become valid in one
 * step; a link that no commit names means nothing. From time to time a link holds the whole window and no
 * `previous`, and those before it are removed. Keys are hashes: 96 bits, enough to tell a day's events apart.
 */
export class Ledger {
  readonly #options: LedgerOptions
  readonly #positions = new Map<string, number>()
  #head: string | undefined
  /** The links from the last whole one to the head. */
  #chain: string[] = []
  /** Those behind the whole link, whoever wrote it. */
  #keysInChain = 0
  #missing: string | undefined
  readonly #loaded = new Map<string, Link>()

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  /** The position of an event that the file counts already. */
  positionOf(key: string): number | undefined {
    return this.#positions.get(key)
  }

  /** Reads what other writers added. Rejects as the target does when a link vanished: look again then. */
  async follow(head: string | undefined, signal: AbortSignal): Promise<void> {
    if (head === this.#head) return
    if (head === undefined) {
      this.#forget()
      return
    }
    const links = new Map<string, Link>()
    for (let id: string | null = head; id !== null && id !== this.#head; ) {
      const link: Link = this.#loaded.get(id) ?? (await this.#read(id, head, signal))
      this.#loaded.set(id, link) // a walk that fails goes on here
      links.set(id, link)
      if (link.previous !== null && links.has(link.previous)) {
        this.#options.onMissing(this.#keyOf(id)) // damaged: a chain does not come back to itself
        links.set(id, { ...link, previous: null })
        break
      }
      id = link.previous
    }
    this.#loaded.clear()
    const found = [...links].reverse()
    if (found[0]?.[1].previous === null) this.#forget()
    for (const [id, link] of found) this.#apply({ id, ...link })
  }

  /** Puts the next link. It counts once a commit names its `id`; `accept` it then, or `discard` it. */
  async extend(additions: readonly Addition[], signal: AbortSignal): Promise<NewLink> {
    const whole = this.#isWholeDue(additions.length)
    const keys = whole ? [...this.#positions, ...additions].slice(-this.#options.window) : additions
    const previous = whole ? null : (this.#head ?? null)
    const link = { id: randomName(), previous, keys }
    const { target } = this.#options
    const body = Buffer.from(JSON.stringify({ previous, keys: keys.flat().join(' ') }))
    await target.put({ key: this.#keyOf(link.id), body, mediaType: 'application/json', signal })
    return {
      id: link.id,
      accept: () => {
        const replaced = whole ? this.#chain : []
        this.#apply({ ...link, keys: additions })
        return replaced
      },
    }
  }

  /** Removes links that count no more. What cannot be removed only costs its storage. */
  async discard(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (const id of ids) {
      await this.#options.target.delete({ key: this.#keyOf(id), signal }).catch(() => {})
    }
  }

  #isWholeDue(added: number): boolean {
    const keys = this.#keysInChain + added
    return (
      this.#chain.length >= MAX_LINKS || keys > Math.max(MIN_WHOLE_KEYS, this.#positions.size / 2)
    )
  }

  async #read(id: string, head: string, signal: AbortSignal): Promise<Link> {
    try {
      const { body } = await this.#options.target.get({ key: this.#keyOf(id), signal })
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return parseLink(Buffer.concat(chunks).toString())
    } catch (error) {
      const missing = isObjectMissing(error)
      // The first time somebody may just have written a whole link; the second time it is really gone.
      const gone = error instanceof SyntaxError || (missing && this.#missing === head)
      if (missing) this.#missing = head
      if (!gone) throw error
      this.#options.onMissing(this.#keyOf(id))
      return { previous: null, keys: [] }
    }
  }

  #forget(): void {
    this.#positions.clear()
    this.#chain = []
    this.#keysInChain = 0
    this.#head = undefined
  }

  #apply({ id, previous, keys }: LoadedLink): void {
    if (previous === null) {
      this.#chain = []
      this.#keysInChain = 0
    } else {
      this.#keysInChain += keys.length
    }
    this.#chain.push(id)
    this.#head = id
    for (const [key, position] of keys) this.#positions.set(key, position)
    for (const oldest of this.#positions.keys()) {
      if (this.#positions.size <= this.#options.window) break
      this.#positions.delete(oldest)
    }
  }

  #keyOf(id: string): string {
    return `${this.#options.fileKey}.ledger/${id}`
  }
}

export interface LedgerOptions {
  target: SegmentTarget
  fileKey: string
  /** So many keys are remembered, the latest. */
  window: number
  onMissing: (key: string) => void
}

/** An event and where it stands. */
export type Addition = readonly [key: string, position: number]

export interface NewLink {
  readonly id: string
  /** Says that a commit names it. Answers the links that it replaces. */
  readonly accept: () => readonly string[]
}

interface Link {
  readonly previous: string | null
  readonly keys: readonly Addition[]
}

type LoadedLink = Link & { readonly id: string }

/** A writer that starts reads at most so many links, one after the other. */
const MAX_LINKS = 32
/** Below that a whole link is not worth its bytes. */
const MIN_WHOLE_KEYS = 1_000
const KEY_BYTES = 12

/** What `ledgerKey` answers. */
export const LEDGER_KEY = /^[\w-]{16}$/

/** How a key is remembered: short, and without what it says. */
export function ledgerKey(key: string): string {
  return createHash('sha256').update(key).digest().subarray(0, KEY_BYTES).toString('base64url')
}

function parseLink(text: string): Link {
  const { previous, keys } = Object(JSON.parse(text)) as { previous: unknown; keys: unknown }
  const named = previous === null || (typeof previous === 'string' && /^[a-z0-9]+$/.test(previous))
  if (!named || typeof keys !== 'string') throw new SyntaxError('it is not a link')
  const words = keys === '' ? [] : keys.split(' ')
  const pairs = Array.from(
    { length: words.length / 2 },
    (_, index): Addition => [words[index * 2] as string, Number(words[index * 2 + 1])],
  )
  return { previous, keys: pairs }
}
