import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workspace } from './workspace.ts'

const USES = /^\s*(?:- )?uses: ([^@\s]+)@(\S+)(?: # (.*))?$/gm
const JOB = /^ {2}([\w-]+):\n((?: {4,}.*\n|\n)*)/gm

/**
 * Workflows that run what may change behind our back, or hold more rights than they need: an action by a tag,
 * two pins of one action, rights not listed, a job without a limit of time, credentials left in the checkout.
 */
export function unsafeWorkflows({ root }: Workspace): string[] {
  const pins = new Map<string, string>()
  return globSync('.github/workflows/*.yml', { cwd: root })
    .sort((a, b) => a.localeCompare(b))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      const problems = [...pinProblems(text, pins), ...rightsProblems(text), ...jobProblems(text)]
      return problems.map((problem) => `${file}: ${problem}`)
    })
}

function pinProblems(text: string, pins: Map<string, string>): string[] {
  return [...text.matchAll(USES)].flatMap(([, action = '', commit = '', version = '']) => {
    if (action.startsWith('./')) return []
    const repository = action.split('/').slice(0, 2).join('/')
    const other = pins.get(repository) ?? commit
    pins.set(repository, other)
    const problems: string[] = []
    if (!/^[0-9a-f]{40}$/.test(commit)) problems.push(`${action} is not pinned to a commit`)
    if (!/^v\d+\.\d+\.\d+$/.test(version)) problems.push(`${action} does not say its version`)
    if (other !== commit) problems.push(`${action} is pinned to another commit elsewhere`)
    return problems
  })
}

function rightsProblems(text: string): string[] {
  const checkouts = text.split('actions/checkout@').length - 1
  const withoutCredentials = text.split('persist-credentials: false').length - 1
  return [
    ...(/^permissions:/m.test(text) ? [] : ['permissions are not listed']),
    ...(/^concurrency:/m.test(text) ? [] : ['concurrency is not said']),
    ...(checkouts === withoutCredentials ? [] : ['a checkout keeps its credentials']),
  ]
}

function jobProblems(text: string): string[] {
  const jobs = text.slice(text.indexOf('\njobs:\n'))
  return [...jobs.matchAll(JOB)].flatMap(([, name, body = '']) =>
    body.includes('timeout-minutes:') ? [] : [`${name} has no limit of time`],
  )
}
