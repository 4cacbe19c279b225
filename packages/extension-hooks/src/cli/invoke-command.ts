import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { HookCall } from '../hook-call.ts'
import { createHookHost } from '../hook-host.ts'
import { asUsage, type CliIo, paint, UsageError } from './cli-io.ts'
import { loadModule } from './load-module.ts'

/** `mortise-hooks invoke <module> <function>`: one call, with every check. Exit code 1 when it fails. */
export async function invokeCommand(args: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      type: { type: 'string' },
      connector: { type: 'string' },
      input: { type: 'string', default: '-' },
      timeout: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [module, name] = positionals
  if (name === undefined)
    throw new UsageError(
      'Name the module and the function: mortise-hooks invoke <module> <function>',
    )
  const { extension } = await loadModule(module)
  const host = await asUsage(() => createHookHost(extension, { timeoutMs: toMs(values.timeout) }))
  const call: HookCall = {
    ...(values.connector === undefined ? { diy: true } : { _connectorId: values.connector }),
    type: values.type,
    function: name,
    options: await readOptions(values.input, io),
  }
  const result = await host.invoke(call)
  if (values.json)
    io.write(
      `${JSON.stringify(result.ok ? { ok: true, value: result.value, report: result.report } : result)}\n`,
    )
  else if (result.ok) io.write(`${JSON.stringify(result.value, null, 2)}\n`)
  else
    for (const { code, message } of result.errors) io.warn(`${paint(io, 'red', code)} ${message}\n`)
  return result.ok ? 0 : 1
}

async function readOptions(input: string, io: CliIo): Promise<unknown> {
  let text: string
  try {
    text = input === '-' ? await io.readInput() : await readFile(input, 'utf8')
  } catch (error) {
    throw new UsageError(`${input} cannot be read: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError(
      `${input === '-' ? 'The standard input' : input} is not JSON. It has to hold the options of the function.`,
    )
  }
}

function toMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = Number(text)
  if (!(ms > 0)) throw new UsageError(`--timeout takes milliseconds; received ${text}`)
  return ms
}
