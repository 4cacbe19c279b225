/**
 * How the daily file looks, to the byte: `{"profiles":[` + entries between commas + `]}`. An append takes the
 * last two bytes away and puts entries and the same two bytes there, so the file is valid JSON at every version.
 */
export const TAIL = Buffer.from(']}')

const COMMA = Buffer.from(',')

/** The first bytes of a file that does not exist yet. */
export function headOf(listName: string): Buffer {
  return Buffer.from(`{${JSON.stringify(listName)}:[`)
}

/** The bytes that go where the closing bracket stood; `first` when the list is still empty. */
export function appendix(entries: readonly Uint8Array[], first: boolean): Buffer {
  const pieces = entries.flatMap((entry, index) =>
    index === 0 && first ? [entry] : [COMMA, entry],
  )
  return Buffer.concat([...pieces, TAIL])
}
