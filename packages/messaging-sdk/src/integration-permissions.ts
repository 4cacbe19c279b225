import { AuthError } from '@mortise/errors'
import type { AppMeta, IntegrationContext } from './integration-context.ts'

/** The six actions that every integration has. */
export type IntegrationActionName =
  | 'i_receiveWebhook'
  | 'i_verifyWebhook'
  | 'i_sendMessage'
  | 'i_healthCheck'
  | 'i_status'
  | 'i_validateCredentials'

/** What a caller must have: one of these permissions, or the rule's yes. */
export type PermissionRule =
  | string
  | readonly string[]
  | ((ctx: IntegrationContext) => boolean | Promise<boolean>)

/** Rules by action. An action without a rule is open to whoever reaches it. */
export type IntegrationPermissions = Partial<Record<IntegrationActionName, PermissionRule>>

/** Whether the user of a call has a permission. `*` has all. */
export function hasPermission(meta: AppMeta, permission: string): boolean {
  const permissions = meta.user?.permissions ?? []
  return permissions.includes(permission) || permissions.includes('*')
}

/** Whether the user of a call has a role. */
export function hasRole(meta: AppMeta, role: string): boolean {
  return meta.user?.roles?.includes(role) ?? false
}

/** @throws {AuthError} PERMISSION_DENIED when the caller lacks what the action asks for. */
export async function requirePermission(
  action: IntegrationActionName,
  rule: PermissionRule | undefined,
  ctx: IntegrationContext,
): Promise<void> {
  if (rule === undefined || (await isAllowed(rule, ctx))) return
  const needed = typeof rule === 'function' ? 'what its rule asks for' : [rule].flat().join(' or ')
  throw new AuthError(`${action} needs ${needed}`, {
    code: 'PERMISSION_DENIED',
    outcome: 'not_sent',
  })
}

async function isAllowed(rule: PermissionRule, ctx: IntegrationContext): Promise<boolean> {
  if (typeof rule === 'function') return (await rule(ctx)) === true
  return [rule].flat().some((permission) => hasPermission(ctx.meta, permission))
}
