import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PermanentError } from '@mortise/errors'
import { resultsFolder } from './config.ts'

/** A folder that is this process's own until it is disposed. */
export interface ClaimedFolder extends AsyncDisposable {
  folder: string
}

const MOST_DEMOS = 100

/** The first results folder that no other demo is using: demos may run side by side. */
export async function claimFolder(cwd: string): Promise<ClaimedFolder> {
  for (let number = 1; number <= MOST_DEMOS; number += 1) {
    const folder = resultsFolder(cwd, number)
    const claim = `${folder}.pid`
    if (!(await tryClaim(claim))) continue
    return { folder, [Symbol.asyncDispose]: () => rm(claim, { force: true }) }
  }
  throw new Error(`${MOST_DEMOS} demos run here already`)
}

async function tryClaim(claim: string): Promise<boolean> {
  await makeFolder(dirname(claim))
  if (await isAlive(claim)) return false
  await rm(claim, { force: true }) // left by one that was killed
  return await writeFile(claim, String(process.pid), { flag: 'wx' }).then(
    () => true,
    () => false, // another one was faster
  )
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: Error) => {
    const message = `Results cannot be kept in ${folder}: ${cause.message}`
    throw new PermanentError(message, { code: 'DEMO_FOLDER_UNUSABLE', cause })
  })
}

async function isAlive(claim: string): Promise<boolean> {
  const pid = Number(await readFile(claim, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
