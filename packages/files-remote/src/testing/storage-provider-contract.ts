import type { StorageProvider } from '../storage-provider.ts'
import { composeChecks } from './compose-checks.ts'
import { conditionChecks, deleteConditionChecks } from './condition-checks.ts'
import { type ContractCheck, type DefineCheck, roomIn } from './contract-kit.ts'
import { doorChecks } from './door-checks.ts'
import { listCopyChecks } from './list-copy-checks.ts'
import { localFileChecks } from './local-file-checks.ts'
import { putGetChecks } from './put-get-checks.ts'
import { signedUrlChecks } from './signed-url-checks.ts'

/** Which provider to check. */
export interface StorageProviderContractOptions {
  /** Makes the provider of one check. It may be over the same store each time: every check has a prefix of its own. */
  readonly create: () => StorageProvider | Promise<StorageProvider>
  /** Sends a signed request. Default: `fetch`. Give the handler of a provider that has no server. */
  readonly send?: ((request: Request) => Promise<Response>) | undefined
}

/**
 * What every storage provider promises, as checks for any test runner:
 * `for (const check of storageProviderContract({ create })) it(check.name, check.run)`.
 * Needs no runner itself; a broken promise is a rejection with an `AssertionError`.
 */
export function storageProviderContract(options: StorageProviderContractOptions): ContractCheck[] {
  const { create, send = (request) => fetch(request) } = options
  const checks: ContractCheck[] = []
  const define: DefineCheck = (name, run) => {
    checks.push({
      name,
      run: async () => {
        const room = roomIn(await create())
        try {
          await run(room)
        } finally {
          for await (const entry of room.provider.list({ prefix: room.prefix })) {
            if (entry.kind === 'object') await room.provider.delete({ key: entry.key })
          }
        }
      },
    })
  }
  putGetChecks(define)
  conditionChecks(define)
  deleteConditionChecks(define)
  listCopyChecks(define)
  composeChecks(define)
  localFileChecks(define)
  signedUrlChecks(define, send)
  doorChecks(define)
  return checks
}
