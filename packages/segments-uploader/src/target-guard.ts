import { type IntegrationError, isIntegrationError, PermanentError } from '@mortise/errors'
import type { SegmentTarget } from './segment-target.ts'
import { isConditionRefused, isObjectMissing, SEGMENTS_CODES } from './segments-errors.ts'

export interface TargetGuardOptions {
  target: SegmentTarget
  /** An object of ours that nobody reads, made once and left there. */
  probeKey: string
  singleWriter: boolean
  onComposeUnavailable: (reason: string) => void
}

const BODY = Buffer.from(
  'Made to find out whether this store keeps conditions. It may be removed.\n',
)
const NO_SUCH_VERSION = '00000000000000000000000000000000'

/**
 * Finds out, before the first write, whether a store keeps the conditions it says it keeps: some accept the header
 * and write anyway. It asks on an object of its own, so finding out harms nothing.
 */
export class TargetGuard {
  readonly #options: TargetGuardOptions
  #conditions: Promise<void> | undefined
  #compose: Promise<boolean> | undefined
  #canCompose: boolean

  constructor(options: TargetGuardOptions) {
    this.#options = options
    this.#canCompose = options.target.capabilities.compose !== false
  }

  /** Whether stored bytes can be joined with new ones over there, as far as is known. */
  get canCompose(): boolean {
    return this.#canCompose
  }

  /**
   * Rejects when writes would not be conditional.
   * @throws {PermanentError} SEGMENTS_TARGET_UNSAFE
   */
  async requireConditions(signal: AbortSignal): Promise<void> {
    if (this.#options.singleWriter) return
    this.#conditions ??= this.#probeConditions(signal)
    try {
      await this.#conditions
    } catch (error) {
      this.#conditions = undefined // an outage says nothing about the store
      throw error
    }
  }

  /** Whether composing works and keeps the condition; asked once. */
  async checkCompose(signal: AbortSignal): Promise<boolean> {
    if (!this.#canCompose) return false
    this.#compose ??= this.#probeCompose(signal)
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

  async #probeConditions(signal: AbortSignal): Promise<void> {
    const { target, probeKey: key } = this.#options
    const create = { key, body: BODY, ifNoneMatch: '*', signal } as const
    // The first may make it; the second finds it there in any case.
    const kept = (await refuses(target.put(create))) || (await refuses(target.put(create)))
    if (!kept) throw unsafe('If-None-Match')
    const replace = { key, body: BODY, ifMatch: NO_SUCH_VERSION, signal }
    if (!(await refuses(target.put(replace)))) throw unsafe('If-Match')
  }

  async #probeCompose(signal: AbortSignal): Promise<boolean> {
    const { target, probeKey: key, singleWriter, onComposeUnavailable } = this.#options
    if (singleWriter) return true
    const parts = [{ body: BODY }]
    try {
      const kept = await refuses(target.compose({ key, parts, ifMatch: NO_SUCH_VERSION, signal }))
      if (!kept) onComposeUnavailable('it completes a multipart upload whatever its condition')
      return kept
    } catch (error) {
      if (!isUnable(error)) throw error
      onComposeUnavailable(error.message)
      return false
    }
  }
}

/** Whether a store cannot do what was asked, rather than not now or not for this account. */
export function isUnable(error: unknown): error is IntegrationError {
  if (!isIntegrationError(error) || error.kind !== 'permanent') return false
  return (
    !isConditionRefused(error) &&
    !isObjectMissing(error) &&
    !error.code.endsWith('BUCKET_NOT_FOUND')
  )
}

async function refuses(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return false
  } catch (error) {
    if (isConditionRefused(error) || isObjectMissing(error)) return true
    throw error
  }
}

function unsafe(condition: string): PermanentError {
  return new PermanentError(
    `The store ignores ${condition}, so two writers would take away what the other wrote. ` +
      'Use a store that keeps it, or set singleWriter when nobody else ever writes these files',
    { code: SEGMENTS_CODES.targetUnsafe, outcome: 'not_sent' },
  )
}
