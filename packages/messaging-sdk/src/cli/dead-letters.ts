import { parseArgs } from 'node:util'
import type { DeadLetter, MessageTransport } from '../message-transport.ts'
import { type CliIo, EXIT, transportOptions, UsageError } from './cli-io.ts'
import { openTransport } from './open-transport.ts'

const options = {
  ...transportOptions,
  group: { type: 'string' },
  queue: { type: 'string' },
  limit: { type: 'string', default: '100' },
  all: { type: 'boolean', default: false },
} as const

/** Lists, shows, redrives and discards dead letters. */
export async function deadLetters(args: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const [verb = 'list', ...ids] = positionals
  if (!['list', 'show', 'redrive', 'discard'].includes(verb)) {
    throw new UsageError(`dead-letters list, show, redrive or discard, not ${verb}`)
  }
  const limit = Number(values.limit)
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new UsageError('--limit must be a whole number')
  await using transport = await openTransport(values)
  const query = {
    limit,
    ...(values.group !== undefined && { group: values.group }),
    ...(values.queue !== undefined && { queue: values.queue }),
  }
  if (verb === 'list') {
    const letters = await transport.deadLetters.list(query)
    for (const letter of letters) io.out(values.json ? JSON.stringify(letter) : lineOf(letter))
    return EXIT.ok
  }
  const chosen = values.all ? (await everything(transport, query)).map(({ id }) => id) : ids
  if (chosen.length === 0 && !values.all) throw new UsageError(`dead-letters ${verb} needs an id`)
  return await act(verb, chosen, { transport, io }) // awaited here: the transport closes with this function
}

/** All that match, page by page: what is redriven may fail again meanwhile, so the list is made first. */
async function everything(
  transport: MessageTransport,
  query: { limit: number; group?: string; queue?: string },
): Promise<DeadLetter[]> {
  const all: DeadLetter[] = []
  for (let page = await transport.deadLetters.list(query); page.length > 0; ) {
    all.push(...page)
    page = await transport.deadLetters.list({ ...query, after: page.at(-1)?.id ?? '' })
  }
  return all
}

async function act(
  verb: string,
  ids: readonly string[],
  { transport, io }: { transport: MessageTransport; io: CliIo },
): Promise<number> {
  let missing = 0
  for (const id of ids) {
    const isDone = await one(verb, id, { transport, io })
    if (!isDone) {
      missing++
      io.error(`there is no dead letter ${id}`)
    } else if (verb !== 'show') io.out(`${id} ${verb === 'redrive' ? 'redriven' : 'discarded'}`)
  }
  return missing === 0 ? EXIT.ok : EXIT.problem
}

async function one(
  verb: string,
  id: string,
  { transport, io }: { transport: MessageTransport; io: CliIo },
): Promise<boolean> {
  if (verb === 'redrive') return transport.deadLetters.redrive(id)
  if (verb === 'discard') return transport.deadLetters.discard(id)
  const letter = await transport.deadLetters.get(id)
  if (letter) io.out(JSON.stringify(letter, null, 2))
  return letter !== undefined
}

function lineOf({ id, queue, group, error, attempts, deadAt, envelope }: DeadLetter): string {
  return `${id}  ${deadAt}  ${queue}  ${group}  ${envelope.id}  after ${attempts}: ${error.code} ${error.message}`
}
