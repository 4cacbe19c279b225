import { Errors } from 'moleculer'

/** The bytes of a webhook: as such, as text, or as a Buffer that travelled between nodes as JSON. */
export function rawBodyOf(params: { rawBody?: unknown }): Uint8Array {
  const { rawBody } = params
  if (rawBody instanceof Uint8Array) return rawBody
  if (typeof rawBody === 'string') return Buffer.from(rawBody)
  const data = (rawBody as { type?: unknown; data?: unknown } | null | undefined)?.data
  if (Array.isArray(data)) return Uint8Array.from(data as number[])
  throw new Errors.MoleculerClientError(
    'rawBody must be the bytes of the request or their text: signatures cover these, and a parsed payload cannot be verified',
    422,
    'MESSAGING_RAW_BODY_MISSING',
  )
}
