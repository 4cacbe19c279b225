/** Where the bytes of a 206 answer belong. */
export interface ContentRange {
  first: number
  last: number
  /** Size of the whole, unless the server does not know it. */
  total: number | undefined
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-14.4 `bytes 100-199/1234`; undefined when it is anything else */
export function parseContentRange(field: string | undefined): ContentRange | undefined {
  const [, first = '', last = '', total = ''] =
    /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(field ?? '') ?? []
  if (first === '') return undefined
  const range = {
    first: Number(first),
    last: Number(last),
    total: total === '*' ? undefined : Number(total),
  }
  const sound = range.first <= range.last && (range.total === undefined || range.last < range.total)
  return sound && Number.isSafeInteger(range.last) ? range : undefined
}

/**
 * The validator that may stand in `If-Range`: a strong entity tag. A weak one does not promise the same bytes, and
 * neither does a date, for two versions may be made within one second.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5
 */
export function strongValidator(etag: string | undefined): string | undefined {
  return etag !== undefined && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : undefined
}

/** A length field as a number; undefined when there is none that can be trusted. */
export function parseLength(field: string | undefined): number | undefined {
  const length = /^\d{1,15}$/.test(field ?? '') ? Number(field) : undefined
  return length
}
