import { IntegrationError, type IntegrationErrorOptions } from './integration-error.ts'

/** Time heals it, and the other side may have said when. Default code `RATE_LIMITED`. */
export class RateLimitError extends IntegrationError {
  static override readonly kind = 'rate_limit'
  override readonly kind = 'rate_limit'

  constructor(message: string, options?: IntegrationErrorOptions) {
    super(message, 'RATE_LIMITED', options)
    this.name = 'RateLimitError'
  }

  /** Whole seconds until the limit opens, rounded up; 0 when nobody said. */
  get remaining(): number {
    return Math.ceil((this.retryAfterMs ?? 0) / 1000)
  }
}
