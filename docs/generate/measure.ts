// `pnpm --filter docs figures [--rounds N] [name …]`: runs benches and soaks and keeps what they print as
// figures/*.json. Names are those of the files: bench-errors, soak-messaging-sdk-nats. Default: every bench.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { publishedPackages } from './published-packages.ts'

interface Run {
  name: string
  folder: string
  args: string[]
}

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' } },
  allowPositionals: true,
})
const packages = publishedPackages()
const rounds = values.rounds === undefined ? [] : ['--rounds', values.rounds]

const benches = packages
  .filter(({ folder }) => existsSync(join(folder, 'bench/run.ts')))
  .map(
    ({ name, folder }): Run => ({
      name: `bench-${name}`,
      folder,
      args: ['bench/run.ts', '--json', ...rounds],
    }),
  )

/** A soak from the sources of a package. */
function soak(packageName: string, variant: string, args: readonly string[]): Run {
  const folder = packages.find(({ name }) => name === packageName)?.folder ?? ''
  const name = `soak-${packageName}-${variant}`
  return { name, folder, args: ['--conditions=@mortise/source', ...args] }
}

const soaks = [
  soak('messaging-sdk', 'sqlite', ['bench/soak.ts', '--transport', 'sqlite']),
  soak('messaging-sdk', 'nats', ['bench/soak.ts', '--transport', 'nats']),
  soak('segments-uploader', 'direct', ['soak/run.ts', '--json']),
  soak('segments-uploader', 'journal', ['soak/run.ts', '--json', '--delivery', 'journal']),
]

const known = [...benches, ...soaks]
const unknown = positionals.filter((name) => !known.some((run) => run.name === name))
if (unknown.length > 0) {
  const names = known.map(({ name }) => name).join(', ')
  throw new TypeError(`There is no ${unknown.join(', ')}; there are ${names}`)
}

const figures = fileURLToPath(new URL('../figures', import.meta.url))
mkdirSync(figures, { recursive: true })
const chosen =
  positionals.length > 0 ? known.filter(({ name }) => positionals.includes(name)) : benches
for (const { name, folder, args } of chosen) {
  console.log(`${name} …`)
  const output = execFileSync(process.execPath, ['--no-warnings', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const report: unknown = JSON.parse(output.slice(output.indexOf('{')))
  writeFileSync(join(figures, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`)
}
