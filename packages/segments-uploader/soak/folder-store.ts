import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SegmentTarget } from '@mortise/segments-uploader'
import type { FaultRates } from './faults.ts'
import type { SoakStore } from './soak-store.ts'

/** A store that lives in a folder: `module` is a path whose default export makes the target of a folder. */
export async function createFolderStore(module: string, rates: FaultRates): Promise<SoakStore> {
  const folder = await mkdtemp(join(tmpdir(), 'segments-soak-store-'))
  const target = await openFolderTarget(module, folder)
  return {
    access: { kind: 'folder', module, folder, rates },
    target,
    read: async (key) => {
      if ((await target.stat({ key })) === null) return undefined
      const { body } = await target.get({ key })
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    },
    outage: async () => {}, // a folder is there or not
    faults: () => ({}),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

export async function openFolderTarget(module: string, folder: string): Promise<SegmentTarget> {
  const { default: make } = (await import(pathToFileURL(resolve(module)).href)) as {
    default: (folder: string) => SegmentTarget | Promise<SegmentTarget>
  }
  return await make(folder)
}
