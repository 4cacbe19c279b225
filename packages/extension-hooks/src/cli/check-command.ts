import { parseArgs } from 'node:util'
import type { ExtensionConfiguration } from '../define-extension.ts'
import { findCalledFunction } from '../hook-call.ts'
import { hookDefinitionOf } from '../hook-definition.ts'
import { auditExports, auditExtension, auditSource, type Finding } from './audit.ts'
import { type CliIo, paint, UsageError } from './cli-io.ts'
import { inferKind } from './infer-kind.ts'
import { loadModule } from './load-module.ts'
import { readCaptures } from './replay-command.ts'

/** `mortise-hooks check <module> [sources…]`: an audit without a call. Exit code 1 on errors, with --strict on warnings too. */
export async function checkCommand(args: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      strict: { type: 'boolean', default: false },
      captures: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [module, ...sources] = positionals
  const { path, namespace, extension } = await loadModule(module)
  const findings = [...auditExtension(extension), ...auditExports(namespace)]
  for (const file of [path, ...sources]) findings.push(...(await readSource(file)))
  if (values.captures !== undefined)
    findings.push(...(await auditCaptures(values.captures, extension)))

  const errors = findings.filter(({ level }) => level === 'error').length
  if (values.json) io.write(`${JSON.stringify({ findings })}\n`)
  else {
    for (const { level, rule, where, message } of findings) {
      io.write(
        `${paint(io, level === 'error' ? 'red' : 'yellow', level)} ${where} ${message} ${paint(io, 'dim', rule)}\n`,
      )
    }
    io.write(`${errors} errors, ${findings.length - errors} warnings\n`)
  }
  return errors > 0 || (values.strict && findings.length > 0) ? 1 : 0
}

async function readSource(file: string): Promise<Finding[]> {
  try {
    return await auditSource(file)
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** Compares the tag of every recorded function with what its input was meant for. */
async function auditCaptures(file: string, extension: ExtensionConfiguration): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const { call } of readCaptures(file)) {
    const found = findCalledFunction(extension, call)
    const kind = found.ok ? hookDefinitionOf(found.target)?.kind : undefined
    const inferred = inferKind(call.options)
    if (kind !== undefined && inferred !== undefined && kind !== inferred) {
      const where = String(call.function)
      findings.push({
        level: 'error',
        rule: 'other-kind',
        where,
        message: `is tagged ${kind}, but was called as ${inferred}`,
      })
    }
  }
  return findings
}
