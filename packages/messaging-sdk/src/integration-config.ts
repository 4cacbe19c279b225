/**
 * One configured channel: whose it is, and what it takes to talk to the platform.
 * What goes into `credentials` is typed by each adapter; a secret that is being rotated has a twin
 * whose name starts with `previous` (`appSecret`, `previousAppSecret`) and is accepted as well.
 */
export interface IntegrationConfig<TCredentials = Record<string, string>> {
  /**
   * The channel's own id, which no other channel of the platform on the same transport has, whichever tenant or
   * integration: it is part of every event's id. Default: the id that was asked for.
   */
  id?: string
  tenantId: string
  credentials: TCredentials
  settings?: Record<string, unknown>
}

/** A channel as the pipeline sees it: resolved, with its id. */
export interface Channel<TCredentials = Record<string, string>> {
  id: string
  tenantId: string
  credentials: TCredentials
  settings?: Record<string, unknown>
}
