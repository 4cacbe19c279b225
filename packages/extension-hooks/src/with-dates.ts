/** The options with their dates as `Date`s. */
export interface DatedOptions {
  readonly options: unknown
  /** The first member that is no date, if any; it became an invalid `Date`, as on the original host. */
  readonly invalid: DateMember | undefined
}

type DateMember = 'lastExportDateTime' | 'currentExportDateTime'

const members: readonly DateMember[] = ['lastExportDateTime', 'currentExportDateTime']

/** Turns the two instants of a delta export into `Date`s, in a copy. Empty ones stay as they are. */
export function withDates(options: unknown): DatedOptions {
  const given = options as Partial<Record<DateMember, unknown>> | string
  if (typeof given !== 'object' || !(given.lastExportDateTime || given.currentExportDateTime)) {
    return { options, invalid: undefined }
  }
  const dated: Record<string, unknown> = { ...given }
  let invalid: DateMember | undefined
  for (const member of members) {
    if (!dated[member]) continue
    const date = new Date(dated[member] as string)
    if (Number.isNaN(date.getTime())) invalid ??= member
    dated[member] = date
  }
  return { options: dated, invalid }
}
