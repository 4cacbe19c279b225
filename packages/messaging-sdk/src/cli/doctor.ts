import { parseArgs, styleText } from 'node:util'
import type { GroupLag, MessageTransport } from '../message-transport.ts'
import { type CliIo, EXIT, transportOptions, UsageError } from './cli-io.ts'
import { openTransport } from './open-transport.ts'

const options = {
  ...transportOptions,
  'max-age-ms': { type: 'string', default: '300000' },
  'remove-group': { type: 'string' },
} as const

/** Says how a transport is: whether it answers, how far behind its groups are, what lies dead. */
export async function doctor(args: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({ args, options })
  const maxAgeMs = Number(values['max-age-ms'] || Number.NaN)
  if (!Number.isFinite(maxAgeMs)) throw new UsageError('--max-age-ms must be a number')
  await using transport = await openTransport(values)
  await transport.ping()
  const gone = values['remove-group']
  if (gone !== undefined && !(await transport.removeGroup(gone))) {
    io.error(`there is no group ${gone}`)
    return EXIT.problem
  }
  const groups = await transport.lag()
  const problems = groups.flatMap((lag) => problemsOf(lag, maxAgeMs))
  if (values.json)
    io.out(JSON.stringify({ capabilities: transport.capabilities, groups, problems }))
  else report({ transport, groups, problems }, io)
  return problems.length === 0 ? EXIT.ok : EXIT.problem
}

function problemsOf(lag: GroupLag, maxAgeMs: number): string[] {
  const { group, oldestUnackedMs = 0, deadLetters } = lag
  return [
    ...(oldestUnackedMs > maxAgeMs
      ? [
          `${group}: the oldest event has been waiting for ${Math.round(oldestUnackedMs / 1000)} s (--remove-group ${group} if nobody consumes it any more)`,
        ]
      : []),
    ...(deadLetters > 0
      ? [`${group}: ${deadLetters} dead letters (mortise-messaging dead-letters list)`]
      : []),
  ]
}

function report(
  found: { transport: MessageTransport; groups: GroupLag[]; problems: string[] },
  io: CliIo,
): void {
  const { durable, distributed, dedupeWindowMs } = found.transport.capabilities
  io.out(
    `answers; what is stored survives ${durable === 'none' ? 'nothing' : `the death of the ${durable}`}; ${distributed ? 'many machines' : 'one machine'}; ids are known for ${Math.round(dedupeWindowMs / 3_600_000)} h`,
  )
  if (found.groups.length === 0) io.out('no group has consumed yet')
  for (const { group, pending, inFlight, oldestUnackedMs = 0, deadLetters } of found.groups) {
    io.out(
      `${group}: ${pending} pending (${inFlight} in flight, oldest ${oldestUnackedMs} ms), ${deadLetters} dead letters`,
    )
  }
  for (const problem of found.problems) io.out(styleText('red', `✗ ${problem}`))
  if (found.problems.length === 0) io.out(styleText('green', '✓ nothing to complain about'))
}
