// Prints how much of a public catalogue of providers the grammar can express: each entry is written as a
// manifest, read strict and asked to sign a request. The catalogue is a development dependency; nothing of it is kept.
import { parseArgs } from 'node:util'
import { parseManifest, requestCredentials } from '@mortise/manifest'
import { loadProvidersYaml } from '@nangohq/providers'
import { convertProvider } from './provider-catalogue/convert-provider.ts'
import type { Provider } from './provider-catalogue/provider.ts'

const GOALS = { all: 91, 'API key and basic': 97 } as const

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
})
const entries = Object.entries(loadProvidersYaml() as unknown as Record<string, Provider>)
const tally = new Map<string, { expressed: number; total: number }>()
const reasons = new Map<string, string[]>()

for (const [id, own] of entries) {
  const provider = withAlias(own)
  const mode = provider.auth_mode ?? 'none'
  const reason = whyNot(id, provider)
  for (const group of [
    'all',
    mode,
    ...(mode === 'API_KEY' || mode === 'BASIC' ? ['API key and basic'] : []),
  ]) {
    const counts = tally.get(group) ?? { expressed: 0, total: 0 }
    counts.total++
    if (reason === undefined) counts.expressed++
    tally.set(group, counts)
  }
  if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), id])
}
print()

function withAlias(provider: Provider): Provider {
  const alias = provider.alias
  const target = typeof alias === 'string' ? entries.find(([id]) => id === alias)?.[1] : undefined
  return target ? { ...target, ...provider } : provider
}

/** What keeps an entry from being a manifest; `undefined` when it is one. */
function whyNot(id: string, provider: Provider): string | undefined {
  try {
    const text = JSON.stringify(convertProvider(id, provider))
    const parsed = parseManifest(text, { locales: [] })
    const error = parsed.diagnostics.find(({ severity }) => severity === 'error')
    if (!parsed.ok) return `${error?.code} ${error?.message.slice(0, 90)}`
    const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, 'value'])
    requestCredentials(parsed.manifest, {
      ...Object.fromEntries(names),
      access_token: 'token',
      username: 'u',
      password: 'p',
    })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function print(): void {
  if (values.json) {
    const ratios = Object.fromEntries(
      [...tally].map(([group, { expressed, total }]) => [group, { expressed, total }]),
    )
    console.log(JSON.stringify({ coverage: ratios, reasons: Object.fromEntries(reasons) }))
    return
  }
  for (const [group, { expressed, total }] of [...tally].sort((a, b) => b[1].total - a[1].total)) {
    const goal = GOALS[group as keyof typeof GOALS]
    const percent = ((100 * expressed) / total).toFixed(1)
    console.log(
      `${group.padEnd(20)} ${String(expressed).padStart(4)} of ${String(total).padStart(4)}  ${percent} %${goal ? `  (goal ${goal} %)` : ''}`,
    )
  }
  console.log()
  for (const [reason, ids] of [...reasons].sort((a, b) => b[1].length - a[1].length))
    console.log(
      `${String(ids.length).padStart(4)}  ${reason}${values.list ? `: ${ids.join(', ')}` : ''}`,
    )
}
