import type { Finding } from '../diagnostic.ts'
import { checkAuthentication } from './authentication-rules.ts'
import { availableNames } from './available-names.ts'
import { checkEnvironments } from './environment-rules.ts'
import { checkFields } from './field-rules.ts'
import { checkIdentity } from './identity-rules.ts'
import { checkOauth } from './oauth-rules.ts'
import { checkPing } from './ping-rules.ts'
import { createReport, objectOf } from './rule.ts'

/** What a schema cannot say: rules between properties, URLs, texts. */
export function findRuleViolations(
  value: unknown,
  options: { dialect: 'strict' | 'legacy'; locales: readonly string[] },
): Finding[] {
  const document = objectOf(value)
  const findings: Finding[] = []
  const report = createReport(options.dialect, findings)
  const context = { locales: options.locales, names: availableNames(document), report }
  checkIdentity(document, context)
  checkEnvironments(document, context)
  checkFields(document, context)
  checkAuthentication(document, context)
  checkOauth(document, context)
  checkPing(document, context)
  return findings
}
