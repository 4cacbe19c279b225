// The README's transcript, line by line: what it shows is what comes.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runCli } from '../src/cli/run-cli.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const words = (text: string) => `${text} `.repeat(25).trim()

const files = new Map<string, string>([
  ['account.json', '{ "token": "tok-12345678" }'],
  [
    'openapi.json',
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Tasks' },
      servers: [{ url: 'https://api.example.com' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    }),
  ],
  [
    'lib/app.json',
    `{
  "app_id": "asana",
  "name": "Asana",
  "description": { "pt_BR": "${words('tarefa')}", "en": "${words('task')}" },
  "website": "https://asana.com", "signup_url": "https://asana.com/create-account",
  "api_base_uri": { "production": { "uri": "https://app.asana.com/api/1.0", "label": "Asana", "default": true } },
  "authentication": {
    "type": "pass_through_header",
    "fields": [{ "name": "token", "label": "Token", "type": "password", "mapping": "Authorization", "prefix": "Bearer" }],
    "ping_request": {
      "method": "/users/me"
    }
  }
}
`,
  ],
])

/** Runs one line of the transcript over files in memory and answers what the terminal shows. */
async function shown(line: string): Promise<string> {
  const [command = '', target] = line.replace('npx mortise-manifest ', '').split(' > ')
  let output = ''
  let errors = ''
  await runCli(command.split(' '), {
    write: (text) => {
      output += text
    },
    writeError: (text) => {
      errors += text
    },
    readFile: async (path) => files.get(path) ?? Promise.reject(new Error(path)),
    writeFile: async (path, text) => {
      files.set(path, text)
    },
    importModule: async () => ({}),
    isColorful: false,
    fetch: async () => new Response('{}', { status: 401 }),
  })
  if (target === undefined) return output + errors
  files.set(target, output)
  return errors
}

it('the transcript of the README is what the command says', async () => {
  const transcript = /```console\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const lines = transcript.split('\n').filter((line) => line.startsWith('$ '))
  expect(lines.length).toBeGreaterThan(4)
  let actual = ''
  for (const line of lines) actual += `${line}\n${await shown(line.slice(2))}`
  expect(actual).toBe(transcript)
})
