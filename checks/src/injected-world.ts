import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { shown, type Workspace } from './workspace.ts'

const FORBIDDEN = [
  {
    pattern: /\bprocess\.env\b/,
    allowed: /FromEnv/,
    problem: 'uses process.env: take it as an option, or read it in a function named …FromEnv',
  },
  {
    pattern: /\bconsole\.(log|warn|error|info|debug)\b/,
    allowed: /(?!)/,
    problem: 'uses the console: take a logger as an option',
  },
]

/**
 * Packages that reach for the environment or the console instead of being given what they need. A CLI may;
 * so may a file whose exported function says `FromEnv`.
 */
export function injectedWorld(workspace: Workspace): string[] {
  return workspace.packages
    .filter(({ name }) => name.startsWith('@mortise/'))
    .flatMap(({ folder, sources }) =>
      sources
        .filter((file) => !/^src\/cli(\/|\.|-)/.test(relative(folder, file)))
        .flatMap((file) => {
          const text = withoutComments(readFileSync(file, 'utf8'))
          return FORBIDDEN.filter(
            ({ pattern, allowed }) => pattern.test(text) && !allowed.test(text),
          ).map(({ problem }) => `${shown(workspace, file)} ${problem}`)
        }),
    )
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}
