import { readFile } from 'node:fs/promises'
import type { ExtensionConfiguration } from '../define-extension.ts'
import { findMember } from '../find-function.ts'
import { hookDefinitionOf } from '../hook-definition.ts'

/** One thing to look at. */
export interface Finding {
  readonly level: 'error' | 'warning'
  readonly rule: string
  /** `diy.hooks.tidy`, or a file and line. */
  readonly where: string
  readonly message: string
}

/** Groups that the platform's types stand for; a group under the type itself is never reached. */
const ABBREVIATED: Readonly<Record<string, string>> = {
  hook: 'hooks',
  wrapper: 'wrappers',
  setting: 'settings',
  utility: 'utilities',
}
const UNREACHABLE: ReadonlySet<string> = new Set(['constructor', 'prototype', '__proto__'])

/** Looks at every function of an extension as a host would find it. Calls none of them. */
export function auditExtension({ diy, connectors }: ExtensionConfiguration): Finding[] {
  const modules: [string, object][] =
    diy === undefined
      ? Object.entries(connectors).map(([id, module]) => [`connectors.${id}`, module])
      : [['diy', diy]]
  return modules.flatMap(([name, module]) => auditModule(name, module))
}

function auditModule(name: string, module: object): Finding[] {
  const members = membersOf(module)
  const functions = members.filter(([, value]) => typeof value === 'function')
  const groups = members.filter(([, value]) => typeof value === 'object' && value !== null)
  const findings = functions.flatMap(([key, value]) =>
    auditFunction(`${name}.${key}`, key, value as Callable),
  )
  for (const [key, group] of groups) {
    const plural = Object.hasOwn(ABBREVIATED, key) ? ABBREVIATED[key] : undefined
    if (plural !== undefined) {
      findings.push({
        level: 'error',
        rule: 'unreachable-group',
        where: `${name}.${key}`,
        message: `type "${key}" means the group "${plural}", so this one is never reached: rename it`,
      })
    }
    for (const [member, value] of membersOf(group as object)) {
      if (typeof value === 'function')
        findings.push(...auditFunction(`${name}.${key}.${member}`, member, value as Callable))
    }
  }
  if (
    functions.length > 0 &&
    groups.some(([, group]) =>
      membersOf(group as object).some(([, value]) => typeof value === 'function'),
    )
  ) {
    findings.push({
      level: 'warning',
      rule: 'mixed-groups',
      where: name,
      message:
        'functions stand both in groups and beside them; a call without a type reaches only the latter',
    })
  }
  return findings
}

type Callable = (...parameters: unknown[]) => unknown

function auditFunction(where: string, name: string, value: Callable): Finding[] {
  const findings: Finding[] = []
  const add = (level: Finding['level'], rule: string, message: string) =>
    findings.push({ level, rule, where, message })
  if (UNREACHABLE.has(name))
    add('error', 'unreachable-name', `a function named "${name}" is never called: rename it`)
  else if (name in Object.prototype)
    add('warning', 'shadowing-name', `"${name}" shadows a member of every object: rename it`)
  if (hookDefinitionOf(value) !== undefined) return findings
  const source = Function.prototype.toString.call(value)
  add(
    'warning',
    'untagged',
    'has no kind, so its answers are not checked: wrap it in preMap(…), ping(…) or another builder',
  )
  if (value.length > 2)
    add(
      'error',
      'extra-parameters',
      `declares ${value.length} parameters; a function gets options and a callback`,
    )
  if (value.length < 2 && /\barguments\s*\[\s*1\s*\]/.test(source)) {
    add(
      'error',
      'hidden-callback',
      'uses its callback without declaring it, so what it returns counts as its result: declare (options, callback)',
    )
  }
  if (value.length >= 2 && /^async\b/.test(source)) {
    add(
      'warning',
      'async-callback',
      'is async and takes a callback: keep one of them, the first to end wins',
    )
  }
  return findings
}

/** Everything a call could reach: own members and methods of the author's classes. */
function membersOf(holder: object): [string, unknown][] {
  const names = new Set<string>()
  for (
    let level: object | null = holder;
    level !== null && level !== Object.prototype && level !== Function.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(name)
  }
  if (typeof holder === 'function')
    for (const name of ['length', 'name', 'prototype', 'arguments', 'caller']) names.delete(name)
  const isInstance =
    Object.getPrototypeOf(holder) !== Object.prototype && Object.getPrototypeOf(holder) !== null
  if (isInstance) names.delete('constructor')
  return [...names].map((name) => [
    name,
    UNREACHABLE.has(name)
      ? Object.getOwnPropertyDescriptor(holder, name)?.value
      : findMember(holder, name),
  ])
}

/** Exports that AWS would be given: a third parameter stops the Node.js 24 runtime before the first call. */
export function auditExports(namespace: object): Finding[] {
  return Object.entries(namespace)
    .filter(
      ([name, value]) => name === 'handler' && typeof value === 'function' && value.length > 2,
    )
    .map(([name, value]) => ({
      level: 'error' as const,
      rule: 'lambda-parameters',
      where: name,
      message: `declares ${(value as Callable).length} parameters; the Node.js 24 runtime of Lambda refuses handlers with more than two`,
    }))
}

/** Looks for tokens that were written into a source file. The token itself is not shown. */
export async function auditSource(file: string): Promise<Finding[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.flatMap((line, index) =>
    /(?:system_?token|access_?token|bearer_?token|authorization)['"]?\s*[:=]\s*['"`](?:Bearer\s+)?[^'"`\s$]{8,}['"`]/i.test(
      line,
    )
      ? [
          {
            level: 'error' as const,
            rule: 'written-token',
            where: `${file}:${index + 1}`,
            message:
              'a token is written into the source: read it from the environment or a secret store, and rotate this one',
          },
        ]
      : [],
  )
}
