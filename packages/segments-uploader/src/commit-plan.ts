import type { FileState } from './file-state.ts'
import type { Addition, Ledger } from './ledger.ts'
import type { Entry } from './profile.ts'
import type { UpsertEntries } from './upsert-entries.ts'

/** What a batch still has to write, once the events are left out that the file counts already. */
export interface CommitPlan {
  readonly fresh: readonly Entry[]
  /** The fresh events that are counted by a key, with their positions. */
  readonly additions: readonly Addition[]
  /** For each entry of the batch, in order. */
  readonly placements: readonly Placement[]
}

export interface Placement {
  /** The position in the list, from 0. */
  readonly position: number
  readonly duplicate: boolean
}

/** Decides what of a batch is new, and where it will stand in the version after `base`. */
export function planCommit(entries: readonly Entry[], base: FileState, ledger: Ledger): CommitPlan {
  const place = base.entries ? placeById(base.entries) : placeInOrder(base.record.count)
  const fresh: Entry[] = []
  const additions = new Map<string, number>()
  const placements = entries.map((entry): Placement => {
    const { ledgerKey: key, group } = entry
    const known = positionOf(ledger, group) ?? positionOf(ledger, key) ?? additions.get(key ?? '')
    if (known !== undefined) return { position: known, duplicate: true }
    const position = place(entry)
    fresh.push(entry)
    if (key !== undefined) additions.set(key, position)
    return { position, duplicate: false }
  })
  for (const { group } of fresh) if (group !== undefined) additions.set(group, base.record.count)
  return { fresh, additions: [...additions], placements }
}

function positionOf(ledger: Ledger, key: string | undefined): number | undefined {
  return key === undefined ? undefined : ledger.positionOf(key)
}

function placeInOrder(count: number): (entry: Entry) => number {
  let next = count
  return () => next++
}

/** An entry whose id is there takes its place. */
function placeById(entries: UpsertEntries): (entry: Entry) => number {
  const added = new Map<string, number>()
  return ({ id }) => {
    const position = entries.get(id)?.position ?? added.get(id) ?? entries.size + added.size
    if (!entries.has(id)) added.set(id, position)
    return position
  }
}
