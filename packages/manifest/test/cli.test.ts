import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CliWorld } from '../src/cli/cli-world.ts'
import { runCli } from '../src/cli/run-cli.ts'
import { startApi } from './local-api.ts'
import { changed, documentedText } from './sample-documents.ts'

const files = new Map<string, string>()

/** Runs a command over files in memory. */
async function run(args: string[], world: Partial<CliWorld> = {}) {
  let output = ''
  let errors = ''
  const code = await runCli(args, {
    write: (text) => {
      output += text
    },
    writeError: (text) => {
      errors += text
    },
    readFile: async (path) => {
      const text = files.get(path)
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
    writeFile: async (path, text) => {
      files.set(path, text)
    },
    importModule: async () => ({}),
    isColorful: false,
    ...world,
  })
  return { code, output, errors }
}

const broken = changed('asana', (d) => {
  d.nmae = d.name
  delete d.name
  d.authentication.oauth_access_fields.client_secret = 'hush-hush-0815'
})

beforeAll(() => {
  files.set('lib/app.json', documentedText('asana'))
  files.set('broken.json', broken)
  files.set('zendesk.json', documentedText('zendesk'))
})

describe('mortise-manifest validate', () => {
  it('finds the usual file and says that nothing is wrong', async () => {
    expect(await run(['validate', '--strict'])).toEqual({
      code: 0,
      output: '0 errors, 0 warnings in 1 file\n',
      errors: '',
    })
  })

  it('pretty: place, severity, message, code, hint', async () => {
    const { code, output } = await run(['validate', 'broken.json', '--strict'])
    expect(code).toBe(1)
    expect(output).toContain('error name is missing. MANIFEST_PROPERTY_MISSING\n    Add "name".')
    expect(output).toMatch(
      /broken\.json:\d+:3 error nmae is not a known property\. MANIFEST_PROPERTY_UNKNOWN\n {4}Did you mean "name"\? \(fixable\)/,
    )
    expect(output).toMatch(/3 errors, 0 warnings in 1 file; mortise-manifest fix can fix 1\n$/)
    expect(output).not.toContain('hush-hush-0815')
  })

  it('is as tolerant as the platform without --strict', async () => {
    files.set(
      'old.json',
      changed('asana', (d) => {
        d.version = '1'
      }),
    )
    expect(await run(['validate', 'old.json'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('1 warning'),
    })
    expect((await run(['validate', 'old.json', '--strict'])).code).toBe(1)
  })

  it('json: every diagnostic by file', async () => {
    const { output } = await run([
      'validate',
      'broken.json',
      'lib/app.json',
      '--strict',
      '--format',
      'json',
    ])
    const reports = JSON.parse(output)
    expect(reports.map(({ file }: { file: string }) => file)).toEqual([
      'broken.json',
      'lib/app.json',
    ])
    expect(reports[0].diagnostics[0]).toMatchObject({
      code: expect.any(String),
      line: expect.any(Number),
      column: expect.any(Number),
    })
    expect(output).not.toContain('hush-hush-0815')
  })

  it('sarif: a log with rules, places and fixes', async () => {
    const { output } = await run(['validate', 'broken.json', '--strict', '--format', 'sarif'])
    const [log] = JSON.parse(output).runs
    expect(log.results).toHaveLength(3)
    for (const result of log.results) {
      expect(log.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId)
      expect(result.locations[0].physicalLocation.region.startLine).toBeGreaterThan(0)
    }
    const renamed = log.results.find(
      ({ ruleId }: { ruleId: string }) => ruleId === 'MANIFEST_PROPERTY_UNKNOWN',
    )
    const [replacement] = renamed.fixes[0].artifactChanges[0].replacements
    const { charOffset, charLength } = replacement.deletedRegion
    expect(broken.slice(charOffset, charOffset + charLength)).toBe('"nmae"')
    expect(replacement.insertedContent.text).toBe('"name"')
  })

  it('github: one annotation a finding, with nothing that could end it early', async () => {
    files.set('a,b:c.json', '{"x\\n::error::y": 1}')
    const { output } = await run(['validate', 'a,b:c.json', '--strict', '--format', 'github'])
    const lines = output.trimEnd().split('\n')
    expect(
      lines.every((line) =>
        /^::(error|warning) file=a%2Cb%3Ac\.json,line=\d+,col=\d+,title=MANIFEST_\w+::/.test(line),
      ),
    ).toBe(true)
  })

  it('shows a hostile document without obeying it', async () => {
    files.set('evil.json', JSON.stringify({ '\u001b[2J\u202e\u009b': 1 }))
    const { output } = await run(['validate', 'evil.json'])
    for (const character of ['\u001b', '\u202e', '\u009b']) expect(output).not.toContain(character)
  })

  it('reads meta.json by its folder', async () => {
    files.set('lib/triggers/lead/meta.json', JSON.stringify({ name: 'Lead' }))
    const { code, output } = await run(['validate', 'lib/triggers/lead/meta.json'])
    expect(code).toBe(1)
    expect(output).toContain('trigger_type is missing')
  })

  it.each([
    [['validate', '--format', 'xml'], /--format is one of pretty, json, sarif, github/],
    [['validate', '--kind', 'x'], /--kind is one of/],
    [['validate', 'absent.json'], /Cannot read absent\.json \(ENOENT\)/],
    [['validate', '--surprise'], /--surprise/],
    [['conjure'], /no command "conjure"/],
    [['schema', 'x'], /The schema is one of/],
    [['types', 'a', 'b'], /takes one file/],
    [['ping', '--timeout-ms', 'soon'], /--timeout-ms/],
    [['import-openapi'], /takes one file/],
    [[], /Usage: mortise-manifest/],
  ])('%j is used wrongly', async (args, message) => {
    const { code, errors } = await run(args)
    expect(code).toBe(2)
    expect(errors).toMatch(message)
  })
})

describe('mortise-manifest fix', () => {
  it('fixes in place, says what it did and what is left, and removes no secret', async () => {
    files.set('fix.json', broken)
    const { code, output } = await run(['fix', 'fix.json'])
    expect(code).toBe(1)
    expect(output).toContain('nmae is not a known property. Rename it to "name".')
    expect(output).toContain('1 error, 0 warnings in 1 file')
    expect(files.get('fix.json')).toContain('hush-hush-0815')
    expect((await run(['fix', 'fix.json', '--json'])).output).toContain('"applied": []')
  })

  it('--stdout leaves the file alone', async () => {
    files.set('fix.json', broken)
    const { output } = await run(['fix', 'fix.json', '--stdout'])
    expect(JSON.parse(output).name).toBe('Asana')
    expect(files.get('fix.json')).toBe(broken)
  })
})

describe('mortise-manifest ping', () => {
  it('says that credentials work, or who must act; never the credentials', async () => {
    await using api = await startApi(({ headers }) => ({
      status: headers.authorization === 'Token good-token-1' ? 200 : 401,
    }))
    files.set(
      'ping.json',
      changed('agendor', (d) => {
        d.api_base_uri.production.uri = api.url
        d.authentication.ping_request = { method_name: '/me' }
      }),
    )
    files.set('good.json', '{"token": "good-token-1"}')
    files.set('bad.json', '{"token": "bad-token-22"}')
    const args = ['ping', 'ping.json', '--allow-private-network']
    expect(await run([...args, '--auth', 'good.json'])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/the credentials work \(\d+ ms\)/),
    })
    const bad = await run([...args, '--auth', 'bad.json', '--json'])
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.output)).toMatchObject({
      ok: false,
      reason: 'invalid_credentials',
      error: { kind: 'auth' },
    })
    expect(bad.output).not.toContain('bad-token-22')
  })

  it('does not quote credentials that are no JSON', async () => {
    files.set('raw.txt', 'hush-hush-0815')
    const { code, errors } = await run(['ping', '--auth', 'raw.txt'])
    expect(code).toBe(2)
    expect(errors).not.toContain('hush-hush-0815')
  })
})

