/** What an integration says of itself; `i_status` answers with it. */
export interface BaseSpec {
  id: string
  name: string
  platform: string
  /** Default `1.0.0`. */
  version: string
  status: 'ACTIVE' | 'INACTIVE' | (string & {})
  capabilities: readonly string[]
}
