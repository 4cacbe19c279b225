import { IntegrationError, type IntegrationErrorOptions } from './integration-error.ts'

/** The account's owner must act: reconnect, grant a scope, replace a key. Default code `CREDENTIAL_INVALID`. */
export class AuthError extends IntegrationError {
  static override readonly kind = 'auth'
  override readonly kind = 'auth'

  constructor(message: string, options?: IntegrationErrorOptions) {
    super(message, 'CREDENTIAL_INVALID', options)
    this.name = 'AuthError'
  }
}
