import { type IntegrationError, isIntegrationError } from '@mortise/errors'
import { isRefused, probeConditions } from './condition-probe.ts'
import type { SegmentTarget, SegmentVersion } from './segment-target.ts'

export interface TargetGuardOptions {
  target: SegmentTarget
  /** An object of ours that nobody reads, made once and left there. */
  probeKey: string
  singleWriter: boolean
  random: () => number
  onComposeUnavailable: (reason: string) => void
}

const NO_SUCH_VERSION = '00000000000000000000000000000000'

/**
 * Finds out, before the first write, whether a store keeps the conditions it says it keeps, once. It asks on an object
 * of its own, so finding out harms nothing.
 */
export class TargetGuard {
  readonly #options: TargetGuardOptions
  /** The store, with an eye on its answers. */
  readonly target: SegmentTarget
  #conditions: Promise<void> | undefined
  #versioned = false
  #compose: Promise<boolean> | undefined
  #canCompose: boolean

  constructor(options: TargetGuardOptions) {
    const { target } = options
    this.#options = options
    this.target = {
      get capabilities() {
        return target.capabilities
      },
      put: async (request) => this.#noted(await target.put(request)),
      get: (request) => target.get(request),
      stat: (request) => target.stat(request),
      compose: async (request) => this.#noted(await target.compose(request)),
      list: (request) => target.list(request),
      delete: (request) => target.delete(request),
    }
    this.#canCompose = target.capabilities.compose !== false
  }

  /** Whether stored bytes can be joined with new ones over there, as far as is known. */
  get canCompose(): boolean {
    return this.#canCompose
  }

  /**
   * Rejects when writes would not be conditional.
   * @throws {PermanentError} SEGMENTS_TARGET_UNSAFE
   */
  async requireConditions(signal: AbortSignal, alive: () => void): Promise<void> {
    if (this.#options.singleWriter) return
    this.#conditions ??= heeding(signal, this.#probeConditions(signal, alive))
    try {
      await this.#conditions
    } catch (error) {
      this.#conditions = undefined // an outage says nothing about the store
      throw error
    }
  }

  /** Something happened that should not: asks again before the next write. */
  doubtConditions(): void {
    this.#conditions = undefined
  }

  /** Whether composing works and keeps the condition; asked once. */
  async checkCompose(signal: AbortSignal): Promise<boolean> {
    if (!this.#canCompose) return false
    this.#compose ??= heeding(signal, this.#probeCompose(signal))
    try {
      this.#canCompose = await this.#compose
    } catch (error) {
      this.#compose = undefined
      throw error
    }
    return this.#canCompose
  }

  /** Never compose again. */
  giveUpCompose(reason: string): void {
    this.#canCompose = false
    this.#options.onComposeUnavailable(reason)
  }

  async #probeConditions(signal: AbortSignal, alive: () => void): Promise<void> {
    const { target, probeKey: key, random } = this.#options
    const versioned = await probeConditions({ target, key, random, signal, alive })
    this.#versioned ||= versioned
  }

  /** Versions that begin while we write make another store of it, which may not keep its conditions any more. */
  #noted(version: SegmentVersion): SegmentVersion {
    if (version.versionId !== undefined && !this.#versioned) {
      this.#versioned = true
      this.doubtConditions()
    }
    return version
  }

  async #probeCompose(signal: AbortSignal): Promise<boolean> {
    const { target, probeKey: key, singleWriter, onComposeUnavailable } = this.#options
    if (singleWriter) return true
    const parts = [{ body: Buffer.from('Nobody should ever see this\n') }]
    try {
      await target.compose({ key, parts, ifMatch: NO_SUCH_VERSION, signal })
      onComposeUnavailable('it completes a multipart upload whatever its condition')
      return false
    } catch (error) {
      if (isRefused(error)) return true
      if (!isUnable(error)) throw error
      onComposeUnavailable(error.message)
      return false
    }
  }
}

/** The same, over with the signal also where the store does not heed it: others share the answer. */
function heeding<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

/** Whether a store cannot do what was asked, rather than not now or not for this account. */
export function isUnable(error: unknown): error is IntegrationError {
  if (!isIntegrationError(error) || error.kind !== 'permanent') return false
  return !isRefused(error) && !error.code.endsWith('BUCKET_NOT_FOUND')
}
