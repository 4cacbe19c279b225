import { IntegrationError, type IntegrationErrorOptions } from './integration-error.ts'

/** Time heals it: an outage, a timeout, a dropped connection. Default code `UNAVAILABLE`. */
export class TransientError extends IntegrationError {
  static override readonly kind = 'transient'
  override readonly kind = 'transient'

  constructor(message: string, options?: IntegrationErrorOptions) {
    super(message, 'UNAVAILABLE', options)
    this.name = 'TransientError'
  }
}
