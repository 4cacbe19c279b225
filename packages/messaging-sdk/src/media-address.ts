/** Where the bytes of an inbound medium can be fetched now, and with which headers. Both may hold secrets. */
export interface MediaAddress {
  url: string
  /** To be sent to this address and nowhere else: follow no redirect to another origin with them. */
  headers?: Record<string, string>
  /** As the platform says, `image/jpeg`. */
  mediaType?: string
  sizeBytes?: number
  /** Hex. */
  sha256?: string
  fileName?: string
}

/** Fetches a resolved medium; redirects are refused. The answer does not tell the address, which may hold a token. */
export async function fetchMediaAddress(
  address: MediaAddress,
  context: { fetch: typeof globalThis.fetch; signal: AbortSignal },
): Promise<Response> {
  const response = await context.fetch(address.url, {
    ...(address.headers && { headers: address.headers }),
    redirect: 'error',
    signal: context.signal,
  })
  const { status, statusText, headers } = response
  return new Response(response.body, { status, statusText, headers })
}
