import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { shown, type Workspace } from './workspace.ts'

const FORBIDDEN = [
  { pattern: /\bprocess\.env\b/, name: 'process.env', allowed: /FromEnv/ },
  { pattern: /\bconsole\.(log|warn|error|info|debug)\b/, name: 'the console', allowed: /(?!)/ },
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
          ).map(({ name }) => `${shown(workspace, file)} uses ${name}`)
        }),
    )
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}
