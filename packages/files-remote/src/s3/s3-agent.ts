import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import type { S3Client } from '@aws-sdk/client-s3'

/** What the HTTP/1.1 handler of the SDK tells of itself once it has sent a request. */
interface NodeHandler {
  readonly httpHandlerConfigs?: () => {
    readonly httpAgent?: HttpAgent | undefined
    readonly httpsAgent?: HttpsAgent | undefined
  }
}

/**
 * The agent through which the client's own requests go, where it is one of Node's: then a request may go through it,
 * past the SDK's handler, with the same connections, certificates and proxies.
 */
export function agentOf(client: S3Client, protocol: string): HttpAgent | HttpsAgent | undefined {
  const { httpAgent, httpsAgent } =
    (client.config.requestHandler as NodeHandler).httpHandlerConfigs?.() ?? {}
  return protocol === 'https:' ? httpsAgent : httpAgent
}

/**
 * How a connection of our own is to be made, where the client's are made in no special way: an agent that somebody
 * has derived may go through a proxy.
 */
export function connectionOptionsOf(
  client: S3Client,
  protocol: string,
): { readonly tls: ConnectionOptions | undefined } | undefined {
  const agent = agentOf(client, protocol)
  if (agent?.constructor === HttpAgent) return { tls: undefined }
  if (agent?.constructor === HttpsAgent) return { tls: agent.options as ConnectionOptions }
  return undefined
}
