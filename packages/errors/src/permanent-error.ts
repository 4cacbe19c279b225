import { IntegrationError, type IntegrationErrorOptions } from './integration-error.ts'

/** The integration's author must act; the same call would fail again. Named `Error`, as on the platform. Default code `BUG`. */
export class PermanentError extends IntegrationError {
  static override readonly kind = 'permanent'
  override readonly kind = 'permanent'

  constructor(message: string, options?: IntegrationErrorOptions) {
    super(message, 'BUG', options)
    this.name = 'Error'
  }
}
