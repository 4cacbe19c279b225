import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isIntegrationError } from '@mortise/errors'
import type { StorageErrorCode } from '../storage-errors.ts'
import type { ListEntry, StorageCapabilities, StorageProvider } from '../storage-provider.ts'

/** One promise of a contract: a sentence in the present tense, and what proves it. */
export interface ContractCheck {
  readonly name: string
  readonly run: () => Promise<void>
}

/** What a check works on: a provider, and a prefix that no other check uses. */
export interface ContractRoom {
  readonly provider: StorageProvider
  readonly prefix: string
  /** A fresh key below the prefix. */
  readonly key: (name?: string) => string
}

export type DefineCheck = (name: string, run: (room: ContractRoom) => Promise<void>) => void

/** Something that a provider may lack. */
export interface Lackable {
  /** As `capabilities` calls it. */
  readonly capability: string
  readonly has: (capabilities: StorageCapabilities) => boolean
  /** What is promised without it: a refusal, never half of it. */
  readonly refuses: (room: ContractRoom) => Promise<void>
}

/** Defines checks of something that a provider may lack; their names say what is checked without it. */
export function lackable(define: DefineCheck, { capability, has, refuses }: Lackable): DefineCheck {
  return (name, run) =>
    define(`${name}; without ${capability}, it is refused`, (room) =>
      has(room.provider.capabilities) ? run(room) : refuses(room),
    )
}

export function roomIn(provider: StorageProvider): ContractRoom {
  const prefix = `contract-${randomUUID()}/`
  return { provider, prefix, key: (name = 'object') => `${prefix}${name}` }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Bytes that differ everywhere and are the same every time. */
export function patterned(length: number, seed = 1): Uint8Array {
  const result = new Uint8Array(length)
  let state = seed >>> 0 || 1
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    result[index] = state >>> 24
  }
  return result
}

export async function* chunked(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.slice(at, at + size)
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function readText(provider: StorageProvider, key: string): Promise<string> {
  return String(await readAll((await provider.get({ key })).body))
}

export async function collect(entries: AsyncIterable<ListEntry>): Promise<ListEntry[]> {
  const all: ListEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

export async function names(entries: AsyncIterable<ListEntry>): Promise<string[]> {
  return (await collect(entries)).map((entry) =>
    entry.kind === 'object' ? entry.key : entry.prefix,
  )
}

/** Asserts that a call rejects with an error of ours of this code. */
export async function rejectsWith(
  call: () => Promise<unknown>,
  code: StorageErrorCode,
): Promise<void> {
  const error = await call().then(
    () => assert.fail(`expected ${code}, but the call succeeded`),
    (reason: unknown) => reason,
  )
  assert.ok(
    isIntegrationError(error),
    `expected ${code}, but a foreign error came: ${String(error)}`,
  )
  assert.equal(error.code, code, `expected ${code}, got ${error.code}: ${error.message}`)
}
