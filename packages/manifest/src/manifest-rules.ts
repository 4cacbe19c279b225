import type { Finding } from './diagnostic.ts'

export interface RuleOptions {
  dialect: 'strict' | 'legacy'
  locales: readonly string[]
}

export function findRuleViolations(_value: unknown, _options: RuleOptions): Finding[] {
  return []
}
