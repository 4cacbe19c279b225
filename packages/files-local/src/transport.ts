import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { type AddressGuard, createAddressGuard } from './address-guard.ts'
import { createAgent } from './agent.ts'
import type { ConnectionOptions } from './download-options.ts'
import { readLimits } from './limits.ts'
import { downloaderClosed } from './request-error.ts'
import { SlabPool } from './slab.ts'
import type { SlabPools } from './slab-reader.ts'

/** Connections that downloads share, and the rule about where they may go. */
export interface Transport extends AsyncDisposable {
  readonly guard: AddressGuard
  /** Whether addresses can be judged where the connection is made. */
  readonly seesAddresses: boolean
  /** The undici dispatcher to send requests with. */
  dispatcher(): Promise<Dispatcher>
  /** Whether a socket is reporting a reset at this very moment. Undici ends a body without length normally then. */
  isResetting(): boolean
}

const SMALL_SLAB_BYTES = 128 * 1024
const LARGE_SLAB_BYTES = 1024 * 1024
/** Enough for what one download keeps in flight: less means new memory instead of used. */
const FREE_SMALL_SLABS = 32
const FREE_LARGE_SLABS = 8

/**
 * @throws {TypeError} when options contradict each other
 */
export function createTransport(options: ConnectionOptions): Transport {
  checkBlindness(options)
  readLimits(options)
  const guard = createAddressGuard(options.allow)
  const resets = createResetWatch()
  const recycles = options.recycleBuffers !== false && options.proxy === undefined && !options.http2
  let agent: Promise<Dispatcher> | undefined
  let closed = false
  return {
    guard,
    seesAddresses: options.dispatcher === undefined && options.proxy === undefined,
    isResetting: resets.isResetting,
    dispatcher: async () => {
      if (closed) throw downloaderClosed()
      if (options.dispatcher !== undefined) return options.dispatcher
      agent ??= createAgent({
        ...options,
        guard,
        onSocket: resets.watch,
        pools: recycles ? createPools() : undefined,
      })
      return agent
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await (await agent)?.destroy()
    },
  }
}

function createPools(): SlabPools {
  return {
    small: new SlabPool(SMALL_SLAB_BYTES, FREE_SMALL_SLABS),
    large: new SlabPool(LARGE_SLAB_BYTES, FREE_LARGE_SLABS),
  }
}

/** Undici ends the body within the socket's `error` event, so a flag for the length of that event is exact. */
function createResetWatch(): { watch: (socket: Socket) => void; isResetting: () => boolean } {
  let resetting = 0
  return {
    isResetting: () => resetting > 0,
    watch: (socket) => {
      socket.prependListener('error', () => {
        resetting += 1
        queueMicrotask(() => {
          resetting -= 1
        })
      })
    },
  }
}

function checkBlindness(options: ConnectionOptions): void {
  for (const name of ['dispatcher', 'proxy'] as const) {
    if (options[name] === undefined) continue
    if (options.allow === 'anywhere') continue
    if (typeof options.allow === 'object' && options.allow.hosts !== undefined) continue
    throw new TypeError(
      `option ${name} hides which addresses are connected to, so the address guard cannot hold: pass allow: 'anywhere' or allow: { hosts: [...] } with it`,
    )
  }
  if (options.dispatcher !== undefined && options.proxy !== undefined) {
    throw new TypeError(
      'options dispatcher and proxy exclude each other: give the proxy to the dispatcher',
    )
  }
}
