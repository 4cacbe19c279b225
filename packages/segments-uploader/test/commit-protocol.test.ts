import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createSegmentsCompactor,
  createSegmentsUploader,
  type SegmentsUploader,
  type SegmentTarget,
} from '../src/index.ts'
import { createMemorySegmentTarget, type MemorySegmentTarget } from '../src/memory/index.ts'
import { createFaultyTarget, type Fault } from './faulty-target.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const KEY = '2026-11-21_segments.json'

interface Element {
  smi_uid: string
}

/** One thing that happens in a run. A writer that is killed answers nobody and is followed by another. */
type Step =
  | { do: 'upload'; writer: number; keyed: boolean }
  | { do: 'again'; writer: number; event: number }
  | { do: 'kill'; writer: number }
  | { do: 'wait'; turns: number }

const writer = fc.nat({ max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('upload'), writer, keyed: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('again'), writer, event: fc.nat({ max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill'), writer }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), turns: fc.nat({ max: 12 }) }) },
)
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('none') },
  { weight: 5, arbitrary: fc.constantFrom('before', 'after', 'ghost', 'slow') },
)

/** What the model knows of an event: it may stand in the file, and it must once it was acknowledged. */
interface ModelEvent {
  readonly id: string
  readonly keyed: boolean
  /** How often it was sent, and how often it has to be in the file at least. */
  sent: number
  acknowledged: number
  positions: Set<number>
}

/** Watches every version of the file that a reader could have seen. */
function watched(inner: MemorySegmentTarget, seen: string[]): SegmentTarget {
  const look = <Result>(result: Result): Result => {
    const text = inner.read(KEY)
    if (text !== undefined && text !== seen.at(-1)) seen.push(text)
    return result
  }
  return {
    ...inner,
    put: (request) => inner.put(request).then(look),
    compose: (request) => inner.compose(request).then(look),
  }
}

interface Setting {
  minPartBytes: number | false
  delivery: 'direct' | 'journal'
}

async function play(steps: readonly Step[], script: readonly Fault[], setting: Setting) {
  const { minPartBytes, delivery } = setting
  const memory = createMemorySegmentTarget({ minPartBytes })
  const versions: string[] = []
  const { target, quiet } = createFaultyTarget(watched(memory, versions), script)
  const events: ModelEvent[] = []
  const open = () => {
    const killer = new AbortController()
    const { signal } = killer
    const options = {
      target,
      now: () => NOON,
      random: () => 0,
      signal,
      delivery,
      compactEveryMs: 1,
    }
    return { killer, uploader: createSegmentsUploader(options) }
  }
  const writers = [open(), open(), open()]
  const answers: Promise<void>[] = []

  const send = (uploader: SegmentsUploader, event: ModelEvent) => {
    event.sent += 1
    const answer = uploader.upload(
      { traits: { smi_uid: event.id } },
      event.keyed ? { idempotencyKey: event.id } : {},
    )
    answers.push(
      answer.then(
        ({ position, duplicate }) => {
          // Of one key several writers may be told: here they share the event.
          event.acknowledged = event.keyed ? 1 : event.acknowledged + (duplicate ? 0 : 1)
          if (delivery === 'direct') event.positions.add(position)
        },
        () => {},
      ),
    )
  }

  for (const step of steps) {
    if (step.do === 'wait') for (let done = 0; done < step.turns; done += 1) await turn()
    else if (step.do === 'kill') {
      writers[step.writer]?.killer.abort(new Error('killed'))
      writers[step.writer] = open()
    } else {
      const known =
        step.do === 'again' ? events.filter(({ keyed }) => keyed)[step.event] : undefined
      const event = known ?? newEvent(events, step.do === 'upload' && step.keyed)
      send((writers[step.writer] as { uploader: SegmentsUploader }).uploader, event)
    }
  }
  await Promise.all(answers)
  await quiet()
  await Promise.all(writers.map(({ uploader }) => uploader.close()))
  if (delivery === 'journal') {
    // What killed writers left in their journals, and what late requests brought there.
    await createSegmentsCompactor({ target: memory, now: () => NOON, delivery }).compact()
  }
  return { events, versions, text: memory.read(KEY) }
}

function newEvent(events: ModelEvent[], keyed: boolean): ModelEvent {
  const event = {
    id: `e${events.length}`,
    keyed,
    sent: 0,
    acknowledged: 0,
    positions: new Set<number>(),
  }
  events.push(event)
  return event
}

function checkRun({ events, versions, text }: Awaited<ReturnType<typeof play>>): void {
  const list = (JSON.parse(text ?? '{"profiles":[]}') as { profiles: Element[] }).profiles
  for (const version of versions) {
    const seen = (JSON.parse(version) as { profiles: Element[] }).profiles
    // What a reader saw once stays where it was.
    expect(list.slice(0, seen.length)).toEqual(seen)
  }
  for (const { id, keyed, sent, acknowledged, positions } of events) {
    const count = list.filter(({ smi_uid }) => smi_uid === id).length
    expect(count).toBeGreaterThanOrEqual(acknowledged)
    expect(count).toBeLessThanOrEqual(keyed ? 1 : sent)
    for (const position of positions) expect(list[position]?.smi_uid).toBe(id)
  }
}

const SETTINGS: [string, Setting][] = [
  ['appends on the store side', { minPartBytes: 0, delivery: 'direct' }],
  ['appends on the store side from 200 bytes on', { minPartBytes: 200, delivery: 'direct' }],
  ['writes every version whole', { minPartBytes: false, delivery: 'direct' }],
  ['folds journals', { minPartBytes: 0, delivery: 'journal' }],
]

describe.each(SETTINGS)('the commit protocol when it %s', (_name, setting) => {
  it('has every acknowledged event once, whatever answers are lost and writers killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(fault, { maxLength: 120 }),
        async (steps, script) => checkRun(await play(steps, script, setting)),
      ),
      { numRuns: 150 },
    )
  })
})
