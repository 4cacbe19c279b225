import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { WriterTask } from './task.ts'

/** A process that is started again whenever it is killed, until it ends well. */
export interface Writer {
  readonly finished: Promise<void>
  readonly kill: () => void
  readonly kills: () => number
  readonly end: () => void
}

const PROGRAM = fileURLToPath(new URL('./writer.ts', import.meta.url))

export function startWriter(task: WriterTask, stop: AbortSignal): Writer {
  let child: ChildProcess | undefined
  let kills = 0
  const live = async () => {
    for (;;) {
      const args = ['--conditions=@mortise/source', PROGRAM, JSON.stringify(task)]
      const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const
      const running = spawn(process.execPath, args, { stdio: [...stdio] })
      child = running
      const code = await new Promise<number | null>((resolve) => running.on('exit', resolve))
      if (code === 0 || stop.aborted) return
      if (code !== null) throw new Error(`writer ${task.name} ended with code ${code}`)
    }
  }
  return {
    finished: live(),
    kill: () => {
      if (child?.kill('SIGKILL')) kills += 1
    },
    kills: () => kills,
    end: () => child?.kill('SIGKILL'),
  }
}

/** The events whose acknowledgement a writer noted. */
export async function readAcknowledged(tasks: readonly WriterTask[]): Promise<Set<string>> {
  const files = tasks.map(({ acknowledged }) => readFile(acknowledged, 'utf8'))
  const lines = (await Promise.all(files)).flatMap((text) => text.split('\n'))
  return new Set(lines.filter((line) => line !== ''))
}
