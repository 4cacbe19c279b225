import { formatPath } from '../diagnostic.ts'
import { objectOf, type RuleContext } from './rule.ts'
import { checkUrlTemplate } from './url-rules.ts'

const ROOT = 'api_base_uri'

/** At least `production`, exactly one default, addresses that are addresses. */
export function checkEnvironments(
  document: Readonly<Record<string, unknown>>,
  context: RuleContext,
): void {
  if (!(ROOT in document)) return
  const environments = Object.entries(objectOf(document[ROOT]))
  const { report } = context
  if (environments.length === 0) {
    report.error('MANIFEST_ENVIRONMENT_MISSING', [ROOT], {
      message: `${ROOT} has no environment.`,
      hint: 'Add "production".',
    })
    return
  }
  if (!environments.some(([name]) => name === 'production')) {
    report.warning('MANIFEST_ENVIRONMENT_MISSING', [ROOT], {
      message: `${ROOT} has no "production".`,
      hint: 'Every app has at least that one.',
    })
  }
  const { names } = context
  for (const [name, environment] of environments)
    checkUrlTemplate(objectOf(environment).uri, [ROOT, name, 'uri'], context, names.fields)
  checkDefaults(environments, context)
}

function checkDefaults(environments: readonly [string, unknown][], { report }: RuleContext): void {
  for (const [name, environment] of environments) {
    if (objectOf(environment).default !== false) continue
    const path = [ROOT, name, 'default']
    report.warning('MANIFEST_ENVIRONMENT_DEFAULT_FALSE', path, {
      message: `${formatPath(path)} is false, which is what leaving it out means.`,
      hint: 'Remove it.',
      fix: { description: 'Remove it', changes: [{ remove: path }] },
    })
  }
  const marked = environments.filter(([, environment]) => objectOf(environment).default === true)
  for (const [name] of marked.slice(1)) {
    const path = [ROOT, name, 'default']
    report.error('MANIFEST_ENVIRONMENT_DEFAULT_DUPLICATE', path, {
      message: `"${name}" is a second default environment, besides "${marked[0]?.[0]}".`,
      hint: 'Keep "default": true on one environment only.',
      fix: { description: 'Remove it', changes: [{ remove: path }] },
    })
  }
  if (marked.length > 0) return
  const [only] = environments
  if (environments.length === 1 && only) {
    report.warning('MANIFEST_ENVIRONMENT_DEFAULT_IMPLIED', [ROOT, only[0]], {
      message: `"${only[0]}" is not marked as the default environment; as the only one it is.`,
      hint: 'Add "default": true.',
      fix: {
        description: 'Add "default": true',
        changes: [{ set: [ROOT, only[0], 'default'], value: true }],
      },
    })
    return
  }
  report.error('MANIFEST_ENVIRONMENT_DEFAULT_MISSING', [ROOT], {
    message: 'No environment is the default.',
    hint: 'Add "default": true to one of them.',
  })
}