describe('mortise-manifest types, schema, import-openapi', () => {
  it('types writes a declaration beside the document', async () => {
    await run(['types', 'zendesk.json'])
    expect(files.get('zendesk.d.json.ts')).toContain(
      'export interface ZendeskAuth {\n  /** Subdomínio */\n  subdomain: string\n  /** Email */\n  email: string\n  /** Token */\n  token: string\n}',
    )
  })

  it('types never replaces the document, whatever it is called', async () => {
    for (const [name, out] of [
      ['app.jsonc', 'app.d.jsonc.ts'],
      ['lib.v2/manifest', 'lib.v2/manifest.d.ts'],
    ] as const) {
      files.set(name, documentedText('asana'))
      expect(await run(['types', name])).toMatchObject({ code: 0 })
      expect(files.get(name)).toBe(documentedText('asana'))
      expect(files.get(out)).toContain('export interface AsanaAuth')
    }
    expect(await run(['types', './lib/app.json', '--out', 'lib/app.json'])).toMatchObject({
      code: 2,
    })
    expect(files.get('lib/app.json')).toBe(documentedText('asana'))
  })

  it('-h means --help after a command, too', async () => {
    expect(await run(['validate', '-h'])).toEqual(await run(['--help']))
  })

  it('a usual file that cannot be read is not passed over', async () => {
    const readFile = (path: string) =>
      path === 'lib/app.json'
        ? Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
        : Promise.resolve(documentedText('asana'))
    expect(await run(['validate'], { readFile })).toMatchObject({
      code: 2,
      errors: expect.stringContaining('Cannot read lib/app.json (EACCES)'),
    })
  })

  it.each(['0', '-1', '1.5', 'Infinity', '3000000000', 'soon'])(
    'ping: --timeout-ms %s',
    async (ms) => {
      files.set('account.json', '{}')
      expect(await run(['ping', '--auth', 'account.json', `--timeout-ms=${ms}`])).toMatchObject({
        code: 2,
        errors: expect.stringContaining('--timeout-ms'),
      })
    },
  )

  it('schema prints what is shipped', async () => {
    const shipped = await readFile(
      new URL('../schemas/trigger-meta.schema.json', import.meta.url),
      'utf8',
    )
    expect(JSON.parse((await run(['schema', 'trigger-meta'])).output)).toEqual(JSON.parse(shipped))
  })

  it('import-openapi drafts a manifest that lacks only what the description lacks', async () => {
    files.set(
      'api.json',
      JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'Acme CRM', summary: 'Customers' },
        servers: [
          {
            url: 'https://{tenantName}.acme.com/v1',
            description: 'Production',
            variables: { tenantName: { default: 'demo' } },
          },
        ],
        components: {
          securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Acme-Key' } },
        },
      }),
    )
    const { code, output, errors } = await run(['import-openapi', 'api.json'])
    expect(code).toBe(0)
    expect(errors).toContain('by hand')
    files.set('draft.json', output)
    const report = JSON.parse((await run(['validate', 'draft.json', '--strict', '--json'])).output)
    expect(
      report[0].diagnostics
        .filter(({ severity }: { severity: string }) => severity === 'error')
        .map(({ path }: { path: string[] }) => path[0]),
    ).toEqual(['description', 'website', 'signup_url'])
    expect(JSON.parse(output)).toMatchObject({
      app_id: 'acme_crm',
      api_base_uri: { production: { uri: 'https://{tenant_name}.acme.com/v1', default: true } },
      authentication: {
        type: 'pass_through_header',
        fields: [{ name: 'tenant_name', default: 'demo' }, { mapping: 'X-Acme-Key' }],
      },
    })
  })
})

describe('the executable', () => {
  const main = new URL('../src/cli/main.ts', import.meta.url).pathname
  const execute = (args: string[], options = {}) =>
    promisify(execFile)(process.execPath, ['--conditions=@mortise/source', main, ...args], options)
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mortise-manifest-'))
    await writeFile(join(folder, 'app.json'), broken.replace('hush-hush-0815', 'client_secret'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('reads real files and exits with the code', { timeout: 30_000 }, async () => {
    const failure = await execute(['validate', '--strict'], { cwd: folder }).catch((error) => error)
    expect(failure).toMatchObject({ code: 1, stdout: expect.stringContaining('app.json:') })
    await execute(['fix'], { cwd: folder })
    expect((await execute(['validate', '--strict'], { cwd: folder })).stdout).toBe(
      '0 errors, 0 warnings in 1 file\n',
    )
    expect((await execute(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await execute(['--help'])).stdout).toContain('Exit codes')
  })

  it('ends quietly when nobody reads on, and says when the disk is full', {
    timeout: 30_000,
  }, async () => {
    const shell = (line: string) =>
      promisify(execFile)('sh', [
        '-c',
        line.replace('CLI', `"$0" --conditions=@mortise/source "$1"`),
        process.execPath,
        main,
      ])
    expect(await shell('(CLI schema; echo "$?" >&2) | true')).toMatchObject({ stderr: '0\n' })
    const full = await shell('CLI schema > /dev/full').catch((error) => error)
    expect(full).toMatchObject({
      code: 1,
      stderr: 'mortise-manifest: Cannot write the output (ENOSPC).\n',
    })
  })
})
